"""The island's clock on both sides of its changes: 28 March and 31 October 2027."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from events_pages.dates.island_clock import move_to_day, to_island_clock

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
