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
MONTHS_OFFERED = 13
LONGEST_NUMBER = 9  # digits


def read_month(text):
    """“2027-03” -> its first day; None for anything else, and for years that no programme has."""
    try:
        first = parse_date(f"{text}-01")
    except ValueError:
        return None
    return first if first and 2000 <= first.year <= 2100 else None


def read_number(text):
    """The number of a row; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text) else None


def month_after(first):
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def island_midnight(day):
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware here


def list_months_around(day, *, backwards=False):
    """First days of the months to choose from, this one first."""
    months, first = [], day.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1) if backwards else month_after(first)
    return months


@dataclass(frozen=True)
class EventFilter:
    """What makes no sense is left out, never refused: an old or mangled link still shows events."""

    category: str = ""
    parish: str = ""
    month: date | None = None
    q: str = ""
    venue: int | None = None
    organiser: int | None = None
    access: bool = False
    page: str = "1"

    @classmethod
    def read(cls, query):
        wanted = {key: tidy_line(query.get(key, "")) for key in ("category", "parish", "month", "q")}
        return cls(
            category=wanted["category"] if wanted["category"].replace("-", "").replace("_", "").isalnum() else "",
            parish=wanted["parish"] if wanted["parish"] in Parish.values else "",
            month=read_month(wanted["month"]),
            q=wanted["q"][:LONGEST_SEARCH].strip(),
            venue=read_number(query.get("venue", "")),
            organiser=read_number(query.get("organiser", "")),
            access=query.get("access") == "1",
            page=query.get("page", "1"),
        )

    def list_upcoming(self, pages, now):
        """The EventList of what is on from `now`, or in the month that was chosen."""
        start = self.start_from(now)
        return event_list.list_upcoming(self.choose_pages(pages), start, self.month_end, within=self.dates)

    def list_past(self, pages, now):
        return event_list.list_past(self.choose_pages(pages), now, self.month_start, self.month_end, within=self.dates)

    def start_from(self, now):
        return max(now, self.month_start) if self.month else now

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
    def month_start(self):
        return island_midnight(self.month) if self.month else None

    @property
    def month_end(self):
        return island_midnight(month_after(self.month)) if self.month else None

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
            shown = found.pages.filter(pk__in=[event.pk for event in page])
            meant = list_corrected_words(shown, words, near)
        return page, meant

    def choices(self, now, *, is_archive=False):
        return {
            "categories": EventCategory.objects.all(),
            "parishes": Parish.choices,
            "months": list_months_around(timezone.localdate(now), backwards=is_archive),
        }

    @property
    def is_set(self):
        return any(self.values.values())

    @property
    def values(self):
        return {
            "category": self.category,
            "parish": self.parish,
            "month": self.month_value,
            "q": self.q,
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
    def month_value(self):
        return f"{self.month:%Y-%m}" if self.month else ""
