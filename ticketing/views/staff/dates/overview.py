"""The screen itself: a row for each date, with its sales' numbers, and the passes above them."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from events_pages.models import Performance
from ticketing.domain.catalogue import availability, offers, pricing
from ticketing.domain.changes import drafts
from ticketing.domain.dates.seats import SeatCount, count_seats
from ticketing.models import EventSale
from ticketing.views.staff.dates.base import DATES_PER_PAGE, DatesView, list_shown_dates


@dataclass(frozen=True)
class SaleRow:
    standing: availability.SaleAvailability
    seats: SeatCount
    by_passes: int = 0
    """Seats of a date that passes have taken, sold or held."""

    @property
    def sale(self):
        return self.standing.sale

    @property
    def price(self):
        return offers.format_price_label([self.standing])

    @property
    def action(self):
        return "stop" if self.sale.is_active else "resume"

    @property
    def taken_share(self):
        """Percent."""
        return min(100, 100 * self.sale.allocated // self.sale.capacity) if self.sale.capacity else 0


@dataclass(frozen=True)
class DateRow:
    performance: Performance
    sales: list[SaleRow]
    is_over: bool
    address: str
    """Of the public page that shows this date."""


class DatesOverview(DatesView):
    page_title = gettext_lazy("Dates and tickets")
    template_name = "ticketing/admin/dates/overview.html"

    def get(self, request, **kwargs):
        found = Paginator(self.chosen, DATES_PER_PAGE).get_page(request.GET.get("p"))
        rows, passes = self.build_rows(list(found))
        return self.page(
            rows=rows,
            passes=passes,
            page_obj=found,
            shows_past=self.shows_past,
            number_past=len(self.event.schedule) - len(self.to_come),
            number_to_come=len(self.to_come),
            number_untold=drafts.count_drafts(self.event),
            all_ticked="all" in request.GET,
            query=f"&p={found.number}" if found.number > 1 else "",
        )

    @cached_property
    def now(self):
        return timezone.now()

    @cached_property
    def shows_past(self):
        return "past" in self.request.GET

    @cached_property
    def to_come(self):
        return self.event.schedule.to_come(self.now)

    @cached_property
    def chosen(self):
        return list_shown_dates(self.event.schedule, past=self.shows_past, now=self.now)

    def build_rows(self, dates):
        sales = EventSale.objects.filter(Q(performance__in=dates) | Q(performance=None), page=self.event)
        sales = list(pricing.with_merchant_status(sales).order_by("pk").prefetch_related("ticket_types"))
        prefetch_related_objects(dates, "former_venue")
        seats, by_number = count_seats(sales), {each.pk: each for each in dates}
        of_date = {pk: [] for pk in [*by_number, None]}
        in_passes = sum(sale.allocated for sale in sales if sale.takes_date_seats)
        for sale in sales:
            sale.page, sale.performance = self.event, by_number.get(sale.performance_id)
            standing = availability.build_sale_availability(sale, self.now)
            row = SaleRow(standing, seats[sale.pk], by_passes=0 if sale.is_pass else in_passes)
            of_date[sale.performance_id].append(row)
        address = self.event.get_url(self.request) if self.event.live else ""
        return [self.build_row(each, of_date[each.pk], address) for each in dates], of_date[None]

    def build_row(self, date, sales, address):
        own = f"{address}{self.event.reverse_subpage('date', args=[date.pk])}" if address else ""
        return DateRow(date, sales, date.is_over(self.now), own)

    def own_breadcrumbs(self):
        return super().own_breadcrumbs()[-1:]
