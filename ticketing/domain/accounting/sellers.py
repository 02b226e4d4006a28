"""Who a buyer deals with: what Jersey's Distance Selling law wants said before the contract and repeated in writing."""

from dataclasses import dataclass

from events_pages.models import EventPage, Organiser


@dataclass(frozen=True)
class Seller:
    """One organiser and the events that are bought of them."""

    organiser: Organiser
    pages: list[EventPage]

    @property
    def rules(self):
        """The events by what becomes of the money when a buyer cannot come: [(rule in words, pages)]."""
        found = {}
        for page in self.pages:
            found.setdefault(page.get_refund_rule_display(), []).append(page)
        return list(found.items())


def list_sellers(sales):
    """The Sellers of some `EventSale` rows, in their order, each once; page and organiser must be loaded."""
    found = {}
    for sale in sales:
        pages = found.setdefault(sale.page.organiser_id, {})
        pages[sale.page_id] = sale.page
    return [Seller(next(iter(pages.values())).organiser, list(pages.values())) for pages in found.values()]
