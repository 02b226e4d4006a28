"""The calendar file."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_event, make_order, make_order_line, make_sale, make_type
from ticketing.calendar import calendar, fold

pytestmark = pytest.mark.django_db

SUMMER = datetime(2027, 7, 3, 18, 30, tzinfo=UTC)  # 19:30 in Jersey
WINTER = datetime(2027, 12, 3, 19, 30, tzinfo=UTC)  # 19:30 in Jersey


def order_of(**event):
    event.setdefault("starts_at", SUMMER)
    return make_order(make_type(make_sale(make_event(**event))))


def lines_of(order):
    data = calendar(order)
    assert data.endswith(b"END:VCALENDAR\r\n")
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


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
    assert order.token not in calendar(order).decode()


def test_odd_titles_are_escaped_and_folded():
    title = "Café; Noël, \\ " + "ã" * 80
    order = order_of(title=title)
    assert all(len(line) <= 75 for line in calendar(order).split(b"\r\n"))
    assert "SUMMARY:" + title.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") in lines_of(order)


def test_a_title_cannot_add_lines_of_its_own():
    lines = lines_of(order_of(title="A\r\nATTENDEE:mailto:x@y.je"))
    assert not any(line.startswith("ATTENDEE") for line in lines)


def test_fold_keeps_short_lines():
    assert fold("SUMMARY:x") == b"SUMMARY:x"
