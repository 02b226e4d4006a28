"""Which days follow a rule."""

from datetime import date, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from events_pages.dates.patterns import find_rule
from events_pages.dates.series import LAST_WEEK, SeriesRule, generate_days
from events_pages.enums import Frequency
from tests.events_pages.dates.performances import days_from

FIRST = date(2027, 1, 2)
SATURDAYS = days_from("2027-01-02", 12, apart=7)


def test_every_saturday():
    assert find_rule(SATURDAYS) == SeriesRule(Frequency.WEEKLY, weekdays=(5,), until=SATURDAYS[-1])


def test_a_fortnight_and_a_month_are_told_apart():
    assert find_rule(SATURDAYS[::2]) == SeriesRule(Frequency.WEEKLY, 2, weekdays=(5,), until=SATURDAYS[10])
    fourth_is_last = [date(2027, 1, 22), date(2027, 2, 26), date(2027, 3, 26), date(2027, 4, 23)]
    assert find_rule(fourth_is_last) == SeriesRule(
        Frequency.MONTHLY, weekdays=(4,), week_of_month=4, until=fourth_is_last[-1]
    )


def test_last_is_said_where_both_are_true():
    last_fridays = [date(2027, 2, 26), date(2027, 3, 26), date(2027, 4, 30), date(2027, 5, 28)]
    assert find_rule(last_fridays).week_of_month == LAST_WEEK


def without(days, *places):
    return [day for place, day in enumerate(days) if place not in places]


def test_two_may_be_missing_and_not_more_than_one_in_five():
    saturdays = days_from("2027-01-02", 20, apart=7)
    assert find_rule(without(saturdays[:5], 3)).left_out == {saturdays[3]}
    assert find_rule(without(saturdays[:10], 3, 7)).left_out == {saturdays[3], saturdays[7]}
    assert find_rule(without(saturdays[:9], 3, 7)) is None
    assert find_rule(without(saturdays, 3, 7, 11)) is None


def test_one_day_more_than_the_rule_gives_is_none():
    assert find_rule(sorted([*SATURDAYS, SATURDAYS[4] + timedelta(days=1)])) is None


def test_what_is_no_rule_to_say():
    assert find_rule([]) is None
    assert find_rule([date(2027, 1, 14), date(2027, 2, 11), date(2027, 3, 11)]) is None
    assert find_rule(days_from("2027-01-02", 40)) is None
    fifth_saturdays = [date(2027, 1, 30), date(2027, 5, 29), date(2027, 7, 31), date(2027, 10, 30)]
    assert find_rule(fifth_saturdays) is None
    assert find_rule([day for day in days_from("2027-01-04", 40) if day.weekday() in (0, 1, 3, 4)]) is None
    assert find_rule([FIRST + timedelta(days=number**2) for number in range(8)]) is None


def test_days_in_a_row_each_week():
    weekdays = [day for day in days_from("2027-01-04", 40) if day.weekday() < 5]
    assert find_rule(weekdays).weekdays == (0, 1, 2, 3, 4)


RULES = st.one_of(
    st.builds(
        SeriesRule,
        st.just(Frequency.WEEKLY),
        interval=st.integers(1, 2),
        weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=1).map(tuple),
        count=st.integers(4, 60),
    ),
    st.builds(SeriesRule, st.just(Frequency.MONTHLY), day_of_month=st.integers(1, 28), count=st.integers(4, 24)),
    st.builds(
        SeriesRule,
        st.just(Frequency.MONTHLY),
        weekdays=st.tuples(st.integers(0, 6)),
        week_of_month=st.sampled_from([1, 2, 3, 4, LAST_WEEK]),
        count=st.integers(4, 24),
    ),
)


@given(rule=RULES, first=st.dates(date(2026, 1, 1), date(2060, 1, 1)))
def test_the_days_of_a_rule_are_told_as_these_days(rule, first):
    days = list(generate_days(rule, first))
    found = find_rule(days)
    assert list(generate_days(found, days[0])) == days
    assert (found.frequency, found.left_out) == (rule.frequency, frozenset())


@given(days=st.sets(st.dates(FIRST, FIRST + timedelta(days=120)), min_size=1, max_size=40))
def test_whatever_is_found_gives_just_these_days(days):
    ordered = sorted(days)
    found = find_rule(ordered)
    assert found is None or list(islice(generate_days(found, ordered[0]), 300)) == ordered
