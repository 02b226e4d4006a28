"""The filter of the list of events, read from an address that anybody may have typed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.dateparse import parse_date

from common.search.fields import find_meant_spellings, list_corrected_words
from common.search.words import read_query
from common.text.typed_text import tidy_line
from events_pages.enums import Parish
from events_pages.models.performances import Performance
from events_pages.models.snippets import EventCategory
from events_pages.public import event_list

LONGEST_SEARCH = 80


def read_month(text):
    """“2027-03” -> its first day; None for anything else, and for years that no programme has."""
    try:
        first = parse_date(f"{text}-01")
    except ValueError:
        return None
    return first if first and is_of_programme(first) else None


def read_day(text):
    """“2027-03-14” -> that day; None for anything else."""
    try:
        day = parse_date(text) if len(text) == len("2027-03-14") else None
    except ValueError:
        return None
    return day if day and is_of_programme(day) else None


def is_of_programme(day):
    return 2000 <= day.year <= 2100


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
    day: date | None = None
    q: str = ""
    page: str = "1"

    @classmethod
    def read(cls, query):
        wanted = {key: tidy_line(query.get(key, "")) for key in ("category", "parish", "month", "day", "q")}
        day = read_day(wanted["day"])
        return cls(
            category=wanted["category"] if wanted["category"].replace("-", "").replace("_", "").isalnum() else "",
            parish=wanted["parish"] if wanted["parish"] in Parish.values else "",
            month=None if day else read_month(wanted["month"]),
            day=day,
            q=wanted["q"][:LONGEST_SEARCH].strip(),
            page=query.get("page", "1"),
        )

    def list_upcoming(self, pages, now):
        """The EventList of what is on from `now`, or on the day or in the month that was chosen."""
        chosen = self.choose_pages(pages)
        start, end = self.range
        if start and (self.day or start > now):
            return event_list.list_days(chosen, start, end, within=self.dates)
        return event_list.list_upcoming(chosen, now, end, within=self.dates)

    def list_past(self, pages, now):
        return event_list.list_past(self.choose_pages(pages), now, *self.range, within=self.dates)

    def choose_pages(self, pages):
        return pages.in_category(self.category) if self.category else pages

    @property
    def dates(self):
        return Performance.objects.in_parish(self.parish) if self.parish else Performance.objects.all()

    @property
    def range(self):
        """(start, end) of the day or month that was chosen, two midnights of the island; (None, None) of neither."""
        if self.day:
            return island_midnight(self.day), island_midnight(self.day + timedelta(days=1))
        if self.month:
            return island_midnight(self.month), island_midnight(month_after(self.month))
        return None, None

    def page_of(self, found, *, size):
        """(page, [(word as typed, spelling that was found instead)])"""
        words, meant = read_query(self.q), []
        listed = found.spelt(words) if words else found
        page = Paginator(listed, size).get_page(self.page)
        if words and not page.paginator.count:
            near, pages = find_meant_spellings(found.listed_pages(), words)
            page = Paginator(found.meant(pages, words, near), size).get_page(self.page)
            shown = found.pages.filter(pk__in=[event.pk for event in page])
            meant = list_corrected_words(shown, words, near)
        return page, meant

    def choices(self, months=()):
        return {
            "categories": EventCategory.objects.all(),
            "parishes": Parish.choices,
            "months": sorted({*months, self.month}) if self.month else months,
        }

    @property
    def is_set(self):
        return any(self.values.values())

    @property
    def values(self):
        months = {"month": self.month_value, "day": f"{self.day}" if self.day else ""}
        return {"category": self.category, "parish": self.parish, **months, "q": self.q}

    @property
    def query(self):
        """The query of the same choice, ready for `page=` to follow."""
        chosen = {key: value for key, value in self.values.items() if value}
        return f"{urlencode(chosen)}&" if chosen else ""

    @property
    def place_query(self):
        """The query of the same kind and parish at any time, ready for more to follow."""
        chosen = {key: value for key, value in (("category", self.category), ("parish", self.parish)) if value}
        return f"{urlencode(chosen)}&" if chosen else ""

    @property
    def place_ending(self):
        """The same at the end of an address."""
        return f"?{self.place_query}".rstrip("?&")

    @property
    def month_value(self):
        return f"{self.month:%Y-%m}" if self.month else ""
