"""The books in Wagtail's admin: daily reports, what differs, and SumUp's own lines. Nobody writes a figure here."""

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn, Table, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

from payments import permissions
from payments.domain import comparing, days, discrepancies, reconciliation
from payments.domain.refunds import RefundRefused
from payments.enums import DiscrepancyKind, DiscrepancyState, Explanation, MovementKind
from payments.models import Discrepancy, Movement, ReconciliationRun
from payments.permissions import ScopedList, ScopedObject
from payments.sumup.errors import SumUpError

MOST_LINES = 200  # of a day on its report; the list of movements has all
SUMS = ["gross", "refunded", "charged_back", "fees", "paid_out", "not_ours", "unmatched"]


def own_merchants(request):
    """For a filter's choices: the accounts that whoever asks may see."""
    return permissions.own_merchants(request.user)


def money(name, label, currency="currency"):
    """A column of one amount in the row's own currency."""
    return Column(name, label=label, accessor=lambda row: _in_money(row, name), sort_key=name)


def _in_money(row, name):
    currency = row.currency if isinstance(row, Movement) else row.merchant.currency
    value = getattr(row, name)
    return "–" if value is None else comparing.in_money(value, currency)


class MerchantFilter(WagtailFilterSet):
    merchant = django_filters.ModelChoiceFilter(queryset=own_merchants, label=_("Merchant"))


class BookIndexView(ScopedList, generic.IndexView):
    any_permission_required = ["view"]

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("merchant")


class BookInspectView(ScopedObject, generic.InspectView):
    any_permission_required = ["view"]

    def get_field_display_value(self, field_name, field):
        if field_name in {*SUMS, "amount", "fee"}:
            return _in_money(self.object, field_name)
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value


class BookHistoryView(ScopedObject, HistoryView):
    any_permission_required = ["view"]
    header_buttons = []

    def get_edit_url(self, instance):
        """Where the breadcrumb leads: nobody edits, so to the row itself."""
        return self.get_inspect_url(instance)

    def get_inspect_url(self, instance):
        return reverse(self.inspect_url_name, args=[instance.pk])


class BookViewSet(ModelViewSet):
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = BookIndexView
    inspect_view_class = BookInspectView
    list_per_page = 50

    @property
    def history_view_class(self):
        return type("HistoryView", (BookHistoryView,), {"inspect_url_name": self.get_url_name("inspect")})


# Daily reports


class RunFilterSet(MerchantFilter):
    day = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)
    unfinished = django_filters.BooleanFilter("finished_at", lookup_expr="isnull", label=_("Not read to the end"))

    class Meta:
        model = ReconciliationRun
        fields = ["merchant", "day"]


class RunInspectView(BookInspectView):
    template_name = "payments/admin/daily_report.html"

    def get_context_data(self, **kwargs):
        run = self.object
        began, ended = days.bounds(run.day)
        lines = Movement.objects.filter(merchant=run.merchant, at__gte=began, at__lt=ended).select_related("payment")
        differing = Discrepancy.objects.filter(merchant=run.merchant, day=run.day).select_related("merchant")
        that_day = urlencode({"merchant": run.merchant_id, "at_from": run.day, "at_to": run.day})
        return super().get_context_data(**kwargs) | {
            "sentence": reconciliation.report_line(run),
            "lines": Table(movement_columns(), lines.order_by("at", "id")[:MOST_LINES]),
            "differing": Table(discrepancy_columns(), differing[:MOST_LINES]),
            "all_lines_url": f"{reverse('movements:index')}?{that_day}",
            "may_walk": self.request.user.has_perm("payments.change_discrepancy"),
        }


