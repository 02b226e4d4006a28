"""Offers: price label and status of an event's tickets for its card, for many pages in a few queries."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events_pages.enums import Entry
from ticketing.domain.catalogue.availability import BEST_FIRST, DATE_STATUS, best_status, build_sale_availability
from ticketing.domain.catalogue.pricing import format_price, with_merchant_status
from ticketing.domain.catalogue.sale_dates import load_dates_of_passes
from ticketing.enums import OfferStatus
from ticketing.models import EventSale


@dataclass(frozen=True)
class Offer:
    """What a card says. `price` is the lowest all-in price in pounds, None when there is nothing to buy at all."""

    price_label: str
    status: OfferStatus
    status_label: str
    price: Decimal | None


def list_offers_of_pages(pages, now):
    """{page id: Offer} for cards, each page with `shown`, its date on the card, and `next_dates`, ids of that and the
    few whose sales count too; two queries however many pages, and two more where there are passes."""
    by_page = {page.pk: page for page in pages}
    dates = {pk for page in pages for pk in page.next_dates}
    rows = EventSale.objects.filter(Q(performance__in=dates) | Q(performance=None, page__in=by_page))
    found = list(with_merchant_status(rows.select_related("performance")).prefetch_related("ticket_types"))
    sales = {pk: [] for pk in by_page}
    for sale in found:
        sale.page = by_page[sale.page_id]
    load_dates_of_passes(found)
    for sale in found:
        sales[sale.page_id].append(build_sale_availability(sale, now))
    return {pk: build_offer(page, page.shown, sales[pk], now) for pk, page in by_page.items()}


def build_offer(page, shown, sales, now):
    """The Offer that several sales of a page make together; `sales` are SaleAvailability, `shown` is a date of it."""
    status = status_of_date(page, shown, sales, now)
    prices = _prices_to_show(sales)
    return Offer(_format_price_range(prices), status, str(status.label), min(prices, default=None))


def format_price_label(sales):
    """“From £45”; "" where there is no price to say."""
    return _format_price_range(_prices_to_show(sales))


def status_of_date(page, shown, sales, now):
    if page.entry == Entry.ELSEWHERE:
        return OfferStatus.ELSEWHERE
    if shown.status in DATE_STATUS:
        return DATE_STATUS[shown.status][0]
    if sales:
        return best_status([sale.status for sale in sales if sale.status in BEST_FIRST] or [OfferStatus.PAST])
    if shown.is_over(now):
        return OfferStatus.PAST
    if page.entry == Entry.TICKETS_LATER:
        return OfferStatus.LATER
    return OfferStatus.MOVED_ONLINE if shown.is_online else OfferStatus.NO_TICKETS


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
        return format_price(min(prices))
    if min(prices):
        return str(_("From %(price)s") % {"price": format_price(min(prices))})
    return str(_("Free or from %(price)s") % {"price": format_price(min(price for price in prices if price))})
