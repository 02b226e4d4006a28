"""When to look again: seconds apart at first, minutes later, hours for late money, and an end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.verification.check_schedule import time_to_next_check

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
BEFORE = -MINUTE
MAX_AGE = 2 * HOUR  # PAYMENT_MAX_AGE by default


@pytest.mark.parametrize(
    ("age", "checks", "past_deadline", "expected"),
    [
        (0 * SECOND, 0, BEFORE, 10 * SECOND),
        (30 * SECOND, 3, BEFORE, 10 * SECOND),
        (2 * MINUTE, 6, BEFORE, 30 * SECOND),
        (10 * MINUTE, 20, BEFORE, 50 * SECOND),
        (10 * MINUTE, 100, BEFORE, 2 * MINUTE),
        (15 * MINUTE, 20, 0 * SECOND, 2 * MINUTE),
        (HOUR, 20, 40 * MINUTE, 10 * MINUTE),
        (3 * HOUR, 30, MAX_AGE - SECOND, (MAX_AGE - SECOND) / 4),
        (3 * HOUR, 30, MAX_AGE, HOUR),
        (24 * HOUR, 60, 24 * HOUR - SECOND, HOUR),
        (24 * HOUR, 60, 24 * HOUR, None),
        (90 * 24 * HOUR, 0, 90 * 24 * HOUR, None),
    ],
)
def test_pace(age, checks, past_deadline, expected):
    assert time_to_next_check(age=age, checks=checks, past_deadline=past_deadline) == expected


def test_pace_obeys_the_setting(settings):
    settings.PAYMENT_MAX_AGE = 60
    assert time_to_next_check(age=HOUR, checks=9, past_deadline=MINUTE) == HOUR


ages = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3))
deadlines = st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=3))
looks = st.integers(min_value=0, max_value=2000)


def in_seconds(gap):
    return gap.total_seconds() if gap is not None else float("inf")


@given(ages, looks, deadlines)
def test_pace_is_bounded(age, checks, past_deadline):
    gap = time_to_next_check(age=age, checks=checks, past_deadline=past_deadline)
    assert (gap is None) == (past_deadline >= 24 * HOUR)
    assert gap is None or 10 * SECOND <= gap <= HOUR


@given(ages, looks, deadlines, st.tuples(ages, looks, ages))
def test_pace_never_quickens(age, checks, past_deadline, later):
    more_age, more_checks, more_past = later
    now = time_to_next_check(age=age, checks=checks, past_deadline=past_deadline)
    then = time_to_next_check(age=age + more_age, checks=checks + more_checks, past_deadline=past_deadline + more_past)
    assert in_seconds(now) <= in_seconds(then)


@pytest.mark.parametrize("minutes_to_pay", [1, 15, 30, 120])
def test_pace_ends_after_few_looks(minutes_to_pay):
    deadline, now, count = minutes_to_pay * MINUTE, timedelta(0), 0
    while gap := time_to_next_check(age=now, checks=count, past_deadline=now - deadline):
        now, count = now + gap, count + 1
    assert now - deadline < 25 * HOUR
    assert count < 200


def test_a_payment_that_nobody_watches_is_seen_within_a_minute(settings):
    """Until the deadline every gap is shorter than the time between two sweeps."""
    for age in range(0, 900, 5):
        assert time_to_next_check(age=age * SECOND, checks=age // 10, past_deadline=BEFORE) < MINUTE
