"""Public holidays of Jersey: a year written out, weekends, Easter."""

from datetime import date, timedelta

import pytest

from events_pages.dates.holidays import list_public_holidays

YEAR_2026 = """
1 January  New Year’s Day
3 April  Good Friday
6 April  Easter Monday
4 May  Early May Bank Holiday
9 May  Liberation Day
25 May  Spring Bank Holiday
31 August  Summer Bank Holiday
25 December  Christmas Day
26 December  Boxing Day
28 December  Boxing Day (substitute day)
"""


def in_year(year):
    return list_public_holidays(date(year, 1, 1), date(year, 12, 31))


def test_a_year():
    assert [f"{day:%-d %B}  {name}" for day, name in in_year(2026).items()] == YEAR_2026.strip().split("\n")


def test_both_ends_of_the_range_count():
    assert list_public_holidays(date(2026, 12, 26), date(2027, 1, 1)) == {
        date(2026, 12, 26): "Boxing Day",
        date(2026, 12, 28): "Boxing Day (substitute day)",
        date(2027, 1, 1): "New Year’s Day",
    }
    assert list_public_holidays(date(2026, 5, 9), date(2026, 5, 9)) == {date(2026, 5, 9): "Liberation Day"}
    assert list_public_holidays(date(2026, 6, 1), date(2026, 6, 30)) == {}


def test_liberation_day_is_kept_on_a_sunday_and_no_monday_stands_in():
    assert list_public_holidays(date(2027, 5, 4), date(2027, 5, 16)) == {date(2027, 5, 9): "Liberation Day"}


@pytest.mark.parametrize(
    ("year", "substitutes"),
    [
        (2025, []),
        (2027, [(date(2027, 12, 27), "Christmas Day"), (date(2027, 12, 28), "Boxing Day")]),
        (2028, [(date(2028, 1, 3), "New Year’s Day")]),
        (2033, [(date(2033, 1, 3), "New Year’s Day"), (date(2033, 12, 27), "Christmas Day")]),
        (2045, [(date(2045, 1, 2), "New Year’s Day")]),
    ],
)
def test_a_weekday_stands_in_for_a_weekend(year, substitutes):
    found = [(day, name) for day, name in in_year(year).items() if "substitute" in name]
    assert found == [(day, f"{name} (substitute day)") for day, name in substitutes]


def test_days_that_the_states_added_once():
    assert in_year(2023)[date(2023, 5, 8)] == "Coronation of King Charles III"
    assert in_year(2024)[date(2024, 7, 15)] == "Visit of King Charles III and Queen Camilla"
    assert date(2025, 5, 8) not in in_year(2025)


@pytest.mark.parametrize(
    ("year", "good_friday"),
    [(2027, date(2027, 3, 26)), (2028, date(2028, 4, 14)), (2035, date(2035, 3, 23)), (2038, date(2038, 4, 23))],
)
def test_easter_moves(year, good_friday):
    found = in_year(year)
    assert found[good_friday] == "Good Friday"
    assert found[good_friday + timedelta(days=3)] == "Easter Monday"


def test_no_holiday_hides_another():
    for year in range(2025, 2100):
        weekends = [day for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)) if day.weekday() > 4]
        assert len(in_year(year)) == 9 + len(weekends)
