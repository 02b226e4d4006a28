from events_pages.models.pages import EventIndexPage, EventPage, HomePage, LegalPage, StandardPage
from events_pages.models.snippets import EventCategory, Organiser, Venue

__all__ = [
    "EventCategory",
    "EventIndexPage",
    "EventPage",
    "HomePage",
    "LegalPage",
    "Organiser",
    "StandardPage",
    "Venue",
]
