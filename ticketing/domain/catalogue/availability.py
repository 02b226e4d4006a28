"""Availability: what may be bought now, and why not.

Functions of loaded rows, and of the maintenance that closes every sale; nothing here changes a row.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.text.direction import isolate_text
from common.text.typed_codes import is_same_code
from events_pages.enums import Entry, PerformanceStatus
from events_pages.models import EventPage
from protection.visitors import maintenance
from ticketing.domain.catalogue import pricing
from ticketing.domain.errors import LimitExceeded, NotOnSale
from ticketing.enums import OfferStatus
from ticketing.models import EventSale, TicketType

SELLING_PAGE_FIELDS = {
    *("id", "page_ptr", "title", "live", "entry", "venue", "url_path"),
    *("organiser", "refund_rule"),
}
LOW_STOCK = 10
"""From this many seats on, a buyer is told how many are left."""

DATE_STATUS = {
    PerformanceStatus.CANCELLED: (OfferStatus.CANCELLED, _("This date is called off.")),
    PerformanceStatus.POSTPONED: (
        OfferStatus.POSTPONED,
        _("This date is postponed: tickets come back with the new one."),
    ),
}
SOLD_ELSEWHERE = (OfferStatus.ELSEWHERE, _("Tickets for this event are sold elsewhere."))
BEST_FIRST = [
    OfferStatus.ON_SALE,
    OfferStatus.LAST_FEW,
    OfferStatus.OPENS_SOON,
    OfferStatus.LATER,
    OfferStatus.SOLD_OUT,
    OfferStatus.CLOSED,
    OfferStatus.PAST,
]


@dataclass(frozen=True)
class TypeAvailability:
    """`remaining` is None unless it is low; `room` is how many one order may have of it now."""

    ticket_type: TicketType
    price: Decimal
    fee: Decimal
    status: OfferStatus
    reason: str
    remaining: int | None
    room: int

    @property
    def can_buy(self):
        return not self.reason

    @property
    def price_label(self):
        return pricing.format_price(self.price)


@dataclass(frozen=True)
class SaleAvailability:
    """`remaining` is None unless it is low; `reason` is why nothing can be bought, "" when something can."""

    sale: EventSale
    status: OfferStatus
    reason: str
    remaining: int | None
    types: list[TypeAvailability]

    @property
    def can_buy(self):
        return any(one.can_buy for one in self.types)

    @property
    def sentence(self):
        # For staff: “Sales closed: This event is not published.”
        label = str(self.status.label)
        return f"{label}: {self.reason}" if self.reason and self.reason != f"{label}." else label

    @property
    def has_hidden(self):
        return any(one.access_code and one.is_active for one in self.sale.ticket_types.all())


def why_sale_closed(sale, now):
    """Why nothing of this sale can be sold at `now` (aware UTC), in one sentence; "" when it can.

    Stock does not count here: `SoldOut` comes from the allocation, which knows.
    """
    return _closed_status(sale, now)[1]


def why_sale_stopped(sale):
    """Why not even what is held may be bought any more; "" while it may."""
    return _stopped_status(sale)[1]


def why_performance_over(sale, now):
    return _("This performance has begun or is over.") if is_begun(sale, now) else ""


def is_begun(sale, now):
    """A pass is of use until the last date begins."""
    return sale.last_start is None or now >= max(sale.last_start, sales_end_of(sale))


def why_type_closed(ticket_type, now):
    return _closed_type_status(ticket_type, now)[1]


def build_sale_availability(sale, now, *, code=""):
    """The SaleAvailability; hidden types are in it only when `code` shows them. The sale's types must be loaded."""
    status, reason = _closed_status(sale, now)
    types = [
        _build_type_availability(one, now, status, reason)
        for one in sale.ticket_types.all()
        if one.is_active and is_shown_for_code(one, code)
    ]
    if not reason:
        status, reason = _sale_status(sale, types)
    remaining = seats_left(sale)
    return SaleAvailability(sale, status, reason, remaining if remaining <= LOW_STOCK else None, types)


