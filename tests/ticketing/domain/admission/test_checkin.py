"""A ticket opens its own door, once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page

from events_pages.enums import PerformanceStatus
from tests import factories
from ticketing.domain.admission import checkin, ticket_codes
from ticketing.enums import CheckInResult, TicketState
from ticketing.models import CheckIn, Ticket


@pytest.fixture
def clock():
    with time_machine.travel("2027-03-13T19:42:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def ticket(db, clock):
    factories.make_order(factories.make_type(factories.make_sale(starts_at=timezone.now())))
    return Ticket.objects.get(number=1)


@pytest.fixture
def steward(db):
    return User.objects.create_user("steward")


def scan(ticket, **given):
    given.setdefault("performance", ticket.sale.performance)
    given.setdefault("by", None)
    return checkin.redeem_ticket(ticket_codes.sign_ticket_code(ticket.code), **given)


def test_it_works(ticket, steward):
    outcome = scan(ticket, by=steward)
    ticket.refresh_from_db()
    assert (outcome.result, outcome.ticket, outcome.message) == (CheckInResult.ACCEPTED, ticket, "Adult, 1 of 2")
    assert (ticket.state, ticket.used_at) == (TicketState.USED, timezone.now())
    [row] = CheckIn.objects.all()
    assert (row.ticket, row.performance, row.result, row.by) == (
        ticket,
        ticket.sale.performance,
        CheckInResult.ACCEPTED,
        steward,
    )


def test_the_second_scan_says_when_the_first_was(ticket, clock):
    scan(ticket)
    first_used_at = timezone.now()
    clock.shift(timedelta(minutes=5))
    outcome = scan(ticket)
    assert (outcome.result, outcome.first_used_at) == (CheckInResult.ALREADY_USED, first_used_at)
    assert outcome.message == "Already used at 19:42."


def test_the_day_is_told_when_it_was_another(ticket, clock):
    scan(ticket)
    clock.shift(timedelta(days=1))
    assert scan(ticket).message == "Already used at Sat 13 March, 19:42."


def test_summer_time_is_told_as_on_the_island(ticket, clock):
    clock.move_to("2027-07-13T19:42:00Z")
    scan(ticket)
    assert scan(ticket).message == "Already used at 20:42."


def test_another_event_is_named(ticket):
    other = factories.make_sale(factories.make_event("Beach Cricket"))
    outcome = scan(ticket, performance=other.performance)
    ticket.refresh_from_db()
    assert (outcome.result, ticket.state) == (CheckInResult.WRONG_EVENT, TicketState.VALID)
    assert outcome.message == "This ticket is for Sea Shanties, Sat 13 March, 19:42."
    assert CheckIn.objects.get().performance == other.performance


def test_a_refunded_ticket_is_void(ticket):
    Ticket.objects.update(state=TicketState.VOID)
    outcome = scan(ticket)
    assert (outcome.result, outcome.message) == (CheckInResult.VOID, "This ticket was refunded or cancelled.")


@pytest.mark.parametrize(
    "text",
    [
        *("", "hello", "JE1.7K2M9QXT4HBDW3RP.A7K2M9QXT4HBDW3RP"),
        *(ticket_codes.generate_ticket_code(), "x" * 10_000, "JE1..", "\x00"),
    ],
    ids=["empty", "word", "forged", "made up", "endless", "dots", "nul"],
)
def test_what_is_not_ours_is_unknown_and_recorded(ticket, text):
    outcome = checkin.redeem_ticket(text, performance=ticket.sale.performance, by=None)
    assert (outcome.result, outcome.ticket) == (CheckInResult.UNKNOWN, None)
    assert outcome.message == "We sold no ticket with this code."
    assert CheckIn.objects.get().result == CheckInResult.UNKNOWN


def test_a_real_code_with_a_wrong_signature_is_refused(ticket):
    forged = ticket_codes.sign_ticket_code(ticket.code)[:-1] + "*"
    assert checkin.redeem_ticket(forged, performance=ticket.sale.performance, by=None).result == CheckInResult.UNKNOWN


def test_a_code_typed_from_the_ticket_works(ticket):
    outcome = checkin.redeem_ticket(
        ticket_codes.format_ticket_code(ticket.code).lower(), performance=ticket.sale.performance, by=None
    )
    assert outcome.result == CheckInResult.ACCEPTED


def test_a_scan_asks_the_database_little(ticket, django_assert_num_queries):
    performance = ticket.sale.performance
    with django_assert_num_queries(5):  # savepoint, ticket, update, check-in, savepoint
        scan(ticket, performance=performance)


def test_logs_name_no_person(ticket, caplog):
    caplog.set_level("INFO")
    scan(ticket)
    assert "checkin.accepted" in caplog.text
    assert ticket.holder_name not in caplog.text
    assert ticket.code not in caplog.text


def test_counts_leave_void_tickets_out(ticket):
    factories.make_order(ticket.line.ticket_type, quantity=3)
    scan(ticket)
    Ticket.objects.filter(line__order=factories.make_order(ticket.line.ticket_type)).update(state=TicketState.VOID)
    assert checkin.count_admissions(ticket.sale.performance) == {"used": 1, "to_come": 4, "total": 5}


def test_last_scans_are_newest_first(ticket, django_assert_num_queries):
    for _ in range(25):
        scan(ticket)
    with django_assert_num_queries(1):
        found = [(scan.result, scan.ticket.line.type_name) for scan in checkin.list_last_scans(ticket.sale.performance)]
    assert found == [(CheckInResult.ALREADY_USED, "Adult")] * 20


def test_scanning_is_for_those_who_may_edit_the_page(ticket, steward):
    theirs, other = ticket.sale.performance, factories.make_sale().performance
    group = Group.objects.create(name="Island Arts")
    steward.groups.add(group)
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=Page.objects.get(pk=theirs.page_id), permission=change)
    assert list(checkin.list_scannable_performances(steward)) == [theirs]
    assert set(checkin.list_scannable_performances(User.objects.create_superuser("admin"))) == {theirs, other}
    assert not checkin.list_scannable_performances(User.objects.create_user("stranger")).exists()


@pytest.mark.postgres
def test_one_of_many_gates_lets_the_ticket_in(transactional_db):
    assert connection.vendor == "postgresql"
    factories.make_order(quantity=1)
    ticket = Ticket.objects.get()
    gates = 8
    start = threading.Barrier(gates)

    def gate(_):
        try:
            start.wait()
            return scan(ticket).result
        finally:
            connection.close()

    with ThreadPoolExecutor(gates) as pool:
        results = list(pool.map(gate, range(gates)))
    assert sorted(results) == [CheckInResult.ACCEPTED] + [CheckInResult.ALREADY_USED] * (gates - 1)
    assert CheckIn.objects.count() == gates


# Passes, and dates that do not take place


@pytest.fixture
def festival(db, clock):
    """Three days of one page, and a pass for all of them."""
    page = factories.make_event("Sea Fete", starts_at=timezone.now())
    days = [page.performances.get(), *(factories.make_performance(page, starts_at=in_days(n)) for n in (1, 2))]
    order = factories.make_order(factories.make_type(factories.make_pass(page)), quantity=1)
    return days, Ticket.objects.get(line__order=order)


def in_days(number):
    return timezone.now() + timedelta(days=number)


def test_a_pass_admits_once_at_each_date(festival):
    days, ticket = festival
    found = [scan(ticket, performance=day).result for day in [*days, *days]]
    assert found == [CheckInResult.ACCEPTED] * 3 + [CheckInResult.ALREADY_USED] * 3
    ticket.refresh_from_db()
    assert ticket.state == TicketState.VALID


def test_a_pass_is_for_its_own_event(festival):
    _days, its_pass = festival
    outcome = scan(its_pass, performance=factories.make_performance())
    assert outcome.result == CheckInResult.WRONG_EVENT
    assert outcome.message == "This pass is for Sea Fete – Festival pass."


def test_a_pass_is_to_come_at_each_door(festival):
    days, its_pass = festival
    scan(its_pass, performance=days[0])
    counted = [checkin.count_admissions(day) for day in days]
    assert [(each["used"], each["to_come"]) for each in counted] == [(1, 0), (0, 1), (0, 1)]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (PerformanceStatus.CANCELLED, "This date is called off."),
        (PerformanceStatus.POSTPONED, "This date is postponed. The ticket stays valid for the new one."),
    ],
)
def test_nobody_is_admitted_to_a_date_that_does_not_take_place(ticket, status, words):
    performance = ticket.sale.performance
    type(performance).objects.update(status=status)
    performance.refresh_from_db()
    outcome = scan(ticket, performance=performance)
    assert (outcome.result, outcome.message) == (CheckInResult.CALLED_OFF, words)
    ticket.refresh_from_db()
    assert ticket.state == TicketState.VALID


def test_doors_of_today_come_first_then_what_was_and_what_will_be(db):
    """Nobody scans what was over a day ago."""
    page = factories.make_event(starts_at=in_days(-2.5), ends_at=in_days(-2))
    noon = timezone.localtime(timezone.now()).replace(hour=12, minute=0)
    dates = {
        days: factories.make_performance(
            page, starts_at=noon + timedelta(days=days), ends_at=noon + timedelta(days=end)
        )
        for days, end in ((7, 7.1), (0, 0.1), (-1, 3), (-9, 2), (-1.1, -1))
    }
    factories.make_pass(page)
    scannable = checkin.list_scannable_performances(User.objects.create_superuser("admin"))
    found = checkin.filter_current_performances(scannable, now=noon)
    assert found == [dates[start] for start in (0, -9, -1.1, -1, 7)]


def test_a_festival_is_on_the_list_of_doors_on_each_of_its_days(db):
    page = factories.make_event(starts_at=in_days(-1.25), ends_at=in_days(1.25))
    factories.make_sale(page)
    scannable = checkin.list_scannable_performances(User.objects.create_superuser("admin"))
    assert checkin.filter_current_performances(scannable, now=timezone.now()) == [page.performances.get()]