class RunViewSet(BookViewSet):
    model = ReconciliationRun
    name = "daily_reports"
    url_prefix = "money/reports"
    icon = "calendar-check"
    menu_label = _("Daily reports")
    inspect_view_class = RunInspectView
    inspect_view_fields = ["merchant", "day", "payments", "orders", *SUMS, "started_at", "finished_at", "error"]
    filterset_class = RunFilterSet
    form_fields = ["day"]
    list_display = [
        Column("day", label=_("Day"), sort_key="day", accessor="day"),
        "merchant",
        Column("payments", label=_("Payments"), sort_key="payments"),
        Column("orders", label=_("Orders"), sort_key="orders"),
        money("gross", _("Taken")),
        money("refunded", _("Given back")),
        money("fees", _("SumUp fees")),
        money("paid_out", _("Paid out")),
        money("unmatched", _("Unmatched")),
        StatusTagColumn(
            "open_discrepancies",
            label=_("Open"),
            accessor=lambda run: run.open_discrepancies if run.finished_at else _("not read to the end"),
            primary=lambda run: bool(run.finished_at) and not run.open_discrepancies,
        ),
    ]
    list_export = ["day", "merchant", "payments", "orders", *SUMS, "open_discrepancies", "finished_at", "error"]
    export_filename = "daily-reports"

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("walk/<int:pk>/", walk_again, name="walk")]


@require_POST
def walk_again(request, pk):
    """Staff who may close discrepancies read the day at SumUp again. It changes no figure by itself."""
    run = _own(request, ReconciliationRun, pk)
    run = reconciliation.reconcile(run.merchant, run.day)
    tell = messages.success if run.finished_at else messages.error
    tell(request, reconciliation.report_line(run))
    return redirect("daily_reports:inspect", run.pk)


# What differs


def discrepancy_columns():
    return [
        TitleColumn(
            "sentence",
            label=_("What differs"),
            get_url=lambda row: reverse("discrepancies:inspect", args=[row.pk]),
        ),
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
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
        "sentence",
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
    row = _own(request, Discrepancy, pk)
    try:
        discrepancies.look_again(row)
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
    row = _own(request, Discrepancy, pk, *(["payments.add_refund"] if how == Explanation.REFUNDED else []))
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


def _own(request, model, pk, *verbs):
    """The row, for those who may close discrepancies and see its merchant."""
    row = get_object_or_404(model.objects.select_related("merchant"), pk=pk)
    own = policy_registry.get_by_type(model).user_has_permission_for_instance(request.user, "view", row)
    if not own or not request.user.has_perms(["payments.change_discrepancy", *verbs]):
        raise PermissionDenied
    return row


# SumUp's own lines


def movement_columns():
    return [
        DateColumn("at", label=_("When"), sort_key="at"),
        Column("kind", label=_("What"), accessor="get_kind_display", sort_key="kind"),
        money("amount", _("Amount")),
        money("fee", _("Fee")),
        Column("status", label=_("SumUp says")),
        Column("transaction_code", label=_("Transaction")),
        Column("payment", label=_("Payment"), accessor=lambda row: row.payment or "–"),
    ]


class MovementFilterSet(MerchantFilter):
    kind = django_filters.MultipleChoiceFilter(choices=MovementKind.choices, label=_("What"))
    at = django_filters.DateFromToRangeFilter(label=_("When"), widget=DateRangePickerWidget)
    unmatched = django_filters.BooleanFilter("payment", lookup_expr="isnull", label=_("Without a payment of ours"))

    class Meta:
        model = Movement
        fields = ["kind", "merchant", "at"]


class MovementIndexView(BookIndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("payment")


class MovementViewSet(BookViewSet):
    model = Movement
    name = "movements"
    url_prefix = "money/movements"
    icon = "list-ul"
    menu_label = _("SumUp’s list")
    index_view_class = MovementIndexView
    inspect_view_fields = ["merchant", "kind", "at", "amount", "currency", "status", "payment_type", "summary", "fee"]
    inspect_view_fields += ["payment", "transaction_code", "transaction_id", "sumup_id", "payout_reference"]
    inspect_view_fields += ["payout_date", "seen_at"]
    filterset_class = MovementFilterSet
    form_fields = ["status"]
    search_fields = ["transaction_code", "transaction_id", "sumup_id", "payout_reference", "summary"]
    list_display = [*movement_columns(), "merchant", BooleanColumn("payout_reference", label=_("Paid out"))]
    list_export = ["at", "merchant", "kind", "amount", "currency", "fee", "status", "payment_type", "summary"]
    list_export += ["transaction_code", "transaction_id", "payment", "payout_reference", "payout_date"]
    export_filename = "movements"


class MoneyViewSetGroup(ViewSetGroup):
    menu_label = _("Money")
    menu_icon = "list-ol"
    menu_order = 230
    items = (RunViewSet, DiscrepancyViewSet, MovementViewSet)
