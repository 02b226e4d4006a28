"""What differs, and the buttons that close it: verify now, accept, not ours, refund."""

import django_filters
from django.contrib import messages
from django.db.models import F
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from payments.books.base import BookIndexView, BookInspectView, BookViewSet, MerchantFilter, closable, money
from payments.domain import discrepancies, reconciliation
from payments.domain.refunds import RefundRefused
from payments.enums import DiscrepancyKind, DiscrepancyState, Explanation
from payments.models import Discrepancy, ReconciliationRun
from payments.sumup.errors import SumUpError


def discrepancy_columns():
    return [
        TitleColumn(
            "sentence",
            label=_("What differs"),
            get_url=lambda row: reverse("discrepancies:inspect", args=[row.pk]),
        ),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        money("amount", _("Amount")),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor=in_words,
            primary=lambda row: row.state != DiscrepancyState.OPEN,
        ),
    ]


def in_words(row):
    return row.get_explanation_display() if row.explanation else row.get_state_display()


class DiscrepancyFilterSet(MerchantFilter):
    state = django_filters.MultipleChoiceFilter(choices=DiscrepancyState.choices, label=_("State"))
    kind = django_filters.MultipleChoiceFilter(choices=DiscrepancyKind.choices, label=_("Kind"))
    day = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    class Meta:
        model = Discrepancy
        fields = ["state", "kind", "merchant", "day"]


class DiscrepancyIndexView(BookIndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("payment", "explained_by")

    def order_queryset(self, queryset):
        """Open ones first, unless somebody sorts."""
        if self.request.GET.get("ordering"):
            return super().order_queryset(queryset)
        return queryset.order_by(F("closed_at").desc(nulls_first=True), "-day", "-id")


class DiscrepancyInspectView(BookInspectView):
    template_name = "payments/admin/discrepancy.html"

    def get_context_data(self, **kwargs):
        row, user = self.object, self.request.user
        is_open = row.state == DiscrepancyState.OPEN
        return super().get_context_data(**kwargs) | {
            "may_close": is_open and user.has_perm("payments.change_discrepancy"),
            "may_refund": discrepancies.can_refund(row) and user.has_perm("payments.add_refund"),
            "report": ReconciliationRun.objects.filter(merchant=row.merchant, day=row.day).first(),
        }


class DiscrepancyViewSet(BookViewSet):
    model = Discrepancy
    name = "discrepancies"
    url_prefix = "money/discrepancies"
    icon = "warning"
    menu_label = _("Discrepancies")
    index_view_class = DiscrepancyIndexView
    inspect_view_class = DiscrepancyInspectView
    inspect_view_fields = [
        "kind",
        "amount",
        "merchant",
        "day",
        "transaction_id",
        "payment",
        "state",
        "explanation",
        "reason",
        "explained_by",
        "refund",
        "found_at",
        "closed_at",
    ]
    filterset_class = DiscrepancyFilterSet
    form_fields = ["reason"]
    search_fields = ["sentence", "transaction_id", "key"]
    list_display = [*discrepancy_columns(), "merchant", Column("day", label=_("Day"), sort_key="day")]
    list_export = ["day", "merchant", "kind", "sentence", "amount", "state", "explanation", "reason", "explained_by"]
    list_export += ["transaction_id", "payment", "found_at", "closed_at"]
    export_filename = "discrepancies"

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("verify/<int:pk>/", verify_now, name="verify"),
            path("close/<int:pk>/", close, name="close"),
        ]


@require_POST
def verify_now(request, pk):
    """Staff who may close it. SumUp is asked about this one; the day is compared again."""
    row = closable(request, Discrepancy, pk)
    try:
        discrepancies.look_again(row, by=request.user)
    except SumUpError as error:
        messages.error(request, _("SumUp did not answer: %(error)s") % {"error": error})
        return redirect("discrepancies:inspect", pk)
    reconciliation.compare(row.merchant, row.day)
    row.refresh_from_db()
    messages.success(request, _("SumUp was asked. This is %(state)s.") % {"state": in_words(row)})
    return redirect("discrepancies:inspect", pk)


@require_POST
def close(request, pk):
    """Staff with the permission to change discrepancies, for a refund also that to add refunds; a reason is asked."""
    how = request.POST.get("how", "")
    row = closable(request, Discrepancy, pk, *(["payments.add_refund"] if how == Explanation.REFUNDED else []))
    try:
        _close(row, how, by=request.user, reason=request.POST.get("reason", ""))
    except (discrepancies.NotExplained, RefundRefused) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Closed: %(how)s.") % {"how": Explanation(how).label})
    return redirect("discrepancies:inspect", pk)


def _close(row, how, **given):
    if how == Explanation.REFUNDED:
        discrepancies.refund(row, **given)
    elif how in Explanation.values:
        discrepancies.explain(row, how, **given)
    else:
        raise discrepancies.NotExplained(_("Say how it is to be closed."))
    reconciliation.count_again(row.merchant, row.day)
