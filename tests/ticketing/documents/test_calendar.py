"""The calendar file."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from events_pages.enums import EventStatus
from events_pages.models import EventPage
from tests.factories import make_event, make_order, make_order_line, make_sale, make_type
from ticketing.documents.calendar import build_order_calendar

pytestmark = pytest.mark.django_db

SUMMER = datetime(2027, 7, 3, 18, 30, tzinfo=UTC)  # 19:30 in Jersey
WINTER = datetime(2027, 12, 3, 19, 30, tzinfo=UTC)  # 19:30 in Jersey


def order_of(**event):
    event.setdefault("starts_at", SUMMER)
    return make_order(make_type(make_sale(make_event(**event))))


def lines_of(order):
    """The file as the standard wants it to the letter; lines that were folded as one."""
    data = build_order_calendar(order)
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def entries_of(order):
    """As a calendar reads it; it complains about nothing."""
    lines_of(order)
    read = Calendar.from_ical(build_order_calendar(order))
    assert not read.errors
    assert not [each for each in read.walk() if each.errors]
    return read.walk("VEVENT")


def test_it_says_what_when_and_where():
    order = order_of(title="Sea Shanties", ends_at=SUMMER + timedelta(hours=2))
    lines = lines_of(order)
    assert "DTSTART:20270703T183000Z" in lines
    assert "DTEND:20270703T203000Z" in lines
    assert "SUMMARY:Sea Shanties" in lines
    assert "LOCATION:Opera House\\, St Helier" in lines
    assert any(order.reference in line and "2 × Adult" in line for line in lines)


@pytest.mark.parametrize(("starts", "expected"), [(SUMMER, "20270703T183000Z"), (WINTER, "20271203T193000Z")])
def test_summer_and_winter_are_both_right(starts, expected):
    assert f"DTSTART:{expected}" in lines_of(order_of(starts_at=starts))


def test_doors_are_said_in_the_islands_time():
    lines = lines_of(order_of(doors_at=SUMMER - timedelta(minutes=30)))
    assert any("Doors open at 19:00" in line for line in lines)


def test_an_event_without_an_end_claims_none():
    assert not any(line.startswith("DTEND") for line in lines_of(order_of()))


def test_one_entry_per_performance():
    order = order_of()
    sale = order.lines.get().sale
    make_order_line(order, make_type(sale, name="Child"), quantity=1)
    make_order_line(order, make_type(make_sale(make_event("Other"))), quantity=1)
    lines = lines_of(order)
    assert lines.count("BEGIN:VEVENT") == 2
    assert any("2 × Adult" in line and "1 × Child" in line for line in lines)


def test_the_private_link_is_not_in_a_file_that_is_shared():
    order = order_of()
    assert order.token not in build_order_calendar(order).decode()


ODD = ["Café; Noël, \\n \\ " + "ã" * 80, "🎭" * 90, "a:b\"c'", "BEGIN:VEVENT", "نص عربي", "x" * 255, "1,2;3\\"]


def test_a_title_is_read_as_it_was_typed():
    order = order_of()
    for title in ODD:
        order.lines.update(event_title=title)
        [entry] = entries_of(order)
        assert entry["SUMMARY"] == title


def test_a_title_cannot_add_lines_of_its_own():
    order = order_of()
    for title in ("A\r\nATTENDEE:mailto:x@y.je", "A\x0b\x1f\x85B\u2028C\nEND:VEVENT", "A\rX:1"):
        order.lines.update(event_title=title)
        [entry] = entries_of(order)
        assert "\n" not in entry["SUMMARY"]
        assert not {"ATTENDEE", "X"} & set(entry)


def test_every_name_in_it_is_cleaned():
    """Also what was stored before names were."""
    order = order_of()
    order.lines.update(venue="Opera\x08 House\n", sale_name="Late\x1f", type_name="Adult\x0b")
    [entry] = entries_of(order)
    assert (entry["LOCATION"], entry["SUMMARY"]) == ("Opera House", "Sea Shanties – Late")
    assert "2 × Adult" in entry["DESCRIPTION"]


@pytest.mark.parametrize(
    ("status", "said"),
    [(EventStatus.CANCELLED, "CANCELLED"), (EventStatus.POSTPONED, "TENTATIVE"), (EventStatus.SCHEDULED, "CONFIRMED")],
)
def test_it_says_whether_it_takes_place(status, said):
    [entry] = entries_of(order_of(status=status))
    assert entry["STATUS"] == said


def test_it_leads_to_the_page_of_the_event(settings):
    order = order_of()
    [entry] = entries_of(order)
    assert entry["URL"] == settings.SITE_URL + order.lines.get().sale.page.url


def test_a_later_file_replaces_the_earlier_one():
    order = order_of()
    [before] = entries_of(order)
    EventPage.objects.update(last_published_at=order.created_at + timedelta(days=2))
    [after] = entries_of(order)
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]
    assert before["DTSTAMP"].dt < after["DTSTAMP"].dt
