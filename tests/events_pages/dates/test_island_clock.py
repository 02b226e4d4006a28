"""The island's clock on both sides of its changes: 28 March and 31 October 2027."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from events_pages.dates.island_clock import move_to_day, shift_moment, to_island_clock

JERSEY = ZoneInfo("Europe/Jersey")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_the_clock_is_the_islands_whoever_looks():
    with timezone.override("Asia/Tokyo"):
        assert f"{to_island_clock(utc(2027, 7, 3, 18, 30)):%a %H:%M}" == "Sat 19:30"


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2027, 3, 27), utc(2027, 3, 27, 19, 30)),
        (date(2027, 3, 28), utc(2027, 3, 28, 18, 30)),
        (date(2027, 10, 30), utc(2027, 10, 30, 18, 30)),
        (date(2027, 10, 31), utc(2027, 10, 31, 19, 30)),
    ],
)
def test_half_past_seven_stays_half_past_seven(day, moved):
    assert move_to_day(utc(2027, 1, 2, 19, 30), day) == moved
    assert move_to_day(utc(2027, 7, 3, 18, 30), day) == moved


def test_an_hour_that_never_comes_moves_on_by_an_hour():
    moved = move_to_day(utc(2027, 3, 21, 1, 30), date(2027, 3, 28))
    assert moved == utc(2027, 3, 28, 1, 30)
    assert f"{to_island_clock(moved):%H:%M}" == "02:30"


def test_an_hour_that_comes_twice_is_the_first():
    assert move_to_day(utc(2027, 10, 24, 0, 30), date(2027, 10, 31)) == utc(2027, 10, 31, 0, 30)


def test_the_second_of_such_hours_stays_the_second_and_still_moves_on_in_spring():
    second = datetime(2027, 10, 31, 1, 30, fold=1, tzinfo=JERSEY)
    assert move_to_day(second, date(2027, 10, 31)) == utc(2027, 10, 31, 1, 30)
    assert move_to_day(second, date(2028, 3, 26)) == utc(2028, 3, 26, 1, 30)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc(2027, 3, 27, 23, 0), utc(2027, 3, 28, 2, 0)),  # three in the morning, an hour early
        (utc(2027, 10, 30, 22, 0), utc(2027, 10, 31, 3, 0)),
        (utc(2027, 7, 3, 22, 0), utc(2027, 7, 4, 2, 0)),
    ],
)
def test_an_end_at_three_in_the_morning_stays_there(start, end):
    """From eleven in the evening of 2 January."""
    assert shift_moment(utc(2027, 1, 3, 3, 0), start=utc(2027, 1, 2, 23, 0), to=start) == end


def test_what_does_not_move_stays_the_same_moment():
    """The second half past one of that night, which the clocks do not tell from the first."""
    second = utc(2027, 10, 31, 1, 30)
    assert shift_moment(second, start=utc(2027, 10, 31, 1, 0), to=utc(2027, 10, 31, 1, 0)) == second
    assert shift_moment(None, start=second, to=utc(2027, 11, 7, 1, 30)) is None
