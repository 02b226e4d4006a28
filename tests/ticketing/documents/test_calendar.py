"""The calendar file of an order."""

from datetime import UTC, datetime, timedelta

import pytest

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from events_pages.models import EventPage, Performance
from tests.calendars import read_entries, unfold
from tests.factories import make_event, make_order, make_order_line, make_pass, make_performance, make_sale, make_type
from ticketing.documents.calendar import build_order_calendar
from ticketing.enums import TicketState
from ticketing.models import Order, Ticket

pytestmark = pytest.mark.django_db

SUMMER = datetime(2027, 7, 3, 18, 30, tzinfo=UTC)  # 19:30 in Jersey
WINTER = datetime(2027, 12, 3, 19, 30, tzinfo=UTC)  # 19:30 in Jersey


def order_of(**event):
    event.setdefault("starts_at", SUMMER)
    return make_order(make_type(make_sale(make_event(**event))))


def order_of_pass(*starts):
    page = make_event(starts_at=starts[0])
    for start in starts[1:]:
        make_performance(page, starts_at=start)
    return make_order(make_type(make_pass(page)))


def lines_of(order):
    return unfold(build_order_calendar(order))


def entries_of(order):
    return read_entries(build_order_calendar(order))


def make_void(*tickets):
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(state=TicketState.VOID)


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
    order = order_of()
    assert not any(line.startswith("DTEND") for line in lines_of(order))
    assert "DURATION:PT3H" in lines_of(order)
    assert "No end is announced." in entries_of(order)[0]["DESCRIPTION"]


def test_an_evening_of_a_run_lasts_an_evening():
    """The page's last night is not the end of its first."""
    page = make_event(starts_at=SUMMER, ends_at=SUMMER + timedelta(hours=2))
    make_performance(page, starts_at=SUMMER + timedelta(days=5))
    [entry] = entries_of(make_order(make_type(make_sale(page))))
    assert entry.end - entry.start == timedelta(hours=2)


def test_the_matinee_has_its_own_doors():
    page = make_event(starts_at=SUMMER, doors_at=SUMMER - timedelta(minutes=30))
    matinee = make_performance(page, starts_at=SUMMER + timedelta(hours=20), name="Matinee")
    [entry] = entries_of(make_order(make_type(make_sale(performance=matinee))))
    assert entry["SUMMARY"] == "Sea Shanties – Matinee"
    assert "Doors" not in entry["DESCRIPTION"]


def test_one_entry_per_performance():
    order = order_of()
    sale = order.lines.get().sale
    make_order_line(order, make_type(sale, name="Child"), quantity=1)
    make_order_line(order, make_type(make_sale(make_event("Other"))), quantity=1)
    lines = lines_of(order)
    assert lines.count("BEGIN:VEVENT") == 2
    assert any("2 × Adult" in line and "1 × Child" in line for line in lines)


def test_a_pass_is_an_entry_for_every_date():
    order = order_of_pass(SUMMER, SUMMER + timedelta(days=1), SUMMER + timedelta(days=2))
    entries = entries_of(order)
    assert [each.start.day for each in entries] == [3, 4, 5]
    assert {str(each["SUMMARY"]) for each in entries} == {"Sea Shanties – Festival pass"}
    assert all("2 × Adult" in each["DESCRIPTION"] for each in entries)


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
    sale = order.lines.get().sale
    sale.venue.name, sale.name = "Opera\x08 House\n", "Late\x1f"
    sale.venue.save()
    sale.save()
    order.lines.update(type_name="Adult\x0b")
    [entry] = entries_of(order)
    assert (entry["LOCATION"], entry["SUMMARY"]) == ("Opera House, St Helier", "Sea Shanties – Late")
    assert "2 × Adult" in entry["DESCRIPTION"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (PerformanceStatus.CANCELLED, "CANCELLED"),
        (PerformanceStatus.POSTPONED, "TENTATIVE"),
        (PerformanceStatus.SCHEDULED, "CONFIRMED"),
        (PerformanceStatus.RESCHEDULED, "CONFIRMED"),
        (PerformanceStatus.MOVED_ONLINE, "CONFIRMED"),
    ],
)
def test_it_says_whether_it_takes_place(status, said):
    [entry] = entries_of(order_of(status=status))
    assert entry["STATUS"] == said


def test_one_cancelled_date_of_a_pass_leaves_the_others():
    order = order_of_pass(SUMMER, SUMMER + timedelta(days=1))
    edits.change_performance(Performance.objects.first(), status=PerformanceStatus.CANCELLED, status_note="A gale.")
    off, on = entries_of(order)
    assert (off["STATUS"], on["STATUS"]) == ("CANCELLED", "CONFIRMED")
    assert off["SUMMARY"] == "Called off: Sea Shanties – Festival pass"
    assert "A gale." in off["DESCRIPTION"]


def test_void_tickets_are_not_counted():
    order = order_of()
    [before] = entries_of(order)
    first, second = Ticket.objects.filter(line__order=order)
    make_void(first)
    [entry] = entries_of(order)
    assert "1 × Adult" in entry["DESCRIPTION"]
    assert "2 ×" not in entry["DESCRIPTION"]
    assert entry["STATUS"] == "CONFIRMED"
    make_void(second)
    [last] = entries_of(order)
    assert "no ticket is valid any more" in last["DESCRIPTION"]
    assert last["STATUS"] == "CANCELLED"
    assert before["SEQUENCE"] < entry["SEQUENCE"] < last["SEQUENCE"]


def test_a_moved_date_replaces_the_entry():
    order = order_of()
    [before] = entries_of(order)
    moved_to = datetime(2027, 7, 9, 19, 0, tzinfo=UTC)  # 20:00 in Jersey
    edits.change_performance(Performance.objects.get(), starts_at=moved_to)
    [after] = entries_of(order)
    assert after.start == moved_to
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert "Moved from Saturday 3 July 2027, 19:30" in after["DESCRIPTION"]


def test_it_leads_to_the_page_of_the_date(settings):
    order = order_of()
    [entry] = entries_of(order)
    performance = Performance.objects.get()
    assert entry["URL"] == f"{settings.SITE_URL}{performance.page.url}dates/{performance.pk}/"


def test_a_later_file_replaces_the_earlier_one():
    """Files from before dates had a number of their own counted by the page's publication alone."""
    order = order_of()
    [before] = entries_of(order)
    EventPage.objects.update(last_published_at=order.created_at + timedelta(days=2))
    [after] = entries_of(order)
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] - before["SEQUENCE"] == 2 * 24 * 60
    assert before["DTSTAMP"].dt < after["DTSTAMP"].dt


def test_a_file_of_thirty_dates_asks_no_more_often(django_assert_max_num_queries):
    counts = []
    build_order_calendar(order_of())  # where the site's pages begin is remembered
    for number in (1, 30):
        order = Order.objects.get(pk=order_of_pass(*(SUMMER + timedelta(days=day) for day in range(number))).pk)
        with django_assert_max_num_queries(6) as asked:
            build_order_calendar(order)
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
