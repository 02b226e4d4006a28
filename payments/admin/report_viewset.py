"""Daily reports in the admin: what came in for a merchant, what went back, what differs."""

import django_filters
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, StatusTagColumn, Table

from payments.admin.base_viewset import (
    SUMS,
    MerchantFilter,
    MoneyInspectView,
    MoneyViewSet,
    get_closable_row,
    money_column,
)
from payments.admin.discrepancy_viewset import discrepancy_columns
from payments.admin.movement_viewset import movement_columns
from payments.domain.reconciliation import days, runs
from payments.enums import MovementKind
from payments.models import Discrepancy, Movement, ReconciliationRun

SELDOM = {"charged_back", "not_ours"}  # on the report, not in the list
FEE_UNKNOWN = {"kind": MovementKind.PAYMENT, "payment__isnull": False, "fee": None}
MOST_LINES = 200  # of a day on its report; the list of movements has all


class RunFilterSet(MerchantFilter):
    day = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)
    unfinished = django_filters.BooleanFilter("finished_at", lookup_expr="isnull", label=_("Not read to the end"))

    class Meta:
        model = ReconciliationRun
        fields = ["merchant", "day"]


class RunInspectView(MoneyInspectView):
    template_name = "payments/admin/daily_report.html"

    def get_field_display_value(self, field_name, field):
        """SumUp names a fee when it pays out: until then their sum is not the whole."""
        shown = super().get_field_display_value(field_name, field)
        unknown = self.lines.filter(**FEE_UNKNOWN).count() if field_name == "fees" else 0
        if not unknown:
            return shown
        words = ngettext("%(sum)s; one fee is not known yet", "%(sum)s; %(count)d fees are not known yet", unknown)
        return words % {"sum": shown, "count": unknown}

    @cached_property
    def lines(self):
        began, ended = days.day_bounds(self.object.day)
        return Movement.objects.filter(merchant=self.object.merchant, at__gte=began, at__lt=ended)

    def get_context_data(self, **kwargs):
        run = self.object
        differing = Discrepancy.objects.filter(merchant=run.merchant, day=run.day).select_related("merchant")
        that_day = urlencode({"merchant": run.merchant_id, "at_from": run.day, "at_to": run.day})
        return super().get_context_data(**kwargs) | {
            "sentence": runs.describe_run(run),
            "lines": Table(
                [Column("line", label=_("Line"), accessor=str), *movement_columns()],
                self.lines.select_related("payment").order_by("at", "id")[:MOST_LINES],
            ),
            "differing": Table(discrepancy_columns(), differing[:MOST_LINES]),
            "all_lines_url": f"{reverse('movements:index')}?{that_day}",
            "may_walk": self.request.user.has_perm("payments.change_discrepancy"),
        }


class RunViewSet(MoneyViewSet):
    model = ReconciliationRun
    name = "daily_reports"
    url_prefix = "money/reports"
    icon = "calendar-check"
    menu_label = _("Daily reports")
    inspect_view_class = RunInspectView
    inspect_view_fields = ["merchant", "day", "payments", "orders", *SUMS, "started_at", "finished_at", "error"]
    filterset_class = RunFilterSet
    form_fields = ["day"]
    ordering = ["-day", "-pk"]
    list_display = [
        "day",
        "merchant",
        Column("payments", label=_("Payments")),
        Column("orders", label=_("Orders")),
        *(money_column(name, capfirst(field.verbose_name)) for name, field in SUMS.items() if name not in SELDOM),
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
        return [*super().get_urlpatterns(), path("walk/<int:pk>/", reread_day, name="walk")]


@require_POST
def reread_day(request, pk):
    """Staff who may close discrepancies read the day at SumUp again. It changes no figure by itself."""
    run = get_closable_row(request, ReconciliationRun, pk)
    run = runs.reconcile_day(run.merchant, run.day)
    tell = messages.success if run.finished_at else messages.error
    tell(request, runs.describe_run(run))
    return redirect("daily_reports:inspect", run.pk)
