"""Orders that need a person: what differs, side by side, and accepting them."""

from datetime import timedelta

import pytest
import time_machine

from payments.models import Payment
from tests.factories import make_sale, make_type
from tests.stories import mails_owed, place_order, record_payment, record_second_payment
from ticketing.domain.errors import NotAcceptable
from ticketing.domain.orders import fulfilment, refunds, review
from ticketing.domain.stock import allocation
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Order, Ticket


@pytest.fixture
def adult(db):
    return make_type(make_sale(capacity=3))


def settled(order):
    fulfilment.settle_order(order.reference)
    return Order.objects.get(pk=order.pk)


def test_an_accepted_order_gets_its_tickets_once(adult):
    order = place_order(adult)
    record_payment(order, problem="SumUp says £2.40")
    order = settled(order)
    assert list(review.list_orders_in_review()) == [order]
    seen = order.review_reason

    review.accept_order(order, by=None, reason="Paid the rest in cash")

    order.refresh_from_db()
    assert (order.state, order.review_reason) == (OrderState.COMPLETED, seen)
    assert Ticket.objects.count() == 2
    assert mails_owed(order) == [DeliveryKind.REVIEW, DeliveryKind.TICKETS]
    assert settled(order).state == OrderState.COMPLETED, "what somebody has seen is not asked again"
    with pytest.raises(NotAcceptable, match="decided"):
        review.accept_order(order, by=None, reason="again")


def test_an_accepted_double_payment_keeps_its_tickets_and_a_third_is_asked_about(adult):
    order = place_order(adult)
    record_payment(order)
    order = settled(order)
    record_second_payment(order)
    order = settled(order)
    review.accept_order(order, by=None, reason="A gift")
    assert (settled(order).state, Ticket.objects.count()) == (OrderState.COMPLETED, 2)
    third = pay_again_as(order, "third")
    order = settled(order)
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert third.reference in order.review_reason


def pay_again_as(order, name):
    Payment.objects.filter(reference__endswith="-again").update(reference=f"{order.reference}-second")
    Order.objects.filter(pk=order.pk).update(
        review_reason=order.review_reason.replace("-again", "-second"),
    )
    payment = record_second_payment(order)
    Payment.objects.filter(pk=payment.pk).update(reference=f"{order.reference}-{name}")
    payment.refresh_from_db()
    return payment


@pytest.mark.parametrize("others", [0, 2])
def test_late_money_is_accepted_while_seats_are_free(adult, others):
    order = place_order(adult)
    Payment.objects.update(state="expired", closed_at=order.deadline)
    with time_machine.travel(order.deadline + timedelta(seconds=1)):
        settled(order)
    blocking = place_order(adult, quantity=2)
    record_payment(order)
    order = settled(order)
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    if others:
        with pytest.raises(NotAcceptable, match="sold to others"):
            review.accept_order(order, by=None, reason="please")
        assert Order.objects.get(pk=order.pk).state == OrderState.REQUIRES_MANUAL_REVIEW
    else:
        Payment.objects.filter(subject=blocking.reference).update(state="expired", closed_at=order.deadline)
        with time_machine.travel(blocking.deadline + timedelta(seconds=1)):
            settled(blocking)
        review.accept_order(order, by=None, reason="A seat came back")
        assert Ticket.objects.count() == 2
    assert allocation.audit_counters() == []


def test_what_is_being_refunded_is_not_accepted(adult):
    order = place_order(adult)
    record_payment(order, problem="SumUp says £2.40", transaction_id="tx-1")
    order = settled(order)
    refunds.request_order_refund(order, by=None, reason="wrong")
    with pytest.raises(NotAcceptable, match="on its way"):
        review.accept_order(order, by=None, reason="right")


def test_compare_puts_both_sides_beside_each_other(adult):
    order = place_order(adult)
    payment = record_payment(order, problem="SumUp says £2.40")
    payment.observations.create(
        question="get",
        answer={"amount": "2.40", "currency": "GBP", "merchant_code": "MDEMO001", "checkout_reference": "other"},
    )
    record_second_payment(order)
    rows = {(row.what, row.payment): row for row in review.compare_with_provider(settled(order))}
    assert rows["Payments", None].theirs == "2"
    assert not rows["Seats held", None].differs
    amount = rows["Amount", payment]
    assert (amount.ours, amount.theirs, amount.differs) == ("£24.00", "£2.40", True)
    assert not rows["Currency", payment].differs
    assert rows["Reference", payment].theirs == "other"
