"""What a card says of an event's tickets: a price label and a status, for many pages in a few queries."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from events_pages.enums import Entry, EventStatus
from events_pages.models import EventPage
from ticketing.domain.catalogue.availability import (
    PAGE_STATUS,
    best_status,
    build_sale_availability,
    price_label,
    with_payee,
)
from ticketing.enums import OfferStatus
from ticketing.models import EventSale


@dataclass(frozen=True)
class Offer:
    """What a card says. `price` is the lowest all-in price in pounds, None when there is nothing to buy at all."""

    price_label: str
    status: OfferStatus
    status_label: str
    price: Decimal | None


def list_offers_of_pages(page_ids, now):
    """{page id: Offer} for cards; three queries however many pages."""
    pages = EventPage.objects.filter(pk__in=page_ids).only("title", "live", "status", "entry", "starts_at", "ends_at")
    pages = {page.pk: page for page in pages}
    by_page = {pk: [] for pk in pages}
    for sale in with_payee(EventSale.objects.filter(page__in=pages)).prefetch_related("ticket_types"):
        sale.page = pages[sale.page_id]
        by_page[sale.page_id].append(build_sale_availability(sale, now))
    return {pk: build_offer(pages[pk], sales, now) for pk, sales in by_page.items()}


def build_offer(page, sales, now):
    """The Offer that several sales of a page make together; `sales` are SaleAvailability."""
    status = _offer_status(page, sales, now)
    prices = _prices_to_show(sales)
    return Offer(_format_price_range(prices), status, str(status.label), min(prices, default=None))


def _offer_status(page, sales, now):
    if page.status in PAGE_STATUS:
        return PAGE_STATUS[page.status][0]
    if sales:
        return best_status([sale.status for sale in sales])
    if (page.ends_at or page.starts_at) <= now:
        return OfferStatus.PAST
    if page.entry == Entry.TICKETS_LATER:
        return OfferStatus.LATER
    return OfferStatus.MOVED_ONLINE if page.status == EventStatus.MOVED_ONLINE else OfferStatus.NO_TICKETS


def _prices_to_show(sales):
    """Prices of what can be bought; failing that, of what comes or is sold out; failing that, of all."""
    types = [one for sale in sales for one in sale.types]
    lapsed = {OfferStatus.CLOSED, OfferStatus.PAST}
    for group in (
        [one for one in types if one.can_buy],
        [one for one in types if one.status not in lapsed],
        types,
    ):
        if group:
            return {one.price for one in group}
    return set()


def _format_price_range(prices):
    if not prices:
        return ""
    if len(prices) == 1:
        return price_label(min(prices))
    if min(prices):
        return str(_("From %(price)s") % {"price": price_label(min(prices))})
    return str(_("Free or from %(price)s") % {"price": price_label(min(price for price in prices if price))})