def is_shown_for_code(ticket_type, code):
    """In constant time, however the code is typed."""
    wanted = ticket_type.access_code.strip()
    return not wanted or is_same_code(code, wanted)


def seats_left(sale):
    """Of a pass that takes a seat on every date no more than the fullest date has."""
    return max(min(each.capacity - each.allocated for each in (sale, *sale.date_sales)), 0)


def seats_left_of_type(ticket_type):
    left = seats_left(ticket_type.sale)
    return left if ticket_type.limit is None else max(min(left, ticket_type.limit - ticket_type.allocated), 0)


def check_on_sale(types, *, now, reads=None):
    """Raises NotOnSale when these types of one sale are not for sale at `now`, or its page is not for this visitor.

    `reads(page)` says whether the visitor may see it; None asks nobody. Limits, codes and stock do not count here.
    """
    check_page_reader(types[0].sale.page, reads)
    if reason := why_sale_closed(types[0].sale, now):
        raise NotOnSale(reason)
    for ticket_type in types:
        if reason := why_type_closed(ticket_type, now):
            raise NotOnSale(reason)


def check_page_reader(page, reads):
    if reads is not None and not reads(page):
        raise NotOnSale(_("This event is private now. Open its page again before you take tickets."))


def check_access_codes(types, *, code):
    if not all(is_shown_for_code(ticket_type, code) for ticket_type in types):
        raise NotOnSale(_("This ticket needs its access code."))


def check_order_limits(*, quantities, types):
    """Least and most per order, per type and for the sale; `quantities` is {type id: all that the order has}.
    Raises LimitExceeded.
    """
    for type_id, number in quantities.items():
        _check_number(types[type_id], number)
    most = next(iter(types.values())).sale.max_per_order
    if sum(quantities.values()) > most:
        raise LimitExceeded(_at_most_words(most))


def list_sales_of_page(page, *, dates=None):
    """In the order of their dates, passes first, with all that `availability` reads; two queries. `dates` are the
    performances to look at, all of the page without them.
    """
    if page.pk is None:
        return []  # in the preview of a new page
    sales = EventSale.objects.filter(page=page).select_related("performance__venue")
    if dates is not None:
        sales = sales.filter(Q(performance=None) | Q(performance__in=[each.pk for each in dates]))
    sales = list(pricing.with_merchant_status(sales).prefetch_related("ticket_types"))
    for sale in sales:
        sale.page = page
    return sorted(sales, key=lambda sale: not sale.is_pass)


def find_sale(sale_id):
    sales = EventSale.objects.select_related("page", "performance__venue")
    return pricing.with_merchant_status(sales).prefetch_related("ticket_types").get(pk=sale_id)


@cache
def unneeded_page_fields(path):
    """For `defer`: a page has dozens of columns, selling needs a handful; `path` leads to the page."""
    return tuple(
        f"{path}__{one.name}" for one in EventPage._meta.concrete_fields if one.name not in SELLING_PAGE_FIELDS
    )


def format_short_moment(when):
    return date_format(localtime(when), "D j F, G:i")


def sales_end_of(sale):
    return sale.closes_at or sale.last_start


def _stopped_status(sale):
    if sale.page.entry == Entry.ELSEWHERE:
        return SOLD_ELSEWHERE
    if sale.status in DATE_STATUS:
        return DATE_STATUS[sale.status]
    if not sale.page.live:
        return OfferStatus.CLOSED, _("This event is not published.")
    if not sale.is_active:
        return OfferStatus.CLOSED, _("Ticket sales are stopped.")
    return OfferStatus.ON_SALE, ""


