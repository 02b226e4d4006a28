"""From a payment fact to tickets, or to seats that are on sale again."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events_pages.enums import PerformanceStatus
from payments.enums import PaymentState, Severity
from payments.models import Alert, Payment
from payments.money import format_money
from payments.signals import payment_changed
from tests.factories import make_sale, make_type
from tests.stories import mails_owed, place_order, record_payment, record_second_payment, seats_taken
from ticketing import tasks
from ticketing.domain.orders import fulfilment
from ticketing.domain.stock import allocation, holds
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Order, Ticket


def close(order, state=PaymentState.EXPIRED):
    """SumUp confirmed that nobody can pay any more."""
    Payment.objects.filter(subject=order.reference).update(state=state, closed_at=timezone.now())


def lapse(order, state=PaymentState.EXPIRED):
    close(order, state)
    with time_machine.travel(order.deadline + timedelta(seconds=1)):
        assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()


@pytest.fixture
def adult(db):
    return make_type(make_sale(capacity=3))


@pytest.fixture
def order(adult):
    return place_order(adult)


@pytest.fixture(autouse=True)
def _stock_agrees(request):
    yield
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        assert allocation.audit_counters() == []
        assert allocation.list_oversold() == []


# The money is there


def test_a_paid_order_gets_its_tickets(order):
    record_payment(order)
    assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED
    assert order.completed_at
    assert [ticket.number for ticket in Ticket.objects.filter(line__order=order)] == [1, 2]
    assert mails_owed(order) == [DeliveryKind.TICKETS]


def test_settling_twice_makes_no_second_ticket(order):
    record_payment(order)
    assert fulfilment.settle_order(order.reference)
    assert not fulfilment.settle_order(order.reference)
    assert Ticket.objects.count() == 2


def test_a_second_ticket_for_a_seat_is_refused_by_the_database(order):
    record_payment(order)
    fulfilment.settle_order(order.reference)
    ticket = Ticket.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(line=ticket.line, sale=ticket.sale, number=1, code="OTHER", holder_name="Ana")


def test_nothing_happens_before_anything_is_known(order):
    assert not fulfilment.settle_order(order.reference)
    assert not fulfilment.settle_order("JE-NOBODY")


@pytest.mark.parametrize(
    "fields",
    [{"problem": "SumUp says £2.40"}, {"amount": Decimal("2.40")}, {"currency": "EUR"}],
)
def test_money_that_differs_needs_a_person(order, fields, caplog):
    record_payment(order, **fields)
    assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert order.review_reason.startswith(Payment.objects.get().reference)
    [told] = Alert.objects.all()
    assert (told.severity, told.key) == (Severity.CRITICAL, f"review:{order.reference}:1")
    assert order.review_reason in told.text
    assert f"Order total: {format_money(order.total)}" in told.text
    assert told.path == f"/admin/orders/inspect/{order.pk}/"
    assert not Ticket.objects.exists()
    assert "CRITICAL" in caplog.text
    assert "ana@example.je" not in caplog.text


def test_a_missing_payment_record_needs_a_person(order):
    Payment.objects.all().delete()
    assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW


def test_a_second_payment_needs_a_person_and_leaves_the_tickets_valid(order):
    record_payment(order)
    fulfilment.settle_order(order.reference)
    record_second_payment(order)
    assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert "Paid more than once" in order.review_reason
    assert set(Ticket.objects.values_list("state", flat=True)) == {"valid"}


# The money never came


def test_an_unpaid_order_expires_and_gives_its_seats_back(order, adult):
    lapse(order)
    assert order.state == OrderState.EXPIRED
    assert seats_taken(adult) == 0
    assert mails_owed(order) == [DeliveryKind.EXPIRY]
    assert [(told.severity, told.key) for told in Alert.objects.all()] == [
        (Severity.NOTICE, f"expired:{order.reference}")
    ]


def test_a_declined_order_fails_and_gives_its_seats_back(order, adult):
    lapse(order, PaymentState.FAILED)
    assert order.state == OrderState.FAILED
    assert seats_taken(adult) == 0
    assert mails_owed(order) == [DeliveryKind.FAILURE]


def test_seats_go_back_once(order, adult):
    place_order(adult, quantity=1)
    lapse(order)
    assert not fulfilment.settle_order(order.reference)
    assert seats_taken(adult) == 1


def test_seats_stay_while_sumup_has_not_answered(order, adult):
    with time_machine.travel(order.deadline + timedelta(hours=5)):
        assert not fulfilment.settle_order(order.reference)
    assert seats_taken(adult) == 2


# The money came late


@pytest.mark.parametrize("state", [PaymentState.EXPIRED, PaymentState.FAILED])
def test_late_money_takes_the_seats_again(order, adult, state):
    lapse(order, state)
    record_payment(order)
    assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED
    assert Ticket.objects.count() == 2
    assert seats_taken(adult) == 2


def test_late_money_without_seats_needs_a_person(order, adult):
    lapse(order)
    place_order(adult, quantity=2)
    record_payment(order)
    assert fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert "Only 1 ticket is left" in order.review_reason
    assert Payment.objects.get(subject=order.reference).reference in order.review_reason
    assert not Ticket.objects.exists()
    assert seats_taken(adult) == 2


def test_late_money_for_a_cancelled_event_needs_a_person(order, adult):
    lapse(order)
    adult.sale.performance.status = PerformanceStatus.CANCELLED
    adult.sale.performance.save()
    record_payment(order)
    fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert seats_taken(adult) == 0


def test_late_money_for_a_performance_that_is_over_needs_a_person(order, adult):
    lapse(order)
    record_payment(order)
    with time_machine.travel(adult.sale.starts_at + timedelta(hours=1)):
        fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert "begun" in order.review_reason


# The sweep


def test_sweep_finds_what_no_signal_told(adult):
    adult.sale.capacity = 100
    adult.sale.save()
    paid, expired, missing, late, twice, waiting = (place_order(adult, quantity=1) for _ in range(6))
    lapse(late)
    for order in (paid, late, twice):
        record_payment(order)
    fulfilment.settle_order(twice.reference)
    record_second_payment(twice)
    close(expired)
    Payment.objects.filter(subject=missing.reference).delete()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert fulfilment.settle_due_orders() == 5
        assert fulfilment.settle_due_orders() == 0
    states = {order.pk: order.state for order in Order.objects.all()}
    assert [states[order.pk] for order in (paid, expired, missing, late, twice, waiting)] == [
        OrderState.COMPLETED,
        OrderState.EXPIRED,
        OrderState.REQUIRES_MANUAL_REVIEW,
        OrderState.COMPLETED,
        OrderState.REQUIRES_MANUAL_REVIEW,
        OrderState.PENDING_VERIFICATION,
    ]


def test_sweep_goes_on_when_one_order_fails(adult, monkeypatch, caplog):
    bad, good = place_order(adult, quantity=1), place_order(adult, quantity=1)
    record_payment(bad), record_payment(good)
    make_ticket = fulfilment._build_ticket

    def fail_for_bad(order, line, number):
        if order.pk == bad.pk:
            raise RuntimeError("no ticket today")
        return make_ticket(order, line, number)

    monkeypatch.setattr(fulfilment, "_build_ticket", fail_for_bad)
    assert fulfilment.settle_due_orders() == 1
    bad.refresh_from_db()
    assert bad.state == OrderState.PENDING_VERIFICATION
    assert f"settle.failed order={bad.reference}" in caplog.text
    monkeypatch.undo()
    assert fulfilment.settle_due_orders() == 1


def test_late_money_of_long_ago_is_found_at_night(order):
    lapse(order)
    record_payment(order)
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        assert fulfilment.settle_due_orders() == 0
        tasks.nightly_audit.call_local()
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED


@pytest.mark.parametrize("number", [1, 3, 30])
def test_looking_for_work_takes_seven_queries(adult, number):
    adult.sale.capacity = 100
    adult.sale.save()
    for _ in range(number):
        record_payment(place_order(adult, quantity=1))
    with CaptureQueriesContext(connection) as queries:
        assert len(fulfilment.find_unsettled_orders(timezone.now())) == number
    assert len(queries) == 7


def test_nightly_audit_says_what_is_wrong(order, caplog):
    type(order).objects.update(deadline=timezone.now() - timedelta(days=3))
    adult = order.lines.get().ticket_type
    type(adult).objects.update(allocated=3)
    tasks.nightly_audit.call_local()
    assert "allocation.drift ticket type" in caplog.text
    assert f"order.stuck order={order.reference}" in caplog.text
    type(adult).objects.update(allocated=2)


# The nudge


def test_the_signal_settles_at_once(order):
    record_payment(order)
    payment_changed.send_robust(sender=Payment, subject=order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED


def test_tasks_settle_and_sweep(order):
    record_payment(order)
    tasks.settle_order.call_local(order.reference)
    tasks.sweep.call_local()
    tasks.reclaim_holds.call_local()
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED


# Many at once


def in_threads(number, act):
    def run():
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.postgres
def test_many_workers_settle_an_order_once(transactional_db):
    order = place_order(make_type())
    record_payment(order)
    moved = []
    in_threads(6, lambda: moved.append(fulfilment.settle_order(order.reference)))
    assert moved.count(True) == 1
    assert Ticket.objects.count() == 2


@pytest.mark.postgres
def test_holding_lapsing_and_completing_at_once_never_wait_in_a_circle(transactional_db):
    sale = make_sale(capacity=40)
    types = [make_type(sale, name=str(number)) for number in range(3)]
    waiting = [place_order(types[number % 3], quantity=1) for number in range(12)]
    for order in waiting[::2]:
        record_payment(order)
    for order in waiting[1::2]:
        close(order)
    Order.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    errors = []

    def act():
        try:
            fulfilment.settle_due_orders()
            basket = holds.hold_seats(None, sale=sale, quantities={one.pk: 1 for one in types})
            holds.hold_seats(basket, sale=sale, quantities={types[0].pk: 0, types[2].pk: 2})
            holds.empty_basket(basket)
        except Exception as error:
            errors.append(error)

    in_threads(6, act)
    assert errors == []
    states = list(Order.objects.order_by("pk").values_list("state", flat=True))
    assert states == [OrderState.COMPLETED, OrderState.EXPIRED] * 6


def test_a_sweep_looks_back_to_the_last_that_found_nothing(order):
    lapse(order)
    assert fulfilment.sweep_unsettled_orders() == 0
    record_payment(order)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert fulfilment.sweep_unsettled_orders() == 1
        assert fulfilment.sweep_unsettled_orders() == 0
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED


def test_a_sweep_tries_again_what_it_could_not_settle(order, monkeypatch):
    lapse(order)
    record_payment(order)
    monkeypatch.setattr(fulfilment, "settle_order", lambda reference: 1 / 0)
    for minutes in (1, 30, 60):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            assert fulfilment.sweep_unsettled_orders() == 0
    monkeypatch.undo()
    with time_machine.travel(timezone.now() + timedelta(minutes=90)):
        assert fulfilment.sweep_unsettled_orders() == 1
