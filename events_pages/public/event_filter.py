"""The filter of the list of events, read from an address that anybody may have typed."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.dateparse import parse_date

from common.search.fields import find_meant_spellings, list_corrected_words
from common.search.words import read_query
from common.text.typed_text import tidy_line
from events_pages.enums import Parish
from events_pages.models.snippets import EventCategory

LONGEST_SEARCH = 80


def read_month(text):
    """“2027-03” -> its first day; None for anything else, and for years that no programme has."""
    try:
        first = parse_date(f"{text}-01")
    except ValueError:
        return None
    return first if first and 2000 <= first.year <= 2100 else None


def month_after(first):
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def island_midnight(day):
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware here


@dataclass(frozen=True)
class EventFilter:
    """What makes no sense is left out, never refused: an old or mangled link still shows events."""

    category: str = ""
    parish: str = ""
    month: date | None = None
    q: str = ""
    page: str = "1"

    @classmethod
    def read(cls, query):
        wanted = {key: tidy_line(query.get(key, "")) for key in ("category", "parish", "month", "q")}
        return cls(
            category=wanted["category"] if wanted["category"].replace("-", "").replace("_", "").isalnum() else "",
            parish=wanted["parish"] if wanted["parish"] in Parish.values else "",
            month=read_month(wanted["month"]),
            q=wanted["q"][:LONGEST_SEARCH].strip(),
            page=query.get("page", "1"),
        )

    def apply(self, events):
        if self.category:
            events = events.in_category(self.category)
        if self.parish:
            events = events.in_parish(self.parish)
        if self.month:
            events = events.between(island_midnight(self.month), island_midnight(month_after(self.month)))
        return events.for_cards()

    def page_of(self, events, *, size):
        """(page, [(word as typed, spelling that was found instead)])"""
        chosen, words = self.apply(events), read_query(self.q)
        found = chosen.spelt(words) if words else chosen
        page, meant = Paginator(found, size).get_page(self.page), []
        if words and not page.paginator.count:
            near, chosen = find_meant_spellings(chosen, words)
            page = Paginator(chosen.meant(words, near), size).get_page(self.page)
            meant = list_corrected_words(chosen.filter(pk__in=[event.pk for event in page]), words, near)
        return page, meant

    def choices(self, events):
        return {
            "categories": EventCategory.objects.all(),
            "parishes": Parish.choices,
            "months": events.order_by().datetimes("starts_at", "month"),
        }

    @property
    def is_set(self):
        return bool(self.category or self.parish or self.month or self.q)

    @property
    def values(self):
        return {"category": self.category, "parish": self.parish, "month": self.month_value, "q": self.q}

    @property
    def query(self):
        """The query of the same choice, ready for `page=` to follow."""
        chosen = {key: value for key, value in self.values.items() if value}
        return f"{urlencode(chosen)}&" if chosen else ""

    @property
    def month_value(self):
        return f"{self.month:%Y-%m}" if self.month else ""
