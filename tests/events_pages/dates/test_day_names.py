"""Days by their names, and which of them need their year."""

from datetime import date

import pytest

from events_pages.dates.day_names import name_date, name_dates, needs_year

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    "day", [date(2026, 1, 1), date(2026, 11, 28), TODAY, date(2026, 12, 31), date(2027, 1, 1), date(2027, 5, 28)]
)
def test_this_year_and_the_next_six_months_go_without(day):
    assert not needs_year(day, TODAY)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 5, 29), date(2027, 11, 29), date(2030, 1, 1)])
def test_other_days_have_their_year(day):
    assert needs_year(day, TODAY)


def test_six_months_after_the_end_of_a_long_month():
    assert not needs_year(date(2027, 2, 27), date(2026, 8, 31))
    assert needs_year(date(2027, 2, 28), date(2026, 8, 31))


def test_on_paper_each_day_has_its_year():
    assert (name_date(TODAY, TODAY), name_date(TODAY, None)) == ("29 November", "29 November 2026")


@pytest.mark.parametrize(
    ("days", "names"),
    [
        ([date(2027, 4, 2), date(2027, 4, 3), date(2027, 4, 9)], ["Fri 2", "Sat 3", "Fri 9 April"]),
        ([date(2027, 4, 30), date(2027, 5, 1), date(2027, 5, 2)], ["Fri 30 April", "Sat 1", "Sun 2 May"]),
        ([date(2026, 12, 31), date(2027, 1, 1)], ["Thu 31 December", "Fri 1 January"]),
        ([date(2027, 7, 2), date(2027, 7, 4)], ["Fri 2", "Sun 4 July 2027"]),
        ([date(2027, 7, 31), date(2027, 8, 1)], ["Sat 31 July", "Sun 1 August 2027"]),
        ([date(2027, 12, 31), date(2028, 1, 1)], ["Fri 31 December 2027", "Sat 1 January 2028"]),
        ([date(2027, 1, 2), date(2028, 1, 2)], ["Sat 2 January 2027", "Sun 2 January 2028"]),
    ],
)
def test_month_and_year_stand_with_the_last_day_they_are_true_of(days, names):
    assert name_dates(days, TODAY) == names
