"""Dates and times as people write them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from common.text import typed_dates
from common.text.typed_dates import Unreadable, explain_moment, read_date, read_dates, read_moment, read_time

JERSEY = ZoneInfo("Europe/Jersey")
DAY = date(2026, 12, 12)

DAYS = """
12/12/2026 | 12-12-2026 | 12.12.2026 | 12 / 12 / 2026 | 12/12/26 | 2026-12-12 | 2026/12/12 | 12 Dec 2026
12 december 2026 | 12th Dec 2026 | 12th of December, 2026 | the 12th of December 2026 | 12Dec2026
12-Dec-26 | 12 Dec '26 | 12 Dec ’26
Dec 12 2026 | December 12th, 2026 | Sat 12 Dec 2026 | Saturday, 12th December 2026 | sat. 12/12/2026 |  12  DEC.  2026
１２/１２/２０２６ | 12–12–2026 | \u200f12/12/2026\u200e | \ufeff12\u00a0Dec\u202f2026
"""
TIMES = """
19:30 | 19.30 | 1930 | 7.30pm | 7:30 pm | 7.30 p.m. | 7.30 P.M | 07:30PM | 19h30
19:30 hrs | 19.30. | 1930h | 19:30:00 | 19:30:00.000000
"""
MOMENTS = """
12/12/2026 19:30 | 12 Dec 2026 7.30pm | 12 Dec 2026, 7.30 p.m. | 2026-12-12 19:30 | 2026-12-12T19:30:00 | 12/12/26 1930
Saturday 12th December 2026 at 7.30pm | 7.30pm on Saturday 12th December 2026 | 19:30, 12/12/2026 | 19.30 12.12.2026
12 Dec 2026 @ 7:30pm | 12.12.2026 - 19.30 | 1930 12 Dec 2026 | 2026-12-12T19:30:00.000000+00:00 | 2026-12-12T20:30+01:00
2026-12-12T19:30Z | 12 Dec 2026 19:30 (GMT) | 7:30pm GMT, 12 Dec 2026
"""
NONSENSE = """
next tuesdayish | tomorrow | soon | 12 Dec | 12 Dec 7.30pm | 12/12 19:30 | Dec 2026 | 2026 | 12
1e5 | NaN | half past seven | 12/12/202 | 12/12/20266 | 12/12/2026 25:00 | 12/12/2026 24:01 | 12/12/2026 19:60
12/12/2026 0pm | 12/12/2026 13am | 12/12/2026 19:30 or so
12/12/2026 7 | 12/12/2026 7 or 8pm | 12/12/2026 7pm-9pm | 12 Foo 2026 19:30
Someday 12 Dec 2026 | 12 12 2026 19:30 | 12/12-2026 | ١٢/١٢/٢٠٢٦ | 12/12/2026 19:30 +99:99 | 12 Dec 2026 19:30 CET
"""


def each(table):
    return [text.strip("\n ") for line in table.strip("\n").split("\n") for text in line.split(" | ")]


def wrong(read, text):
    with pytest.raises(Unreadable) as caught:
        read(text)
    return str(caught.value)


def jersey(*parts, fold=0):
    return datetime(*parts, tzinfo=JERSEY, fold=fold).astimezone(UTC)


@pytest.mark.parametrize("text", each(DAYS))
def test_a_day(text):
    assert read_date(text) == DAY
    assert read_moment(f"{text} 19:30") == jersey(2026, 12, 12, 19, 30)


@pytest.mark.parametrize("text", each(TIMES))
def test_a_time(text):
    assert read_time(text) == time(19, 30)
    assert read_moment(f"12/12/2026 {text}") == jersey(2026, 12, 12, 19, 30)


@pytest.mark.parametrize("text", each(MOMENTS))
def test_a_moment(text):
    assert read_moment(text) == jersey(2026, 12, 12, 19, 30)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        *(("12am", time(0)), ("12pm", time(12)), ("12.30am", time(0, 30)), ("noon", time(12)), ("12 noon", time(12))),
        *(("midday", time(12)), ("midnight", time(0)), ("24:00", time(0)), ("00:00", time(0)), ("7pm", time(19))),
        *(("7:07", time(7, 7)), ("23:59:59", time(23, 59, 59)), ("19:30pm", time(19, 30))),
    ],
)
def test_the_ends_and_the_middle_of_a_day(text, clock):
    assert read_time(text) == clock


def test_a_day_ends_at_24_and_begins_at_0():
    assert read_moment("31 Dec 2026 24:00") == read_moment("1 Jan 2027 00:00") == read_moment("1 Jan 2027 12am")
    assert read_moment("12 Dec 2026 noon") == jersey(2026, 12, 12, 12)
    assert "24:00 for its end" in wrong(read_moment, "12 Dec 2026 midnight")
    assert typed_dates.begin_day(date(2027, 7, 1)) == datetime(2027, 6, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize("text", [*each(NONSENSE), "", "12/12/2026\x0019:30", "\ud800", "9" * 5000])
def test_what_cannot_be_read_is_refused_in_words(text):
    assert "Write it like" in wrong(read_date, text)
    assert "Write it like" in wrong(read_moment, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("29 Feb 2027", "February 2027 has 28 days."),
        ("30/02/2028", "February 2028 has 29 days."),
        ("31 November 2026", "November 2026 has 30 days."),
        ("0/12/2026", "December 2026 has 31 days."),
        ("12/13/2026", "There is no month 13: write the day first, then the month."),
        ("2026-13-01", "There is no month 13: write the day first, then the month."),
        ("Friday 12 Dec 2026", "That day is a Saturday: look at both again."),
        ("0001-01-01", "The year must lie between 1900 and 2199."),
        ("31/12/9999", "The year must lie between 1900 and 2199."),
    ],
)
def test_what_is_on_no_calendar_is_explained(text, words):
    assert wrong(read_date, text) == wrong(read_moment, f"{text} 19:30") == words


def test_a_day_and_a_moment_are_not_taken_for_each_other():
    assert wrong(read_moment, "12 Dec 2026") == "Write the time too: 12 Dec 2026 19:30."
    assert wrong(read_date, "12 Dec 2026 19:30") == "Write the day alone, without a time."


def test_leap_days_and_the_end_of_a_year():
    assert read_date("29 Feb 2028") == date(2028, 2, 29)
    assert read_moment("31/12/2027 23:59") + timedelta(minutes=1) == jersey(2028, 1, 1)
    assert read_moment("31 Dec 2199 24:00").year == 2200


def test_summer_is_summer_whatever_time_zone_is_active():
    with timezone.override("Asia/Tokyo"):
        assert read_moment("2 July 2027 7.30pm") == datetime(2027, 7, 2, 18, 30, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_the_first_unless_it_says_otherwise():
    first, second = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert read_moment("31 Oct 2027 01:30") == read_moment("31 Oct 2027 1.30am BST") == first
    assert read_moment("31 Oct 2027 01:30 GMT") == read_moment("01:30 (GMT) on 31/10/2027") == second
    assert (typed_dates.name_hour(first), typed_dates.name_hour(second)) == ("BST", "GMT")
    assert "This is the first, in summer time (BST)" in explain_moment(first)
    assert "This is the second, in winter time (GMT)" in explain_moment(second)
    for text in ("31 Oct 2027 00:59", "31 Oct 2027 02:00", "12 Dec 2026 19:30"):
        assert explain_moment(read_moment(text)) == ""


def test_the_hour_that_never_comes_is_explained():
    words = "On 28 March 2027 the clocks go forward by an hour, and 01:30 never comes. Write 00:30 if you mean the hour"
    assert wrong(read_moment, "28 Mar 2027 01:30").startswith(words)
    assert "never comes" in wrong(read_moment, "28 Mar 2027 01:00")
    assert read_moment("28 Mar 2027 02:00") - read_moment("28 Mar 2027 00:59") == timedelta(minutes=1)


def test_a_zone_that_is_not_jerseys_then_is_refused():
    assert wrong(read_moment, "2 July 2027 19:30 GMT") == "Jersey’s clocks show BST then: write the time without GMT."


@pytest.mark.parametrize(
    "text",
    [
        "12/12/2026, 13 Dec 2026",
        "12/12/2026\n13/12/2026\n",
        "Dec 12, 2026; Sun 13 Dec 2026",
        "13/12/2026,,12/12/2026 ,",
    ],
)
def test_days_are_read_from_lines_and_between_commas(text):
    assert read_dates(text) == {DAY, date(2026, 12, 13)}


def test_no_days_are_none():
    assert read_dates("") == read_dates(" \n, ; ") == set()


def test_of_several_days_the_one_is_quoted_that_cannot_be_read():
    assert wrong(read_dates, "12/12/2026, 32/12/2026") == "“32/12/2026”: December 2026 has 31 days."
    assert wrong(read_dates, "12/12/2026\nChristmas").startswith("“Christmas”: This cannot be read as a date.")
