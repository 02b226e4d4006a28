"""Many dates at once by a rule: write it, see every date in words, untick what shall not be, then make them all."""

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.series import describe_rule
from events_pages.models import Performance
from ticketing.admin.series_form import SeriesForm
from ticketing.domain.dates import sales
from ticketing.domain.dates.series import add_series, plan_series
from ticketing.views.staff.dates.base import PlannedDatesView


class SeriesView(PlannedDatesView):
    page_title = gettext_lazy("Add a series")
    template_name = "ticketing/admin/dates/series.html"

    @cached_property
    def with_sales(self):
        if not self.rights.sells:
            return Performance.objects.none()
        return self.event.performances.exclude(sales=None).distinct()

    def build_form(self, data=None):
        source = sales.find_date_to_copy(self.event) if data is None and self.rights.sells else None
        sells = bool(source) and source.sales.filter(is_active=True).exists()
        return SeriesForm(
            data,
            initial={"tickets_of": source, "sells": sells},
            page=self.event,
            user=self.request.user,
            with_sales=self.with_sales,
        )

    def preview(self, form, *, ticked=None, error="", status=200):
        planned = plan_series(self.event, form.series)
        self.template_name = "ticketing/admin/dates/series_preview.html"
        return self.page(
            form=form,
            planned=[(each, not each.is_there and (ticked is None or each.key in ticked)) for each in planned],
            number_free=sum(not each.is_there for each in planned),
            words=self.describe(form.series),
            error=error,
            status=status,
        )

    def describe(self, series):
        first = to_island_clock(series.starts_at).date()
        return describe_rule(series.rule, to_island_clock(timezone.now()).date(), first_day=first)

    def add(self, form, ticked):
        source = form.cleaned_data.get("tickets_of")
        is_active = None if form.cleaned_data.get("sells") else False
        return add_series(self.event, form.series, ticked, tickets_of=source, is_active=is_active, by=self.request.user)
