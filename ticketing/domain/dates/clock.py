"""Moments that keep their distance to a start, by the clocks of the island: ten in the morning stays ten."""

from datetime import UTC, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from events_pages.dates.island_clock import to_island_clock


def shift_moment(moment, *, start, to):
    """As far from `to` as `moment` is from `start`, aware UTC; None stays None."""
    if moment is None:
        return None
    return to_moment(to_wall(to) + (to_wall(moment) - to_wall(start)))


def move_before(start, *, days=0, minutes=0):
    """That long before `start`: days by the clock, minutes as they pass. Aware UTC."""
    wall = to_wall(start) - timedelta(days=days)
    return to_moment(wall) - timedelta(minutes=minutes)


def to_wall(moment):
    """What a clock on the wall shows, without a zone."""
    return to_island_clock(moment).replace(tzinfo=None)


def to_moment(wall):
    return wall.replace(tzinfo=timezone.get_default_timezone()).astimezone(UTC)


def format_start(moment):
    """“Sat 3 July 2027, 19:30”: with its year, as several dates of one page may lie years apart."""
    return date_format(to_island_clock(moment), "D j F Y, H:i")
