"""The month view: each day of a month with what is on, read by index and never more of a day than is counted."""

from calendar import Calendar
from collections import namedtuple
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from django.utils import timezone

from events_pages.dates.island_clock import island_midnight
from events_pages.dates.wording import format_time, span_days
from events_pages.enums import NOT_TAKING_PLACE
from events_pages.models.performances import Performance
from events_pages.public.event_filter import month_after
from events_pages.span_tables import BEGINS, ENDS, Span, list_rows_of_spans

MOST_SHOWN = 4
MOST_COUNTED = 24
"""Of one day; beyond them it is “more than 20 more”."""
MOST_LONG = 100
"""Performances of more than a day that a month is looked through for."""
MONTHS_BEHIND, MONTHS_AHEAD = 12, 24
"""How far links lead from this month: further on nothing is planned, and a robot would follow them for ever."""
TIMES = ("pk", "starts_at", "ends_at", "is_end_estimated")
Times = namedtuple("Times", TIMES)
TOLD = ("page__slug", "page__title", "name", "status", "starts_at")


@dataclass(frozen=True)
class Entry:
    """A performance on one of its days; `is_begun` on all but the first. `slug` and `title` are its page's."""

    pk: int
    is_begun: bool
    slug: str
    title: str
    name: str
    status: str
    time: str

    @property
    def takes_place(self):
        return self.status not in NOT_TAKING_PLACE


@dataclass
class Day:
    """`found` are (is begun, id) of what is on, what begins on it first; `entries` those that are shown."""

    date: date
    found: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    is_today: bool = False

    @property
    def more(self):
        return min(len(self.found), MOST_COUNTED) - len(self.entries)

    @property
    def has_even_more(self):
        return len(self.found) > MOST_COUNTED


@dataclass
class MonthView:
    """`weeks` are lists of seven Days from Monday on, None for a day of another month."""

    first: date
    weeks: list
    previous: date | None
    next: date | None

    @property
    def weekdays(self):
        """Seven days of the names that head the columns; any week has them."""
        monday = self.first - timedelta(days=self.first.weekday())
        return [monday + timedelta(days=number) for number in range(7)]

    @property
    def is_empty(self):
        return not any(day.found for week in self.weeks for day in week if day)


def read_month_view(pages, first, now, *, within=None):
    """The MonthView of the month that `first` begins, of these pages' dates; `within` narrows the dates."""
    rows = (within if within is not None else Performance.objects.all()).of_pages(pages)
    last = month_after(first) - timedelta(days=1)
    today = timezone.localdate(now)
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(last.day)}
    if today in days:
        days[today].is_today = True
    for pk, begins, ends in list_found(rows, days):
        for day in list_days_between(max(begins, first), min(ends, last)):
            days[day].found.append((begins < day, pk))
    fill_entries(days.values())
    weeks = [[days.get(day) for day in week] for week in Calendar().monthdatescalendar(first.year, first.month)]
    return MonthView(first, weeks, *find_neighbours(first, today))


def list_found(rows, days):
    """[(id, first day, last day)] in the order of their starts, each day's first ones alone; two statements."""
    midnights = [island_midnight(day) for day in [*days, max(days) + timedelta(days=1)]]
    spans = [Span(begins, ends) for begins, ends in pairwise(midnights)]
    beginning = rows.between(BEGINS, ENDS).order_by("starts_at", "pk")
    found = list_rows_of_spans(spans, beginning, MOST_COUNTED + 1, *TIMES)
    found += rows.long_at(midnights[0]).values_list(*TIMES)[:MOST_LONG]
    times = sorted(map(Times._make, found), key=lambda each: (each.starts_at, each.pk))
    return [(each.pk, *span_days(each)) for each in times]


def list_days_between(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def fill_entries(days):
    for day in days:
        day.found.sort(key=lambda pair: pair[0])
    wanted = {pk for day in days for _is_begun, pk in day.found[:MOST_SHOWN]}
    rows = Performance.objects.filter(pk__in=wanted).order_by()
    shown = {pk: told for pk, *told in rows.values_list("pk", *TOLD)}
    for day in days:
        chosen = day.found[:MOST_SHOWN]
        day.entries = [build_entry(pk, is_begun, *shown[pk]) for is_begun, pk in chosen if pk in shown]


def build_entry(pk, is_begun, slug, title, name, status, starts_at):
    return Entry(pk, is_begun, slug, title, name, status, format_time(starts_at))


def find_neighbours(first, today):
    """(the month before, the month after); None beyond what anybody plans."""
    this = today.replace(day=1)
    distance = (first.year - this.year) * 12 + first.month - this.month
    before = (first - timedelta(days=1)).replace(day=1)
    return (
        before if -MONTHS_BEHIND < distance <= MONTHS_AHEAD + 1 else None,
        month_after(first) if -MONTHS_BEHIND - 1 <= distance < MONTHS_AHEAD else None,
    )
