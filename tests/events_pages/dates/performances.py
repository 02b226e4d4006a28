"""Dates of an event without a database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from events_pages.enums import PerformanceStatus

JERSEY = ZoneInfo("Europe/Jersey")
USUAL = timedelta(hours=2, minutes=30)


@dataclass(frozen=True)
class Date:
    starts_at: datetime
    ends_at: datetime
    doors_at: datetime | None = None
    is_end_estimated: bool = False
    status: str = PerformanceStatus.SCHEDULED
    name: str = ""


def at(text):
    """“2027-07-03 19:30” on the island's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=JERSEY)


def on(text, clock="19:30", **more):
    """A performance on that day; `text` may be a date."""
    starts_at = at(f"{text} {clock}")
    return Date(**{"starts_at": starts_at, "ends_at": starts_at + USUAL} | more)


def lasting(start, end, **more):
    return Date(at(start), at(end), **more)


def days_from(first, number, *, apart=1):
    start = date.fromisoformat(first)
    return [start + timedelta(days=apart * count) for count in range(number)]
