"""What the clocks of the island show, whatever time zone is active."""

from datetime import UTC, datetime, time

from django.utils import timezone


def to_island_clock(moment):
    return timezone.localtime(moment, timezone.get_default_timezone())


def island_midnight(day):
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def move_to_day(moment, day):
    """The same figures on the clock, on another day → aware UTC.

    On the night when the clocks go forward an hour never comes, and the moment moves on by an hour: 01:30 becomes
    02:30. An hour that comes twice is the first of the two, unless `moment` is itself such a second one.
    """
    clock = to_island_clock(moment).time()
    moved = datetime.combine(day, clock, tzinfo=timezone.get_default_timezone())
    if not _comes(moved):
        moved = moved.replace(fold=0)
    return moved.astimezone(UTC)


def shift_moment(moment, *, start, to):
    """As far from `to` as `moment` is from `start` by the clocks, aware UTC: ten in the morning stays ten. None stays
    None.
    """
    if moment is None or start == to:
        return moment
    shifted = to_moment(to_wall(to) + (to_wall(moment) - to_wall(start)))
    # In the night that skips an hour doors in that hour would open after the start.
    return shifted if (shifted <= to) == (moment <= start) else to + (moment - start)


def to_wall(moment):
    """What a clock on the wall shows, without a zone."""
    return to_island_clock(moment).replace(tzinfo=None)


def to_moment(wall):
    return wall.replace(tzinfo=timezone.get_default_timezone()).astimezone(UTC)


def _comes(local):
    return local.astimezone(UTC).astimezone(local.tzinfo).time() == local.time()
