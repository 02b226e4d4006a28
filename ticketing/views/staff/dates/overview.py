"""The screen itself: a row for each date, with its sales' numbers, and the passes above them."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets.button import HeaderButton

from events_pages.models import Performance
from ticketing.domain.catalogue import availability, offers, pricing
from ticketing.domain.changes import drafts
from ticketing.domain.dates.seats import SeatCount, count_seats
from ticketing.models import EventSale
from ticketing.views.staff.dates.base import DatesView

DATES_PER_PAGE = 50


@dataclass(frozen=True)
class SaleRow:
    standing: availability.SaleAvailability
    seats: SeatCount

    @property
    def sale(self):
        return self.standing.sale

    @property
    def price(self):
        return offers.format_price_label([self.standing])

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

    @property
    def change_url(self):
        """Where it is called off or moved."""
        return reverse("performance_change", args=[self.performance.pk])


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
            number_to_tell=drafts.count_drafts(self.event),
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
        """What is over begins with what was last."""
        if not self.shows_past:
            return self.to_come
        return [each for each in reversed(list(self.event.schedule)) if each.is_over(self.now)]

    def build_rows(self, dates):
        sales = EventSale.objects.filter(Q(performance__in=dates) | Q(performance=None), page=self.event)
        sales = list(pricing.with_merchant_status(sales).order_by("pk").prefetch_related("ticket_types"))
        prefetch_related_objects(dates, "former_venue")
        seats, by_number = count_seats(sales), {each.pk: each for each in dates}
        of_date = {pk: [] for pk in [*by_number, None]}
        for sale in sales:
            sale.page, sale.performance = self.event, by_number.get(sale.performance_id)
            standing = availability.build_sale_availability(sale, self.now)
            of_date[sale.performance_id].append(SaleRow(standing, seats[sale.pk]))
        address = self.event.get_url(self.request) if self.event.live else ""
        return [self.build_row(each, of_date[each.pk], address) for each in dates], of_date[None]

    def build_row(self, date, sales, address):
        own = f"{address}{self.event.reverse_subpage('date', args=[date.pk])}" if address else ""
        return DateRow(date, sales, date.is_over(self.now), own)

    def own_breadcrumbs(self):
        return super().own_breadcrumbs()[-1:]

    @cached_property
    def header_buttons(self):
        add = reverse("dates:add", args=[self.event.pk])
        series = reverse("dates:series", args=[self.event.pk])
        return [
            HeaderButton(_("Add a date"), add, icon_name="plus", priority=10),
            HeaderButton(_("Add a series"), series, icon_name="calendar", priority=20),
        ]
