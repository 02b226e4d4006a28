"""An order's money back: tickets, seats, the order and the buyer, whatever SumUp does."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from payments.domain.refunds import confirmation
from payments.domain.verification import checkout, payment_checks
from payments.enums import RefundOrigin, RefundState
from payments.models import Alert, Payment, Refund
from payments.sumup import client
from tests.factories import make_sale, make_type
from tests.stories import (
    fresh,
    mails_owed,
    pay_again,
    pay_order,
    place_order,
    request_refund,
    run_workers,
    seats_taken,
    tickets_of,
)
from ticketing.domain.errors import NotRefundable
from ticketing.domain.orders import fulfilment, refunds
from ticketing.domain.stock import allocation
from ticketing.enums import DeliveryKind, OrderState, TicketState
from ticketing.models import Order, OrderRefund, Ticket


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.01)


@pytest.fixture(autouse=True)
def _stock_agrees(request):
    yield
    if {"db", "transactional_db"} & set(request.fixturenames):
        assert allocation.audit_counters() == []


@pytest.fixture
def staff(db):
    return get_user_model().objects.create_user("vera", "vera@example.je", "secret")


@pytest.fixture
def adult(db):
    return make_type(make_sale(capacity=5))


@pytest.fixture
def order(adult, simulator):
    """Two tickets at £12, completed."""
    order = place_order(adult)
    pay_order(order, simulator)
    assert order.state == OrderState.COMPLETED
    return order


# Whole, by ticket, by amount


@pytest.mark.parametrize("seats_back", [True, False])
def test_the_whole_order_goes_back(order, adult, staff, seats_back):
    asked = request_refund(order, staff, seats_back=seats_back)
    assert fresh(order).state == OrderState.COMPLETED
    assert len(tickets_of(order, TicketState.VALID)) == 2, "nothing is void before the money is proved"
    run_workers()
    order = fresh(order)
    assert order.state == OrderState.REFUNDED
    assert len(tickets_of(order, TicketState.VOID)) == 2
    assert seats_taken(adult) == (0 if seats_back else 2)
    assert mails_owed(order) == [DeliveryKind.REFUND, DeliveryKind.TICKETS]
    assert OrderRefund.objects.get(pk=asked.pk).applied_at
    run_workers()
    assert fresh(order).state == OrderState.REFUNDED


def test_a_quote_says_what_would_happen_and_changes_nothing(order):
    quote = refunds.quote_refund(order)
    assert (quote.amount, quote.fee_lost, quote.waits_for) == (Decimal("24.00"), None, 0)
    assert quote.tickets == tickets_of(order)
    assert refunds.quote_refund(order, tickets=tickets_of(order)[:1]).amount == Decimal("12.00")
    assert refunds.quote_refund(order, amount=Decimal("3.00")).tickets == []
    assert refunds.quote_refund(order, amount=Decimal("24.00")).tickets == tickets_of(order)
    assert refunds.quote_refund(order, money_back=False).amount == 0
    assert not OrderRefund.objects.exists()


def test_ticket_by_ticket_until_nothing_is_left(order, adult):
    Ticket.objects.filter(pk=tickets_of(order)[0].pk).update(state=TicketState.USED, used_at=timezone.now())
    first, second = tickets_of(order)
    request_refund(order, tickets=[first], seats_back=True, tell_buyer=False)
    run_workers()
    assert (fresh(order).state, seats_taken(adult)) == (OrderState.COMPLETED, 1)
    first.refresh_from_db()
    assert (first.state, first.used_at is not None) == (TicketState.VOID, True)
    assert mails_owed(order) == [DeliveryKind.TICKETS]
    request_refund(order, tickets=[second], seats_back=True)
    run_workers()
    assert (fresh(order).state, seats_taken(adult)) == (OrderState.REFUNDED, 0)


def test_an_amount_leaves_the_tickets_valid(order):
    request_refund(order, amount=Decimal("5.00"))
    run_workers()
    assert (fresh(order).state, len(tickets_of(order, TicketState.VALID))) == (OrderState.COMPLETED, 2)
    with pytest.raises(NotRefundable, match="Only £19.00 is left"):
        request_refund(order, amount=Decimal("19.01"))


def test_without_money_tickets_are_void_at_once(order, adult):
    request_refund(order, tickets=tickets_of(order)[:1], money_back=False, seats_back=True)
    assert (len(tickets_of(order, TicketState.VOID)), seats_taken(adult)) == (1, 1)
    assert not Refund.objects.exists()
    request_refund(order, money_back=False)
    assert fresh(order).state == OrderState.COMPLETED, "its money is still here"


def test_a_free_order_is_refunded_at_once(db):
    free = make_type(price="0.00")
    order = place_order(free)
    request_refund(order, seats_back=True)
    assert (fresh(order).state, seats_taken(free)) == (OrderState.REFUNDED, 0)
    assert mails_owed(order) == [DeliveryKind.REFUND, DeliveryKind.TICKETS]


@pytest.mark.parametrize(
    "what",
    [
        lambda order: {},
        lambda order: {"tickets": tickets_of(order)[:1]},
        lambda order: {"amount": Decimal("5.00")},
        lambda order: {"money_back": False},
    ],
    ids=["whole", "ticket", "amount", "no money"],
)
def test_the_second_press_refunds_nothing(order, simulator, what):
    first = what(order)
    request_refund(order, **first)
    with pytest.raises(NotRefundable):
        request_refund(order, **first)
    assert OrderRefund.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"tickets": []}, "at least one"),
        ({"amount": Decimal(0)}, "more than nothing"),
        ({"amount": Decimal("-3")}, "more than nothing"),
        ({"amount": Decimal("24.01")}, "Only £24.00"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(order, what, words):
    with pytest.raises(NotRefundable, match=words):
        request_refund(order, **what)


def test_tickets_of_others_are_refused(order, adult, simulator):
    other = place_order(adult)
    pay_order(other, simulator)
    with pytest.raises(NotRefundable, match="already"):
        request_refund(order, tickets=tickets_of(other))


def test_an_unpaid_order_has_nothing_to_refund(adult):
    with pytest.raises(NotRefundable, match="not paid"):
        request_refund(place_order(adult))


# What SumUp does


def test_without_balance_the_buyer_is_told_once_and_the_tickets_stay(order, simulator):
    simulator.settings(balance={"MDEMO001": 1})
    request_refund(order)
    run_workers()
    run_workers()
    assert Refund.objects.get().state == RefundState.WAITING
    assert mails_owed(order) == [DeliveryKind.REFUND_WAITING, DeliveryKind.TICKETS]
    assert order.deliveries.get(kind=DeliveryKind.REFUND_WAITING).requested_at <= timezone.now()
    assert len(tickets_of(order, TicketState.VALID)) == 2
    assert fulfilment.find_unsettled_orders(timezone.now()) == []
    simulator.settings(balance={"MDEMO001": 100})
    run_workers()
    assert fresh(order).state == OrderState.REFUNDED


def test_a_refund_that_failed_may_be_asked_for_again(order, simulator):
    simulator.fault("refund_fails")
    request_refund(order)
    run_workers()
    assert (fresh(order).state, len(tickets_of(order, TicketState.VALID))) == (OrderState.COMPLETED, 2)
    request_refund(order)
    run_workers()
    assert fresh(order).state == OrderState.REFUNDED


@pytest.mark.parametrize("act", ["refund", "chargeback"])
def test_all_money_taken_back_at_sumup_ends_the_order(order, adult, simulator, act):
    getattr(simulator, act)(Payment.objects.get().reference)
    confirmation.fetch_refunds(Payment.objects.get())
    fulfilment.settle_due_orders()
    assert (fresh(order).state, seats_taken(adult)) == (OrderState.REFUNDED, 0)
    assert len(tickets_of(order, TicketState.VOID)) == 2
    assert DeliveryKind.REFUND in mails_owed(order)
    severity = {"refund": "notice", "chargeback": "critical"}[act]
    assert Alert.objects.get(key__startswith="elsewhere").severity == severity
    fulfilment.settle_due_orders()
    assert OrderRefund.objects.count() == 1


def test_a_part_taken_back_at_sumup_leaves_the_order(order, simulator):
    simulator.refund(Payment.objects.get().reference, amount=5)
    confirmation.fetch_refunds(Payment.objects.get())
    fulfilment.settle_due_orders()
    assert (fresh(order).state, len(tickets_of(order, TicketState.VALID))) == (OrderState.COMPLETED, 2)
    assert Alert.objects.filter(key__startswith="elsewhere").count() == 1
    request_refund(order)
    run_workers()
    assert fresh(order).state == OrderState.REFUNDED
    assert sum(Refund.objects.values_list("amount", flat=True)) == order.total


@pytest.mark.parametrize(("amount", "state"), [(None, "refunded"), (5, "requires_manual_review")])
def test_money_that_went_back_before_we_knew_of_it_buys_no_ticket(adult, simulator, amount, state):
    simulator.settings(mark_refunded=True)
    order = place_order(adult)
    payment = checkout.start_payment(Payment.objects.get())
    simulator.pay(payment.reference)
    simulator.refund(payment.reference, **({"amount": amount} if amount else {}))
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    fulfilment.settle_due_orders()
    order = fresh(order)
    assert (order.state, tickets_of(order), Payment.objects.get().state) == (state, [], "paid")
    assert Refund.objects.get().origin == RefundOrigin.DASHBOARD
    if not amount:
        assert (seats_taken(adult), mails_owed(order)) == (0, [DeliveryKind.REFUND])


# Twice and too late


def test_a_second_payment_goes_back_with_one_press_and_the_tickets_stay(order, simulator):
    second = pay_again(order, simulator)
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    asked = request_refund(order, payment=second)
    assert list(asked.tickets.all()) == []
    run_workers()
    assert (fresh(order).state, len(tickets_of(order, TicketState.VALID))) == (OrderState.COMPLETED, 2)
    assert mails_owed(order) == [DeliveryKind.REFUND, DeliveryKind.REVIEW, DeliveryKind.TICKETS]
    run_workers()
    assert fresh(order).state == OrderState.COMPLETED


def test_everything_of_an_order_paid_twice(order, adult, simulator):
    pay_again(order, simulator)
    request_refund(order, seats_back=True)
    run_workers()
    assert (fresh(order).state, seats_taken(adult)) == (OrderState.REFUNDED, 0)
    assert [refund.state for refund in Refund.objects.all()] == [RefundState.PROVED] * 2


def test_money_after_the_refund_needs_a_person_again(order, simulator):
    request_refund(order)
    run_workers()
    pay_again(order, simulator, settled=False)
    fulfilment.settle_due_orders()
    assert fresh(order).state == OrderState.REQUIRES_MANUAL_REVIEW
    request_refund(fresh(order))
    run_workers()
    assert fresh(order).state == OrderState.REFUNDED


def too_late(adult, simulator):
    """Paid after the seats had gone to others."""
    order = place_order(adult, quantity=4)
    payment = checkout.start_payment(Payment.objects.get(subject=order.reference))
    checkout.close_payment(payment)
    with time_machine.travel(order.deadline + timedelta(seconds=1)):
        fulfilment.settle_order(order.reference)
    place_order(adult, quantity=4)
    simulator.pay(payment.reference, force=True)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    fulfilment.settle_due_orders()
    return fresh(order)


def test_late_money_without_seats_waits_for_a_person_and_the_buyer_hears(adult, simulator):
    order = too_late(adult, simulator)
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert mails_owed(order) == [DeliveryKind.EXPIRY, DeliveryKind.REVIEW]
    request_refund(order)
    run_workers()
    assert (fresh(order).state, seats_taken(adult)) == (OrderState.REFUNDED, 4)


def test_late_money_without_seats_goes_back_by_itself_where_the_site_wants_it(adult, simulator, settings):
    settings.REFUND_LATE_MONEY = True
    order = too_late(adult, simulator)
    assert Refund.objects.get().origin == RefundOrigin.AUTOMATIC
    run_workers()
    assert fresh(order).state == OrderState.REFUNDED
    assert mails_owed(order) == [DeliveryKind.EXPIRY, DeliveryKind.REFUND]


def test_a_second_payment_goes_back_by_itself_where_the_site_wants_it(order, simulator, settings):
    settings.REFUND_LATE_MONEY = True
    second = pay_again(order, simulator)
    run_workers()
    assert Refund.objects.get().payment == second
    assert (fresh(order).state, len(tickets_of(order, TicketState.VALID))) == (OrderState.COMPLETED, 2)


# Our own processes


def test_a_process_that_dies_while_applying_applies_later_and_once(order, adult, monkeypatch):
    request_refund(order, seats_back=True)
    with monkeypatch.context() as patch:
        patch.setattr(refunds.outbox, "owe_delivery_again", lambda *args, **kwargs: 1 / 0)
        run_workers()
    assert (len(tickets_of(order, TicketState.VALID)), seats_taken(adult)) == (2, 2)
    assert fulfilment.find_unsettled_orders(timezone.now() - timedelta(days=1)) == [order.reference]
    run_workers()
    assert (fresh(order).state, seats_taken(adult)) == (OrderState.REFUNDED, 0)


@pytest.mark.postgres
@pytest.mark.parametrize("what", [{}, {"amount": Decimal("5.00")}], ids=["whole", "amount"])
def test_two_people_pressing_at_once_refund_once(transactional_db, simulator, what):
    order = place_order(make_type())
    pay_order(order, simulator)
    outcomes = []

    def press():
        try:
            request_refund(Order.objects.get(pk=order.pk), **what)
            outcomes.append("asked")
        except NotRefundable:
            outcomes.append("refused")
        finally:
            connection.close()

    def carry_out():
        try:
            run_workers()
        finally:
            connection.close()

    for act in (press, carry_out):
        threads = [threading.Thread(target=act) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    run_workers()
    assert sorted(outcomes) == ["asked"] + ["refused"] * 3
    assert Refund.objects.get().state == RefundState.PROVED
    assert len(simulator.state()["transactions"][0]["transaction_events"]) == 2, "a payout and one refund"
