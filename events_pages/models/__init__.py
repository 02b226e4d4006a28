"""The tables of content: pages, snippets, legal texts, settings of a site. Read `pages` first."""

from events_pages.models.legal_pages import LegalPage
from events_pages.models.pages import EventIndexPage, EventPage, FeaturedEvent, HomePage, StandardPage
from events_pages.models.performances import Performance
from events_pages.models.site_settings import SiteSettings
from events_pages.models.snippets import EventCategory, Organiser, Venue

__all__ = [
    "EventCategory",
    "EventIndexPage",
    "EventPage",
    "FeaturedEvent",
    "HomePage",
    "LegalPage",
    "Organiser",
    "Performance",
    "SiteSettings",
    "StandardPage",
    "Venue",
]
