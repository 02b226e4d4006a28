"""Series of dates by a rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.series import (
    LAST_WEEK,
    MOST_DATES,
    MOST_YEARS,
    ImpossibleSeries,
    SeriesRule,
    describe_rule,
    list_series_starts,
)
from events_pages.enums import Frequency
from tests.events_pages.dates.performances import JERSEY, at

MONDAY, TUESDAY, THURSDAY, FRIDAY = 0, 1, 3, 4
DAILY, WEEKLY, MONTHLY = Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY
TUESDAYS = {"frequency": WEEKLY, "weekdays": (TUESDAY,)}
TODAY = date(2026, 11, 29)


def starts_of(first="2026-12-01 19:30", **rule):
    return [f"{to_island_clock(start):%-d %b %H:%M}" for start in list_series_starts(SeriesRule(**rule), at(first))]


def days_of(first="2026-12-01", **rule):
    return " | ".join(start.removesuffix(" 19:30") for start in starts_of(f"{first} 19:30", **rule))


def refusal(first="2026-12-01 19:30", **rule):
    with pytest.raises(ImpossibleSeries) as caught:
        list_series_starts(SeriesRule(**rule), at(first))
    return str(caught.value)


# Rules


def test_every_tuesday_but_christmas():
    rule = {"frequency": WEEKLY, "weekdays": (TUESDAY,), "until": date(2029, 1, 9)}
    days = days_of("2028-12-12", **rule, left_out=frozenset([date(2028, 12, 26)]))
    assert days == "12 Dec | 19 Dec | 2 Jan | 9 Jan"


def test_the_last_day_counts():
    assert days_of(**TUESDAYS, until=date(2026, 12, 15)) == "1 Dec | 8 Dec | 15 Dec"
    assert days_of(**TUESDAYS, until=date(2026, 12, 14)) == "1 Dec | 8 Dec"


def test_some_days_of_the_week():
    days = days_of(frequency=WEEKLY, weekdays=(THURSDAY, TUESDAY), count=5)
    assert days == "1 Dec | 3 Dec | 8 Dec | 10 Dec | 15 Dec"


def test_the_first_day_of_the_rule_not_before_the_first_start():
    assert days_of("2026-12-02", **TUESDAYS, count=2) == "8 Dec | 15 Dec"


def test_every_other_week_counts_from_the_week_of_the_first_start():
    days = days_of(frequency=WEEKLY, interval=2, weekdays=(MONDAY, TUESDAY), count=4)
    assert days == "1 Dec | 14 Dec | 15 Dec | 28 Dec"


def test_days():
    assert days_of(frequency=DAILY, count=3) == "1 Dec | 2 Dec | 3 Dec"
    assert days_of(frequency=DAILY, interval=10, until=date(2026, 12, 31)) == "1 Dec | 11 Dec | 21 Dec | 31 Dec"


def test_second_thursday_and_last_friday():
    second = {"frequency": MONTHLY, "weekdays": (THURSDAY,), "week_of_month": 2}
    last = {"frequency": MONTHLY, "weekdays": (FRIDAY,), "week_of_month": LAST_WEEK}
    assert days_of(**second, count=4) == "10 Dec | 14 Jan | 11 Feb | 11 Mar"
    assert days_of(**last, count=4) == "25 Dec | 29 Jan | 26 Feb | 26 Mar"
    assert days_of("2026-12-11", **second, interval=3, count=2) == "11 Mar | 10 Jun"


def test_a_month_without_that_day_is_left_out():
    assert days_of(frequency=MONTHLY, day_of_month=31, count=4) == "31 Dec | 31 Jan | 31 Mar | 31 May"
    assert days_of("2028-01-29", frequency=MONTHLY, day_of_month=29, count=3) == "29 Jan | 29 Feb | 29 Mar"
    assert days_of("2027-01-29", frequency=MONTHLY, day_of_month=29, count=3) == "29 Jan | 29 Mar | 29 Apr"


def test_days_left_out_are_none_of_the_number():
    days = days_of(**TUESDAYS, count=3, left_out=frozenset([date(2026, 12, 8), date(2026, 12, 9)]))
    assert days == "1 Dec | 15 Dec | 22 Dec"


# The clock


def test_the_clock_shows_the_same_on_both_sides_of_its_changes():
    sundays = {"frequency": WEEKLY, "weekdays": (6,), "count": 3}
    assert starts_of("2027-03-21 19:30", **sundays) == ["21 Mar 19:30", "28 Mar 19:30", "4 Apr 19:30"]
    assert starts_of("2027-10-24 19:30", **sundays) == ["24 Oct 19:30", "31 Oct 19:30", "7 Nov 19:30"]


def test_an_hour_that_never_comes_is_an_hour_later_that_night_alone():
    sundays = {"frequency": WEEKLY, "weekdays": (6,), "count": 3}
    assert starts_of("2027-03-21 01:30", **sundays) == ["21 Mar 01:30", "28 Mar 02:30", "4 Apr 01:30"]


def test_a_late_evening_stays_on_its_day():
    assert starts_of("2027-06-29 23:45", **TUESDAYS, count=2) == ["29 Jun 23:45", "6 Jul 23:45"]
    assert starts_of("2027-06-29 00:15", **TUESDAYS, until=date(2027, 6, 29)) == ["29 Jun 00:15"]


# What cannot be


def test_the_end_before_the_start():
    assert refusal(**TUESDAYS, until=date(2026, 11, 30)) == "The last day comes before the first."


def test_nothing_left():
    words = "No date is left: none of its days lies between the first and the last."
    assert refusal("2026-12-02 19:30", **TUESDAYS, until=date(2026, 12, 7)) == words
    assert refusal(**TUESDAYS, until=date(2026, 12, 7), left_out=frozenset([date(2026, 12, 1)])) == words
    assert refusal("2027-02-01 19:30", frequency=MONTHLY, interval=12, day_of_month=31, count=2) == words


def test_too_many():
    last = date(2026, 12, 1) + timedelta(days=MOST_DATES - 1)
    assert len(starts_of(frequency=DAILY, until=last)) == MOST_DATES
    words = "That makes more than 200 dates. Choose an earlier end."
    assert refusal(frequency=DAILY, until=last + timedelta(days=1)) == words
    assert refusal(frequency=DAILY, count=MOST_DATES + 1) == "How many times? Write 1 to 200."


def test_too_long():
    words = "A series may last 5 years. Choose an earlier end."
    assert refusal(frequency=MONTHLY, day_of_month=1, count=62) == words
    assert refusal(frequency=MONTHLY, day_of_month=1, until=date(2031, 12, 2)) == words
    assert len(starts_of(frequency=MONTHLY, day_of_month=1, count=61)) == 61
    assert len(starts_of(frequency=MONTHLY, day_of_month=1, until=date(2031, 12, 1))) == 61


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({**TUESDAYS}, "Say how it ends"),
        ({**TUESDAYS, "until": date(2027, 1, 1), "count": 3}, "Say how it ends"),
        ({**TUESDAYS, "count": 0}, "How many times? Write 1 to 200."),
        ({**TUESDAYS, "count": 3, "interval": 0}, "How many days, weeks or months apart? Write 1 to 99."),
        ({**TUESDAYS, "count": 3, "interval": 100}, "How many days, weeks or months apart?"),
        ({"frequency": WEEKLY, "count": 3}, "Choose at least one day of the week."),
        ({"frequency": WEEKLY, "weekdays": (7,), "count": 3}, "Choose at least one day of the week."),
        ({"frequency": MONTHLY, "count": 3}, "Choose a day of the month"),
        ({"frequency": MONTHLY, "day_of_month": 32, "count": 3}, "Choose a day of the month"),
        ({"frequency": MONTHLY, "week_of_month": 2, "count": 3}, "Choose a day of the month"),
        ({"frequency": MONTHLY, "week_of_month": 5, "weekdays": (1,), "count": 3}, "Choose a day of the month"),
        ({"frequency": MONTHLY, "week_of_month": 2, "weekdays": (1, 2), "count": 3}, "Choose a day of the month"),
        (
            {"frequency": MONTHLY, "week_of_month": 2, "weekdays": (1,), "day_of_month": 3, "count": 3},
            "Choose a day of the month",
        ),
    ],
)
def test_a_rule_that_says_too_little_or_contradicts_itself(rule, words):
    assert refusal(**rule).startswith(words)


# In words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (TUESDAYS, "every Tuesday"),
        ({"frequency": WEEKLY, "weekdays": (THURSDAY, TUESDAY)}, "every Tuesday and Thursday"),
        ({"frequency": WEEKLY, "weekdays": (0, 1, 2, 3, 4)}, "every Monday to Friday"),
        ({"frequency": WEEKLY, "weekdays": (0, 2, 4)}, "every Monday, Wednesday and Friday"),
        ({"frequency": WEEKLY, "weekdays": tuple(range(7))}, "every day"),
        ({**TUESDAYS, "interval": 2}, "every other Tuesday"),
        ({"frequency": WEEKLY, "weekdays": (1, 3), "interval": 2}, "every 2 weeks on Tuesday and Thursday"),
        ({**TUESDAYS, "interval": 3}, "every 3 weeks on Tuesday"),
        ({"frequency": DAILY}, "every day"),
        ({"frequency": DAILY, "interval": 2}, "every other day"),
        ({"frequency": DAILY, "interval": 3}, "every 3 days"),
        ({"frequency": MONTHLY, "weekdays": (3,), "week_of_month": 2}, "second Thursday of the month"),
        ({"frequency": MONTHLY, "weekdays": (4,), "week_of_month": LAST_WEEK}, "last Friday of the month"),
        ({"frequency": MONTHLY, "day_of_month": 22}, "the 22nd of the month"),
        ({"frequency": MONTHLY, "day_of_month": 31, "interval": 2}, "the 31st of every other month"),
        (
            {"frequency": MONTHLY, "weekdays": (6,), "week_of_month": 1, "interval": 3},
            "first Sunday, every 3 months",
        ),
    ],
)
def test_how_often(rule, words):
    assert describe_rule(SeriesRule(**rule, until=date(2027, 3, 30)), TODAY) == f"{words} until 30 March"


def test_how_it_ends():
    assert describe_rule(SeriesRule(**TUESDAYS, count=8), TODAY) == "every Tuesday, 8 times"
    assert describe_rule(SeriesRule(**TUESDAYS, count=1), TODAY) == "every Tuesday, 1 time"
    assert (
        describe_rule(SeriesRule(**TUESDAYS, until=date(2027, 9, 28)), TODAY) == "every Tuesday until 28 September 2027"
    )
    assert describe_rule(SeriesRule(**TUESDAYS, until=date(2027, 3, 30))) == "every Tuesday until 30 March 2027"


def test_what_is_left_out():
    def without(*days):
        rule = SeriesRule(**TUESDAYS, until=date(2027, 3, 30), left_out=frozenset(days))
        return describe_rule(rule, TODAY).removeprefix("every Tuesday until 30 March")

    christmas, new_year = date(2026, 12, 25), date(2027, 1, 1)
    assert without() == ""
    assert without(christmas) == ", but not 25 December"
    assert without(new_year, christmas) == ", but not 25 December or 1 January"
    assert without(*[christmas + timedelta(weeks=number) for number in range(6)]) == ", but not on 6 days"


def test_where_it_begins():
    rule = SeriesRule(**TUESDAYS, until=date(2027, 3, 30))
    assert describe_rule(rule, TODAY, first_day=date(2027, 1, 5)) == "every Tuesday from 5 January until 30 March"


# Whatever the rule

WEEKDAYS = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple)
PACES = st.one_of(
    st.fixed_dictionaries({"frequency": st.just(DAILY)}),
    st.fixed_dictionaries({"frequency": st.just(WEEKLY), "weekdays": WEEKDAYS}),
    st.fixed_dictionaries({"frequency": st.just(MONTHLY), "day_of_month": st.integers(1, 31)}),
    st.fixed_dictionaries(
        {
            "frequency": st.just(MONTHLY),
            "weekdays": st.tuples(st.integers(0, 6)),
            "week_of_month": st.sampled_from([1, 2, 3, 4, LAST_WEEK]),
        }
    ),
)
STARTS = st.datetimes(at("2026-01-01").replace(tzinfo=None), at("2040-01-01").replace(tzinfo=None))
NEVER_COMES = 1
"""The hour that is skipped in spring, from one to two."""


def list_some(rule, first_start):
    """None for a series that is refused in words."""
    try:
        return list_series_starts(rule, first_start)
    except ImpossibleSeries:
        return None


@st.composite
def series(draw, **ends):
    first = draw(STARTS).replace(second=0, microsecond=0, fold=0, tzinfo=JERSEY)
    offsets = draw(st.lists(st.integers(0, 60), max_size=5))
    left_out = frozenset(first.date() + timedelta(days=offset) for offset in offsets)
    end = draw(ends["ends"])
    if "until" in end:
        end = {"until": first.date() + timedelta(days=end["until"])}
    return SeriesRule(**draw(PACES), **end, interval=draw(st.integers(1, 4)), left_out=left_out), first


UNTIL = st.fixed_dictionaries({"until": st.integers(0, 400)})
COUNT = st.fixed_dictionaries({"count": st.integers(1, 30)})


@given(series(ends=UNTIL | COUNT))
def test_in_order_each_once_within_its_bounds_without_what_is_left_out(drawn):
    rule, first = drawn
    starts = list_some(rule, first) or []
    days = [to_island_clock(start).date() for start in starts]
    assert starts == sorted(set(starts))
    assert len(starts) <= MOST_DATES
    assert not rule.left_out & set(days)
    last = rule.until or first.date() + timedelta(days=366 * MOST_YEARS)
    assert all(first.date() <= day <= last for day in days)
    assert all(start >= first for start in starts)


@given(series(ends=UNTIL | COUNT))
def test_the_clock_always_shows_the_same(drawn):
    rule, first = drawn
    clock = to_island_clock(first).time()
    shown = {to_island_clock(start).time() for start in list_some(rule, first) or []}
    later = clock.replace(hour=2) if clock.hour == NEVER_COMES else clock
    assert shown <= {clock, later}


@given(series(ends=COUNT))
def test_the_number_is_exact(drawn):
    rule, first = drawn
    starts = list_some(rule, first)
    assert starts is None or len(starts) == rule.count


@given(series(ends=UNTIL))
def test_every_day_fits_the_rule_and_none_is_forgotten(drawn):
    rule, first = drawn
    days = {to_island_clock(start).date() for start in list_some(rule, first) or []}
    span = [first.date() + timedelta(days=number) for number in range((rule.until - first.date()).days + 1)]
    fitting = {day for day in span if day not in rule.left_out and fits(rule, first.date(), day)}
    assert days == fitting or len(fitting) > MOST_DATES


def fits(rule, first, day):
    """The rule once more, day by day."""
    if rule.frequency == DAILY:
        return (day - first).days % rule.interval == 0
    if rule.frequency == WEEKLY:
        monday = first - timedelta(days=first.weekday())
        return day.weekday() in rule.weekdays and (day - monday).days // 7 % rule.interval == 0
    if (12 * (day.year - first.year) + day.month - first.month) % rule.interval:
        return False
    if rule.week_of_month is None:
        return day.day == rule.day_of_month
    is_last = (day + timedelta(days=7)).month != day.month
    week = (day.day - 1) // 7 + 1
    return day.weekday() == rule.weekdays[0] and (
        is_last if rule.week_of_month == LAST_WEEK else week == rule.week_of_month
    )
