"""The filter of the list of events, read from an address that anybody may have typed."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils.dateparse import parse_date

from common.search.fields import find_meant_spellings, list_corrected_words
from common.search.words import read_query
from common.text.typed_text import tidy_line
from events_pages.dates.island_clock import island_midnight
from events_pages.enums import Parish
from events_pages.models.performances import Performance
from events_pages.models.snippets import EventCategory
from events_pages.public import event_list, page_cache

LONGEST_SEARCH = 80
LONGEST_NUMBER = 9  # digits
CALLED_OFF_KEPT = timedelta(days=31)
"""After a date that did not take place: so long calendars that look seldom can still learn of it."""


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


def read_number(text):
    """The number of a row; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text) else None


def month_after(first):
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def list_categories():
    return list(EventCategory.objects.values("slug", "name"))


@dataclass(frozen=True)
class EventFilter:
    """What makes no sense is left out, never refused: an old or mangled link still shows events."""

    category: str = ""
    parish: str = ""
    month: date | None = None
    day: date | None = None
    q: str = ""
    venue: int | None = None
    organiser: int | None = None
    access: bool = False
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
            venue=read_number(query.get("venue", "")),
            organiser=read_number(query.get("organiser", "")),
            access=query.get("access") == "1",
            page=query.get("page", "1"),
        )

    def list_upcoming(self, pages, now):
        """The EventList of what is on from `now`, or on the day or in the month that was chosen."""
        chosen = self.choose_pages(pages)
        start, end = self.range
        if self.is_of_whole_days(now):
            return event_list.list_days(chosen, start, end, within=self.dates, is_of_few=self.is_of_few)
        return event_list.list_upcoming(chosen, now, end, within=self.dates, is_of_few=self.is_of_few)

    def list_past(self, pages, now):
        chosen = self.choose_pages(pages)
        return event_list.list_past(chosen, now, *self.range, within=self.dates, is_of_few=self.is_of_few)

    @property
    def is_of_few(self):
        return bool(self.organiser or self.category)

    def is_of_whole_days(self, now):
        """A day, over or not, or a month to come; else what is still on counts."""
        return bool(self.day or (self.month and self.range[0] > now))

    def list_every_date(self, pages, now):
        """Querysets of performances, one after the other: all dates of what `list_upcoming` lists, and in the last
        month what did not take place."""
        rows = self.dates.of_pages(self.find_pages(pages, now))
        start, end = self.range
        if self.is_of_whole_days(now):
            return [rows.long_at(start), rows.between(start, end)]
        earliest = max(filter(None, [now - CALLED_OFF_KEPT, start]))
        return [rows.called_off_between(earliest, now), rows.long_at(now), rows.short_at(now), rows.between(now, end)]

    def choose_pages(self, pages):
        if self.organiser:
            pages = pages.by_organiser(self.organiser)
        return pages.in_category(self.category) if self.category else pages

    @property
    def dates(self):
        found = Performance.objects.in_parish(self.parish) if self.parish else Performance.objects.all()
        if self.venue:
            found = found.at_venue(self.venue)
        return found.with_access_notes() if self.access else found

    @property
    def range(self):
        """(start, end) of the day or month that was chosen, two midnights of the island; (None, None) of neither."""
        if self.day:
            return island_midnight(self.day), island_midnight(self.day + timedelta(days=1))
        if self.month:
            return island_midnight(self.month), island_midnight(month_after(self.month))
        return None, None

    def find_pages(self, pages, now):
        """All pages of this choice, with the words or, as `page_of` does, with the spelling that is shown instead."""
        chosen, words = self.choose_pages(pages), read_query(self.q)
        if not words:
            return chosen
        listed = self.list_upcoming(pages, now)
        if len(listed.spelt(words)):
            return chosen.filter(search_words__spelt=words.as_typed)
        near, alike = find_meant_spellings(listed.listed_pages(), words)
        return chosen.filter(pk__in=alike.order_by().values("pk"), search_words__spelt=words.as_meant(near))

    def page_of(self, found, *, size):
        """(page, [(word as typed, spelling that was found instead)])"""
        words, meant = read_query(self.q), []
        listed = found.spelt(words) if words else found
        page = Paginator(listed, size).get_page(self.page)
        if words and not page.paginator.count:
            near, pages = find_meant_spellings(found.listed_pages(), words)
            page = Paginator(found.meant(pages, words, near), size).get_page(self.page)
            shown = found.pages.model.objects.filter(pk__in=[event.pk for event in page])
            meant = list_corrected_words(shown, words, near)
        return page, meant

    def choices(self, months=()):
        return {
            "categories": page_cache.cache_fragment("categories", list_categories),
            "parishes": Parish.choices,
            "months": sorted({*months, self.month}) if self.month else months,
        }

    @property
    def is_set(self):
        return any(self.values.values())

    @property
    def values(self):
        months = {"month": self.month_value, "day": f"{self.day}" if self.day else ""}
        return {**self.place_values, **months, "q": self.q}

    @property
    def place_values(self):
        return {
            "category": self.category,
            "parish": self.parish,
            "venue": self.venue or "",
            "organiser": self.organiser or "",
            "access": "1" if self.access else "",
        }

    @property
    def query(self):
        """The query of the same choice, ready for `page=` to follow."""
        return f"{self.query_without()}&" if self.is_set else ""

    @property
    def feed_query(self):
        """“?parish=trinity”, or nothing: behind the address of a feed of the same choice."""
        return f"?{self.query_without()}" if self.is_set else ""

    def query_without(self, *left_out):
        return urlencode({key: value for key, value in self.values.items() if value and key not in left_out})

    @property
    def place_query(self):
        """The query of the same choice at any time, ready for more to follow."""
        chosen = {key: value for key, value in self.place_values.items() if value}
        return f"{urlencode(chosen)}&" if chosen else ""

    @property
    def place_ending(self):
        """The same at the end of an address."""
        return f"?{self.place_query}".rstrip("?&")

    @property
    def month_value(self):
        return f"{self.month:%Y-%m}" if self.month else ""