def _closed_status(sale, now):
    status, reason = _stopped_status(sale)
    if reason and status != OfferStatus.CLOSED:
        return status, reason
    if over := why_performance_over(sale, now):
        return OfferStatus.PAST, over
    if reason:
        return status, reason
    if paused := maintenance.current_sentence():
        return OfferStatus.CLOSED, paused
    return _window_status(sale.opens_at, sales_end_of(sale), now)


def _window_status(opens_at, closes_at, now):
    if opens_at and now < opens_at:
        return OfferStatus.OPENS_SOON, _("On sale %(when)s.") % {"when": format_short_moment(opens_at)}
    if closes_at and now >= closes_at:
        return OfferStatus.CLOSED, _("Sales ended %(when)s.") % {"when": format_short_moment(closes_at)}
    return OfferStatus.ON_SALE, ""


def _closed_type_status(ticket_type, now):
    if not ticket_type.is_active:
        return OfferStatus.CLOSED, _("This ticket is not sold any more.")
    if ticket_type.price > 0 and (unpayable := pricing.why_unpayable(ticket_type.sale)):
        return OfferStatus.CLOSED, unpayable
    if ticket_type.opens_at and now < ticket_type.opens_at:
        when = {"name": isolate_text(ticket_type.name), "when": format_short_moment(ticket_type.opens_at)}
        return OfferStatus.OPENS_SOON, _("%(name)s: on sale %(when)s.") % when
    if ticket_type.closes_at and now >= ticket_type.closes_at:
        when = {"name": isolate_text(ticket_type.name), "when": format_short_moment(ticket_type.closes_at)}
        return OfferStatus.CLOSED, _("%(name)s ended %(when)s.") % when
    return OfferStatus.ON_SALE, ""


def _build_type_availability(ticket_type, now, status, reason):
    price, fee = pricing.price_and_fee_of(ticket_type)
    left = seats_left_of_type(ticket_type)
    if not reason:
        status, reason = _closed_type_status(ticket_type, now)
    if not reason and left < ticket_type.min_per_order:
        status, reason = OfferStatus.SOLD_OUT, _("Sold out.")
    if not reason and left <= LOW_STOCK:
        status = OfferStatus.LAST_FEW
    room = 0 if reason else min(left, most_per_order(ticket_type))
    return TypeAvailability(ticket_type, price, fee, status, reason, left if left <= LOW_STOCK else None, room)


def most_per_order(ticket_type):
    """Stock aside."""
    most = ticket_type.sale.max_per_order
    return most if ticket_type.max_per_order is None else min(most, ticket_type.max_per_order)


def _sale_status(sale, types):
    if not seats_left(sale):
        return OfferStatus.SOLD_OUT, _("Sold out.")
    if any(one.can_buy for one in types):
        return best_status([one.status for one in types if one.can_buy]), ""
    if not sale.ticket_types.all():
        return OfferStatus.LATER, _("There are no tickets to choose yet.")
    if not types:
        # Whoever has a code may still buy, so this is not a refusal of the whole sale.
        return OfferStatus.CLOSED, _("There are no tickets to choose yet.")
    nearest = min(types, key=lambda one: BEST_FIRST.index(one.status))
    return nearest.status, nearest.reason


def best_status(statuses):
    return min(statuses, key=BEST_FIRST.index)


def _check_number(ticket_type, number):
    if number > most_per_order(ticket_type):
        raise LimitExceeded(_at_most_words(most_per_order(ticket_type), ticket_type.name))
    if 0 < number < ticket_type.min_per_order:
        least = {"count": ticket_type.min_per_order, "name": isolate_text(ticket_type.name)}
        raise LimitExceeded(_("%(name)s: please take at least %(count)d.") % least)


def _at_most_words(number, name=""):
    words = ngettext(
        "One order may have at most %(count)d ticket",
        "One order may have at most %(count)d tickets",
        number,
    )
    words = words % {"count": number}
    return _("%(words)s of %(name)s.") % {"words": words, "name": isolate_text(name)} if name else f"{words}."
