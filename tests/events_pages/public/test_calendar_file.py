"""One date as an entry of a calendar, as the standard wants it to the letter."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Event

from events_pages.enums import PerformanceStatus
from events_pages.models import EventPage
from events_pages.public import calendar_file
from tests import factories
from tests.calendars import read_entries, unfold

SUMMER = datetime(2027, 7, 3, 18, 30, tzinfo=UTC)  # 19:30 in Jersey
WINTER = datetime(2027, 12, 3, 19, 30, tzinfo=UTC)  # 19:30 in Jersey


@pytest.fixture
def performance(db):
    return factories.make_event("Sea Shanties", starts_at=SUMMER).performances.get()


def entry_of(performance, **more):
    [entry] = read_entries(calendar_file.build_calendar([calendar_file.describe_entry(performance, **more)]))
    return entry


def lines_of(performance):
    return unfold(calendar_file.build_calendar([calendar_file.describe_entry(performance)]))


def test_it_says_what_when_and_where(performance):
    performance.ends_at, performance.is_end_estimated = SUMMER + timedelta(hours=2), False
    performance.own_venue.address, performance.own_venue.postcode = "Gloucester Street", "JE2 3QR"
    lines = lines_of(performance)

    assert "DTSTART:20270703T183000Z" in lines
    assert "DTEND:20270703T203000Z" in lines
    assert "SUMMARY:Sea Shanties" in lines
    assert "LOCATION:Opera House\\, Gloucester Street\\, St Helier\\, JE2 3QR" in lines
    assert "SEQUENCE:0" in lines
    assert "STATUS:CONFIRMED" in lines
    assert f"URL:http://testserver{performance.page.url}dates/{performance.pk}/" in lines


@pytest.mark.parametrize(("starts", "expected"), [(SUMMER, "20270703T183000Z"), (WINTER, "20271203T193000Z")])
def test_summer_and_winter_are_both_right(performance, starts, expected):
    performance.starts_at = starts
    performance.complete_times()
    assert f"DTSTART:{expected}" in lines_of(performance)


@pytest.mark.parametrize("minutes", [0, 60])
def test_the_hour_that_comes_twice_is_two_hours(performance, minutes):
    """At half past one on the last Sunday of October, before the clocks go back and after."""
    performance.starts_at = datetime(2027, 10, 31, 0, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    performance.complete_times()
    assert entry_of(performance).start == performance.starts_at


def test_a_guessed_end_is_a_length_and_said_to_be_none(performance):
    lines = lines_of(performance)
    assert "DURATION:PT3H" in lines
    assert not any(line.startswith("DTEND") for line in lines)
    assert "No end is announced." in entry_of(performance)["DESCRIPTION"]
    assert "22:30" not in entry_of(performance)["DESCRIPTION"]


def test_doors_are_said_in_the_islands_time(performance):
    performance.doors_at = SUMMER - timedelta(minutes=30)
    assert "Doors open at 19:00" in entry_of(performance)["DESCRIPTION"]


def test_what_moved_online_says_where_to_watch(performance):
    performance.status, performance.link = PerformanceStatus.MOVED_ONLINE, "https://watch.example.je/"
    entry = entry_of(performance)
    assert entry["LOCATION"] == "Online"
    assert entry["STATUS"] == "CONFIRMED"
    assert "https://watch.example.je/" in entry["DESCRIPTION"]


def test_the_uid_outlives_another_address_of_the_site(performance, settings):
    before = entry_of(performance)["UID"]
    settings.SITE_URL = "https://www.example.je"
    performance.page.slug = performance.page.title = "renamed"
    performance.page.save()
    assert entry_of(performance)["UID"] == before


def test_a_published_page_makes_the_entry_newer(performance):
    before = entry_of(performance)
    later = performance.changed_at + timedelta(days=2)
    EventPage.objects.update(last_published_at=later)
    performance.page.refresh_from_db()
    after = entry_of(performance)
    assert before["LAST-MODIFIED"].dt < after["LAST-MODIFIED"].dt
    assert before["DTSTAMP"].dt < after["DTSTAMP"].dt


def test_text_is_bounded(performance):
    performance.status_note = "x" * 5000
    entry = entry_of(performance, title="Ã" * 5000, lines=["y" * 5000])
    assert len(entry["SUMMARY"]) == calendar_file.LONGEST_LINE
    assert len(entry["DESCRIPTION"]) == calendar_file.LONGEST_TEXT
    assert entry["SUMMARY"].endswith("…")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=200), note=st.text(max_size=200), name=st.text(max_size=80))
def test_any_text_is_one_entry_and_read_as_it_was_written(performance, title, note, name):
    """Also what was stored before texts were checked: ends of lines, controls, halves of characters."""
    performance.status_note = note
    performance.own_venue.name = name
    entry = entry_of(performance, title=f"A{title}")
    assert str(entry["SUMMARY"]) == calendar_file.write_bounded_line(f"A{title}")
    assert entry["DESCRIPTION"].splitlines()[-1] == "No end is announced."
    assert set(entry) <= {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "SUMMARY", "DTSTART", "DURATION"),
        *("LOCATION", "DESCRIPTION", "URL", "STATUS"),
    }


def test_a_file_without_entries_is_valid():
    assert read_entries(calendar_file.build_calendar([], name="Nothing")) == []


@pytest.mark.parametrize("name", ["a; b, c \\ d", "A\r\nX:1", "“Zoë”: " + "ã" * 90])
def test_the_name_of_a_calendar_is_text(name):
    data = calendar_file.build_calendar([], name=name)
    read_entries(data)
    lines = unfold(data)
    written = " ".join(name.split()).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"NAME:{written}" in lines
    assert f"X-WR-CALNAME:{written}" in lines


TEXTS = ["Pots; pans, and \\ more", "é" * 80, "\\" * 75, "😀" * 40, "x" * 75, "x" * 76, "a\nb"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("length", [timedelta(hours=3), timedelta(minutes=95), timedelta(days=2, minutes=1)])
def test_entries_say_what_icalendar_would_write(text, length):
    told = {
        "uid": "1",
        "dtstamp": SUMMER,
        "sequence": 2,
        "summary": text,
        "duration": length,
        "location": "",
        "url": "http://testserver/events/a,b/",
        "categories": [text, "Music"],
    }
    reference = Event()
    for key in told.keys() - {"location"}:
        reference.add(key, told[key])
    written = calendar_file.draw_entry(told)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert read_properties(written) == read_properties(reference.to_ical())


def read_properties(entry):
    found = Event.from_ical(entry)
    return {key: found.decoded(key) if key != "CATEGORIES" else found["CATEGORIES"].to_ical() for key in found}
