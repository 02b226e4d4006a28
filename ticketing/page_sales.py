"""What an event page shows of its tickets: the dates to choose from, and the buy box and offer of the one shown.

Its sales are read once, whichever part of the page asks first. The page is cached for everybody, so nothing here
depends on the visitor.
"""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from common.text.direction import isolate_text
from events_pages.dates.wording import format_short_date
from ticketing.buybox import build_buy_boxes, name_sale
from ticketing.domain.catalogue import availability, offers
from ticketing.enums import OfferStatus

DATES_AT_ONCE = 8
"""To come and seen at once; the rest is behind one press."""
SAID_OF_DATE = {
    *(OfferStatus.LAST_FEW, OfferStatus.OPENS_SOON, OfferStatus.SOLD_OUT, OfferStatus.CLOSED),
    *(OfferStatus.CANCELLED, OfferStatus.POSTPONED, OfferStatus.MOVED_ONLINE, OfferStatus.PAST),
}
"""What a date says of itself where it is chosen: not what is true of nearly all."""


@dataclass(frozen=True)
class Choice:
    """`label` is when, `details` what else is said in words; `is_off` where nobody comes on that date."""

    url: str
    label: str
    details: list
    is_shown: bool
    is_off: bool = False


class PageSales:
    """`shown` is the date that the page tells of; None of a pass, or while the event has no date."""

    def __init__(self, page, shown, *, now, is_pass=False):
        self.page, self.shown, self.now, self.is_pass = page, shown, now, is_pass

    @cached_property
    def dates(self):
        return [each for each in self.page.schedule if each == self.shown or not each.is_over(self.now)]

    @cached_property
    def sales(self):
        sales = availability.list_sales_of_page(self.page, dates=self.dates)
        return [availability.build_sale_availability(sale, self.now) for sale in sales]

    @property
    def passes(self):
        return [each for each in self.sales if each.sale.is_pass]

    def list_of_date(self, performance):
        return [each for each in self.sales if each.sale.performance_id == performance.pk]

    @property
    def sold(self):
        """What is sold for the date that is shown; passes, where nothing else admits to it."""
        own = self.list_of_date(self.shown) if self.shown and not self.is_pass else []
        return own or self.passes

    @property
    def boxes(self):
        return build_buy_boxes([each.sale for each in self.sold], self.now, is_named=self.has_choices)

    @property
    def offer(self):
        """None while the event has no date."""
        date = self.shown or self.page.schedule.next(self.now)
        return offers.build_offer(self.page, date, self.sold, self.now) if date else None

    # The dates to choose from

    @cached_property
    def address(self):
        return self.page.url

    @property
    def has_choices(self):
        return len(self.dates) + len(self.passes) > 1

    @cached_property
    def pass_choices(self):
        return [self.choose_pass(each, number) for number, each in enumerate(self.passes)]

    @cached_property
    def date_choices(self):
        return [self.choose_date(each) for each in self.dates]

    @property
    def soon(self):
        return self.date_choices[:DATES_AT_ONCE]

    @property
    def later(self):
        return self.date_choices[DATES_AT_ONCE:]

    @property
    def is_later_open(self):
        return any(each.is_shown for each in self.later)

    def choose_pass(self, found, number):
        name = name_sale(found.sale, self.now) if found.sale.date_name else ""
        anchor = f"tickets-{found.sale.pk}" if number else "tickets"
        details = [name, offers.format_price_label([found]), *self.say_status(found.status)]
        return Choice(f"{self.address}pass/#{anchor}", _("All dates"), list(filter(None, details)), self.is_pass)

    def choose_date(self, performance):
        found = self.list_of_date(performance)
        status = offers.status_of_date(self.page, performance, found, self.now)
        anchor = "#tickets" if found or self.passes else ""
        return Choice(
            url=f"{self.address}dates/{performance.pk}/{anchor}",
            label=format_short_date(performance, self.now),
            details=list(filter(None, [isolate_text(performance.name), *self.say_status(status)])),
            is_shown=performance == self.shown,
            is_off=not performance.takes_place,
        )

    def say_status(self, status):
        return [str(status.label)] if status in SAID_OF_DATE else []
