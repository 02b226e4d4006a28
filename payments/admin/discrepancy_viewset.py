"""Discrepancies in the admin, and the buttons that close them: verify now, accept, not ours, refund."""

import django_filters
from django.contrib import messages
from django.db.models import F
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from payments.admin.base_viewset import (
    FoundByPayment,
    MerchantFilter,
    MoneyIndexView,
    MoneyInspectView,
    MoneyViewSet,
    get_closable_row,
    money_column,
)
from payments.domain.reconciliation import discrepancies, runs
from payments.domain.refunds.requests import RefundRefused
from payments.enums import DiscrepancyKind, DiscrepancyState, Explanation
from payments.models import Discrepancy, ReconciliationRun
from payments.provider import ProviderError


def discrepancy_columns():
    return [
        TitleColumn(
            "sentence",
            label=_("What differs"),
            get_url=lambda row: reverse("discrepancies:inspect", args=[row.pk]),
        ),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        money_column("amount", _("Amount")),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor=describe_state,
            primary=lambda row: row.state != DiscrepancyState.OPEN,
        ),
    ]


def describe_state(row):
    return row.get_explanation_display() if row.explanation else row.get_state_display()


class DiscrepancyFilterSet(MerchantFilter):
    state = django_filters.MultipleChoiceFilter(choices=DiscrepancyState.choices, label=_("State"))
    kind = django_filters.MultipleChoiceFilter(choices=DiscrepancyKind.choices, label=_("Kind"))
    day = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    class Meta:
        model = Discrepancy
        fields = ["state", "kind", "merchant", "day"]


class DiscrepancyIndexView(FoundByPayment, MoneyIndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("payment", "explained_by")

    def order_queryset(self, queryset):
        if self.request.GET.get("ordering"):
            return super().order_queryset(queryset)
        return queryset.order_by(F("closed_at").desc(nulls_first=True), "-day", "-id")


class DiscrepancyInspectView(MoneyInspectView):
    template_name = "payments/admin/discrepancy.html"

    def get_context_data(self, **kwargs):
        row, user = self.object, self.request.user
        is_open = row.state == DiscrepancyState.OPEN
        return super().get_context_data(**kwargs) | {
            "may_close": is_open and user.has_perm("payments.change_discrepancy"),
            "may_refund": discrepancies.can_refund_discrepancy(row) and user.has_perm("payments.add_refund"),
            "report": ReconciliationRun.objects.filter(merchant=row.merchant, day=row.day).first(),
        }


class DiscrepancyViewSet(MoneyViewSet):
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
    search_fields = ["transaction_id", "key"]
    list_display = [*discrepancy_columns(), "merchant", Column("day", label=_("Day"))]
    list_export = ["day", "merchant", "kind", "sentence", "amount", "state", "explanation", "reason", "explained_by"]
    list_export += ["transaction_id", "payment", "found_at", "closed_at"]
    export_filename = "discrepancies"

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("verify/<int:pk>/", recheck_now, name="verify"),
            path("close/<int:pk>/", close_discrepancy, name="close"),
        ]


@require_POST
def recheck_now(request, pk):
    """Staff who may close it. SumUp is asked about this one; the day is compared again."""
    row = get_closable_row(request, Discrepancy, pk)
    try:
        discrepancies.recheck_discrepancy(row, by=request.user)
    except ProviderError as error:
        messages.error(request, _("SumUp did not answer: %(error)s") % {"error": error})
        return redirect("discrepancies:inspect", pk)
    runs.compare_day(row.merchant, row.day)
    row.refresh_from_db()
    messages.success(request, _("SumUp was asked. This is %(state)s.") % {"state": describe_state(row)})
    return redirect("discrepancies:inspect", pk)


@require_POST
def close_discrepancy(request, pk):
    """Staff with the permission to change discrepancies, for a refund also that to add refunds; a reason is asked."""
    how = request.POST.get("how", "")
    row = get_closable_row(request, Discrepancy, pk, *(["payments.add_refund"] if how == Explanation.REFUNDED else []))
    try:
        _close(row, how, by=request.user, reason=request.POST.get("reason", ""))
    except (discrepancies.NotExplained, RefundRefused) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Closed: %(how)s.") % {"how": Explanation(how).label})
    return redirect("discrepancies:inspect", pk)


def _close(row, how, **given):
    if how == Explanation.REFUNDED:
        discrepancies.refund_discrepancy(row, **given)
    elif how in Explanation.values:
        discrepancies.explain_discrepancy(row, how, **given)
    else:
        raise discrepancies.NotExplained(_("Say how it is to be closed."))
    runs.update_open_sums(row.merchant, row.day)
