"""The rule that some days follow, if any: what was made as a series, or one by one, reads the same."""

from datetime import timedelta

from events_pages.dates.series import LAST_WEEK, SeriesRule, generate_days
from events_pages.enums import Frequency

FEWEST_DAYS = 4
SHORTEST_WEEKS = timedelta(weeks=3)
"""Fewer weeks than these are a run of evenings."""
MOST_WEEKDAYS = 3
MOST_MISSING = 2


def find_rule(days):
    """The SeriesRule that gives these days, sorted and different, or None.

    Of four days and more, by weeks or months. A rule may miss two of its days, and not more than one in five: they are
    left out by name.
    """
    if len(days) < FEWEST_DAYS:
        return None
    for pace in _list_paces(days):
        rule = _fit(pace, days)
        if rule:
            return rule
    return None


def _list_paces(days):
    """What a SeriesRule needs to know, for each that may be one."""
    weekdays = tuple(sorted({day.weekday() for day in days}))
    if days[-1] - days[0] >= SHORTEST_WEEKS and _are_sayable(weekdays):
        apart = 2 if all((day - days[0]).days % 14 == 0 for day in days) else 1
        yield {"frequency": Frequency.WEEKLY, "weekdays": weekdays, "interval": apart}
    for week in _list_weeks_of_month(days) if len(weekdays) == 1 else ():
        yield {"frequency": Frequency.MONTHLY, "weekdays": weekdays, "week_of_month": week}
    if len({day.day for day in days}) == 1:
        yield {"frequency": Frequency.MONTHLY, "day_of_month": days[0].day}


def _are_sayable(weekdays):
    in_a_row = weekdays[-1] - weekdays[0] == len(weekdays) - 1
    return len(weekdays) <= MOST_WEEKDAYS or (in_a_row and len(weekdays) < 7)


def _list_weeks_of_month(days):
    weeks = {(day.day - 1) // 7 + 1 for day in days}
    if weeks <= {4, 5}:
        yield LAST_WEEK
    if len(weeks) == 1:
        yield from weeks - {5}


def _fit(pace, days):
    expected = set(generate_days(SeriesRule(**pace, until=days[-1]), days[0]))
    missing = expected - set(days)
    if not expected >= set(days) or len(missing) > MOST_MISSING or len(missing) * 5 > len(expected):
        return None
    return SeriesRule(**pace, until=days[-1], left_out=frozenset(missing))
