"""When an event is, as people say it."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from events_pages.dates.wording import describe_dates, format_short_date, name_day
from events_pages.enums import PerformanceStatus
from tests.events_pages.dates.performances import at, days_from, lasting, on

NOW = at("2027-06-20 12:00")
SATURDAYS = days_from("2027-06-26", 8, apart=7)


def describe(*performances, now=NOW, **more):
    return describe_dates(performances, now, **more)


def on_days(days):
    return [on(day) for day in days]


def called_off(performance, status=PerformanceStatus.CANCELLED):
    return replace(performance, status=status)


# One date


def test_one_date():
    assert describe(on("2027-07-03")) == "Sat 3 July, 19:30"


def test_no_date_says_nothing():
    assert describe() == ""


@pytest.mark.parametrize(
    ("now", "day", "words"),
    [
        ("2026-11-29 12:00", "2027-03-13", "Sat 13 March, 19:30"),
        ("2026-11-29 12:00", "2027-07-03", "Sat 3 July 2027, 19:30"),
        ("2027-12-31 23:59", "2028-01-01", "Sat 1 January, 19:30"),
        ("2027-01-01 00:00", "2027-12-31", "Fri 31 December, 19:30"),
        ("2027-12-31 23:59", "2027-01-02", "Sat 2 January, 19:30"),
        ("2028-01-01 00:00", "2027-12-31", "Fri 31 December 2027, 19:30"),
    ],
)
def test_the_year_is_said_where_it_is_not_this_one_or_the_next_half(now, day, words):
    assert describe(on(day), now=at(now)) == words


def test_paper_that_is_kept_has_every_year():
    assert describe(on("2027-07-03"), always_year=True) == "Sat 3 July 2027, 19:30"
    assert describe(on("2027-07-03"), on("2027-07-04"), always_year=True) == "Sat 3 and Sun 4 July 2027"
    assert describe(*on_days(SATURDAYS), always_year=True) == "every Saturday from 26 June 2027 until 14 August 2027"


def test_the_clock_is_the_islands_whoever_looks():
    late = on("2027-07-03", "00:15")
    utc = replace(late, starts_at=late.starts_at.astimezone(UTC), ends_at=late.ends_at.astimezone(UTC))
    with timezone.override("America/New_York"):
        assert describe(utc, now=NOW.astimezone(UTC)) == "Sat 3 July, 00:15"


# A date that lasts


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2027-07-02 18:00", "2027-07-04 22:00", "Fri 2 – Sun 4 July"),
        ("2027-07-02 18:00", "2027-07-05 00:00", "Fri 2 – Sun 4 July"),
        ("2027-07-02 18:00", "2027-07-05 02:00", "Fri 2 – Sun 4 July"),
        ("2027-07-30 18:00", "2027-08-01 22:00", "Fri 30 July – Sun 1 August"),
        ("2027-07-03 09:00", "2027-07-04 09:00", "Sat 3 – Sun 4 July"),
    ],
)
def test_a_festival_is_some_days(start, end, words):
    assert describe(lasting(start, end)) == words


@pytest.mark.parametrize("end", ["2027-07-03 22:00", "2027-07-04 00:00", "2027-07-04 03:30", "2027-07-04 07:30"])
def test_an_evening_that_ends_after_midnight_is_one_day(end):
    assert describe(lasting("2027-07-03 19:30", end)) == "Sat 3 July, 19:30"


def test_a_guessed_end_makes_no_second_day():
    assert describe(lasting("2027-07-03 10:00", "2027-07-04 10:00", is_end_estimated=True)) == "Sat 3 July, 10:00"


def test_the_length_of_an_evening_is_told_by_no_clock_that_changes():
    """From half past six to half past six: eleven hours when the clocks go forward, thirteen when they go back."""
    assert (
        describe(lasting("2027-03-27 18:30", "2027-03-28 06:30"), now=at("2027-03-20 12:00")) == "Sat 27 March, 18:30"
    )
    assert describe(lasting("2027-10-30 18:30", "2027-10-31 06:30")) == "Sat 30 – Sun 31 October"


def test_a_morning_after_belongs_to_the_evening_before_however_long_it_was():
    assert describe(lasting("2027-07-03 19:30", "2027-07-04 07:31")) == "Sat 3 – Sun 4 July"
    assert describe(lasting("2027-07-03 10:00", "2027-07-04 05:59")) == "Sat 3 July, 10:00"
    assert describe(lasting("2027-07-03 10:00", "2027-07-04 06:00")) == "Sat 3 – Sun 4 July"


def test_a_festival_over_the_turn_of_the_year():
    festival = lasting("2027-12-30 18:00", "2028-01-02 18:00")
    assert describe(festival, now=at("2027-12-01 12:00")) == "Thu 30 December – Sun 2 January"
    assert describe(festival) == "Thu 30 December 2027 – Sun 2 January 2028"


def test_two_weekends():
    weekends = [
        lasting("2027-07-02 18:00", "2027-07-04 22:00"),
        lasting("2027-07-09 18:00", "2027-07-11 22:00"),
    ]
    assert describe(*weekends) == "Fri 2 – Sun 4 and Fri 9 – Sun 11 July"


def test_many_weekends():
    starts = days_from("2027-07-02", 4, apart=7)
    weekends = [lasting(f"{day} 18:00", f"{day + timedelta(days=2)} 22:00") for day in starts]
    assert describe(*weekends) == "Fri 2 – Sun 25 July, 4 dates"


def test_a_range_reaches_to_the_end_of_the_longest():
    exhibition = lasting("2027-07-02 10:00", "2027-08-01 18:00")
    assert describe(exhibition, *on_days(days_from("2027-07-10", 4))) == "Fri 2 July – Sun 1 August, 5 dates"


# Several dates


def test_matinee_and_evening():
    assert describe(on("2027-07-03", "19:30"), on("2027-07-03", "14:30")) == "Sat 3 July, 14:30 and 19:30"


def test_two_rooms_at_one_time_are_one_time():
    assert describe(on("2027-07-03"), on("2027-07-03")) == "Sat 3 July, 19:30"


def test_tours_all_day():
    tours = [on("2027-07-03", f"{hour}:00") for hour in range(10, 17)]
    assert describe(*tours) == "Sat 3 July, 7 times from 10:00"
    assert describe(*tours[:5]) == "Sat 3 July, 5 times from 10:00"
    assert describe(*tours[:4]) == "Sat 3 July, 10:00, 11:00, 12:00 and 13:00"


def test_two_or_three_days_are_listed():
    assert describe(on("2027-07-02"), on("2027-07-03"), on("2027-07-09")) == "Fri 2, Sat 3 and Fri 9 July"
    assert describe(on("2027-07-09"), on("2027-08-07")) == "Fri 9 July and Sat 7 August"
    assert describe(on("2027-07-03", "14:30"), *on_days(["2027-07-03", "2027-07-04"])) == "Sat 3 and Sun 4 July"


def test_a_run_of_evenings():
    assert describe(*on_days(days_from("2027-07-02", 9))[1:]) == "Sat 3 – Sat 10 July, 8 dates"
    gaps = on_days(["2027-07-02", "2027-07-03", "2027-07-07", "2027-07-10"])
    assert describe(*gaps) == "Fri 2 – Sat 10 July, 4 dates"


def test_a_run_counts_its_matinees():
    matinee = on("2027-07-10", "14:30")
    assert describe(*on_days(days_from("2027-07-02", 9)), matinee) == "Fri 2 – Sat 10 July, 10 dates"


def test_a_run_over_the_turn_of_the_year():
    pantomime = on_days(days_from("2027-12-18", 23))
    assert describe(*pantomime) == "Sat 18 December 2027 – Sun 9 January 2028, 23 dates"
    assert describe(*pantomime, now=at("2027-12-01 12:00")) == "Sat 18 December – Sun 9 January, 23 dates"
    assert describe(*pantomime, now=at("2028-02-01 12:00")) == "Sat 18 December 2027 – Sun 9 January 2028, 23 dates"


def test_what_is_given_in_any_order_reads_the_same():
    assert describe(*reversed(on_days(days_from("2027-07-02", 9)))) == "Fri 2 – Sat 10 July, 9 dates"


def test_performances_may_come_one_by_one():
    now = at("2027-06-26 23:00")
    assert describe_dates((on(day) for day in SATURDAYS), now) == "every Saturday until 14 August"


# By a rule


def test_every_week():
    assert describe(*on_days(SATURDAYS)) == "every Saturday until 14 August"


def test_every_tuesday_and_thursday():
    days = sorted([*days_from("2027-06-22", 5, apart=7), *days_from("2027-06-24", 5, apart=7)])
    assert describe(*on_days(days)) == "every Tuesday and Thursday until 22 July"


def test_every_week_on_both_sides_of_the_clock_change_and_the_year():
    tuesdays = on_days(days_from("2027-10-12", 26, apart=7))
    assert describe(*tuesdays, now=at("2027-10-10 12:00")) == "every Tuesday until 4 April"


def test_every_week_but_one():
    assert describe(*on_days([*SATURDAYS[:3], *SATURDAYS[4:]])) == "every Saturday until 14 August, but not 17 July"


def test_two_weekends_are_no_rule_yet():
    assert (
        describe(*on_days(["2027-07-02", "2027-07-03", "2027-07-09", "2027-07-10"])) == "Fri 2 – Sat 10 July, 4 dates"
    )


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2027-06-18 12:00", "every Saturday from 26 June until 14 August"),
        ("2027-06-19 12:00", "every Saturday from 26 June until 14 August"),
        ("2027-06-20 12:00", "every Saturday until 14 August"),
        ("2027-06-26 12:00", "every Saturday until 14 August"),
    ],
)
def test_a_series_that_begins_later_than_the_next_saturday_says_when(now, words):
    assert describe(*on_days(SATURDAYS), now=at(now)) == words


@pytest.mark.parametrize("now", ["2027-06-26 22:00", "2027-06-26 23:00"])
def test_this_saturday_over_the_next_is_meant(now):
    assert describe(*on_days(SATURDAYS), now=at(now)) == "every Saturday until 14 August"


def test_this_saturday_called_off_the_first_is_said():
    first, *others = on_days(SATURDAYS)
    assert describe(called_off(first), *others) == "every Saturday from 3 July until 14 August"


def test_every_other_week_says_which():
    days = days_from("2027-06-26", 5, apart=14)
    assert describe(*on_days(days)) == "every other Saturday from 26 June until 21 August"


def test_months():
    second_thursdays = on_days(["2027-07-08", "2027-08-12", "2027-09-09", "2027-10-14", "2027-11-11", "2027-12-09"])
    assert describe(*second_thursdays) == "second Thursday of the month until 9 December"
    assert describe(*second_thursdays[:2], *second_thursdays[3:]) == (
        "second Thursday of the month until 9 December, but not 9 September"
    )
    firsts = on_days(["2027-07-01", "2027-08-01", "2027-09-01", "2027-10-01"])
    assert describe(*firsts) == "the 1st of the month until 1 October"
    last_fridays = on_days(["2027-06-25", "2027-07-30", "2027-08-27", "2027-09-24"])
    assert describe(*last_fridays) == "last Friday of the month until 24 September"


def test_a_rule_that_is_over_says_both_ends():
    assert describe(*on_days(SATURDAYS), now=at("2027-09-01 12:00")) == "every Saturday from 26 June until 14 August"


# What does not count


def test_what_is_over_does_not_count_while_others_come():
    run = on_days(days_from("2027-07-02", 9))
    assert describe(*run, now=at("2027-07-04 21:00")) == "Sun 4 – Sat 10 July, 7 dates"
    assert describe(*run, now=at("2027-07-04 22:00")) == "Mon 5 – Sat 10 July, 6 dates"
    assert describe(*run, now=at("2027-07-10 20:00")) == "Sat 10 July, 19:30"
    assert describe(*run, now=at("2027-07-11 00:00")) == "Fri 2 – Sat 10 July, 9 dates"


@pytest.mark.parametrize("status", [PerformanceStatus.CANCELLED, PerformanceStatus.POSTPONED])
def test_what_does_not_take_place_does_not_count_unless_all_do_not(status):
    first, second = on("2027-07-02"), on("2027-07-03")
    assert describe(called_off(first, status), second) == "Sat 3 July, 19:30"
    assert describe(called_off(first, status), called_off(second, status)) == "Fri 2 and Sat 3 July"


def test_a_date_called_off_within_a_series_is_named():
    performances = on_days(SATURDAYS)
    performances[3] = called_off(performances[3])
    assert describe(*performances) == "every Saturday until 14 August, but not 17 July"


def test_what_moved_online_counts():
    assert describe(called_off(on("2027-07-02"), PerformanceStatus.MOVED_ONLINE)) == "Fri 2 July, 19:30"


def test_over_and_called_off_ones_leave_the_past():
    played, called = on("2027-06-11"), called_off(on("2027-07-02"))
    assert describe(played, called) == "Fri 11 June, 19:30"


# One performance


def test_a_performance_to_choose():
    assert format_short_date(on("2027-07-03")) == "Sat 3 July 19:30"
    assert format_short_date(on("2027-07-03"), at("2026-11-29 12:00")) == "Sat 3 July 2027 19:30"
    assert format_short_date(on("2027-07-03"), NOW) == "Sat 3 July 19:30"
    assert format_short_date(lasting("2027-07-02 18:00", "2027-07-04 22:00")) == "Fri 2 – Sun 4 July"
    assert format_short_date(lasting("2027-12-31 18:00", "2028-01-01 22:00")) == "Fri 31 December – Sat 1 January"


# Days as headings


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        ("2027-12-04 10:00", "Today"),
        ("2027-12-04 16:59", "Today"),
        ("2027-12-04 17:00", "Tonight"),
        ("2027-12-04 23:59", "Tonight"),
        ("2027-12-05 00:00", "Tomorrow"),
        ("2027-12-05 19:30", "Tomorrow"),
        ("2027-12-06 19:30", "Monday 6 December"),
        ("2027-12-03 19:30", "Friday 3 December"),
        ("2028-01-01 19:30", "Saturday 1 January 2028"),
        ("2026-12-05 19:30", "Saturday 5 December 2026"),
    ],
)
def test_days_by_name(starts, words):
    assert name_day(at(starts), at("2027-12-04 12:00")) == words


def test_the_day_is_the_islands():
    assert name_day(at("2027-07-04 00:30").astimezone(UTC), at("2027-07-04 12:00")) == "Today"
    with timezone.override("Asia/Tokyo"):
        assert name_day(at("2027-07-03 16:00"), at("2027-07-03 15:30")) == "Today"


def test_new_years_eve_and_the_night_the_clocks_change():
    assert name_day(at("2028-01-01 19:30"), at("2027-12-31 23:59")) == "Tomorrow"
    assert name_day(at("2027-03-29 10:00"), at("2027-03-28 00:30")) == "Tomorrow"
    assert name_day(at("2027-11-01 10:00"), at("2027-10-31 23:30")) == "Tomorrow"


def test_the_longest_series():
    saturdays = on_days(days_from("2027-01-02", 200, apart=7))
    assert describe(*saturdays, now=at("2027-01-01 12:00")) == "every Saturday until 26 October 2030"


def test_more_years_than_a_series_may_last_are_a_range():
    saturdays = on_days(days_from("2027-01-02", 300, apart=7))
    assert describe(*saturdays, now=at("2027-01-01 12:00")) == "Sat 2 January 2027 – Sat 25 September 2032, 300 dates"
