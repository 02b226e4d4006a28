"""The organisers a buyer deals with: Jersey's Distance Selling law wants them named before and after the contract."""

from dataclasses import dataclass

from events_pages.models import EventPage, Organiser


@dataclass(frozen=True)
class Seller:
    """One organiser and the events bought from them."""

    organiser: Organiser
    pages: list[EventPage]

    @property
    def rules(self):
        found = {}
        for page in self.pages:
            found.setdefault(page.get_refund_rule_display(), []).append(page)
        return list(found.items())


def list_sellers(sales):
    """One Seller for each organiser of these `EventSale` rows, in their order; page and organiser must be loaded."""
    found = {}
    for sale in sales:
        pages = found.setdefault(sale.page.organiser_id, {})
        pages[sale.page_id] = sale.page
    return [Seller(next(iter(pages.values())).organiser, list(pages.values())) for pages in found.values()]
