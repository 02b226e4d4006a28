"""The dates of a copied event: those of the original on other days, at the same time of day."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from dateutil.relativedelta import relativedelta

from events_pages.dates.island_clock import move_to_day, shift_moment, to_island_clock
from events_pages.enums import DateShift
from events_pages.models.performances import Performance

SAME_WEEKDAY = timedelta(weeks=52)


@dataclass(frozen=True)
class CopiedDate:
    """`made` is a Performance of the copy that is not saved: scheduled, with nothing of what befell `original`."""

    original: Performance
    made: Performance
    is_there: bool
    """The copy has this very date already."""

    @property
    def key(self):
        return f"{self.original.pk}-{self.made.starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"

    def is_past(self, now):
        return self.made.starts_at <= now


def plan_copied_dates(original, page, shift, first_day=None):
    """The CopiedDates of all dates of `original`, in order, for its copy `page`; `first_day` is of DateShift.CHOSEN."""
    dates = list(original.schedule)
    if not dates:
        return []
    first = to_island_clock(dates[0].starts_at).date()
    there = {(each.starts_at, each.name, each.venue_id) for each in page.schedule}
    planned = []
    for each in dates:
        made = copy_to_day(each, page, shift_day(to_island_clock(each.starts_at).date(), shift, first, first_day))
        planned.append(CopiedDate(each, made, (made.starts_at, made.name, made.venue_id) in there))
    return planned


def shift_day(day, shift, first, first_day):
    """29 February is the 28th in a year without one."""
    if shift == DateShift.SAME_WEEKDAY:
        return day + SAME_WEEKDAY
    if shift == DateShift.SAME_DAY:
        return day + relativedelta(years=1)
    return day + (first_day - first)


def copy_to_day(date, page, day):
    start = move_to_day(date.starts_at, day)
    moved = {"start": date.starts_at, "to": start}
    made = Performance(page=page, name=date.name, venue=date.venue, starts_at=start)
    made.ends_at, made.doors_at = shift_moment(date.said_end, **moved), shift_moment(date.doors_at, **moved)
    made.complete_times()
    return made
