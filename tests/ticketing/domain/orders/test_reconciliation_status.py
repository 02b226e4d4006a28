"""What became of the money, as the sweep hears it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.domain import states as payment_states
from payments.domain.reconciliation.fulfilment_status import fulfilment_status_of
from payments.enums import PaymentState, RefundState
from payments.models import Payment, Refund
from tests import factories
from tests.payments.factories import make_payment
from ticketing.domain.messages import order_alerts
from ticketing.domain.orders import fulfilment
from ticketing.enums import OrderState
from ticketing.models import Order, Ticket

pytestmark = pytest.mark.django_db


def paid_order(state=OrderState.COMPLETED, **fields):
    order = factories.make_order(state=state, **fields)
    pay(order)
    return order


def pay(order):
    payment = make_payment(order.reference, amount=order.total)
    payment_states.advance(payment, PaymentState.PAID, paid_at=timezone.now())
    return payment


def refund(order, amount):
    return Refund.objects.create(
        merchant=order.merchant,
        payment=Payment.objects.get(subject=order.reference),
        subject=order.reference,
        transaction_id=f"t-{order.reference}",
        amount=amount,
        currency="GBP",
        state=RefundState.PROVED,
    )


def standing_of(order):
    return fulfilment_status_of([order.reference])[order.reference]


def test_it_works():
    order = paid_order()
    found = standing_of(order)
    assert (found.settled, found.words) == (True, "completed with its tickets")
    assert found.path == f"/admin/orders/inspect/{order.pk}/"


def test_a_stranger_is_not_in_the_answer():
    assert fulfilment_status_of(["JE-NOBODY"]) == {}


def test_a_missing_ticket_is_not_settled():
    order = paid_order()
    Ticket.objects.filter(line__order=order).last().delete()
    assert standing_of(order).settled is False
    assert standing_of(order).words == "completed, but 1 ticket is missing"


@pytest.mark.parametrize("state", [OrderState.PENDING_VERIFICATION, OrderState.EXPIRED, OrderState.CANCELLED])
def test_money_that_waits_for_the_sweep_is_not_settled(state):
    order = paid_order(state)
    assert standing_of(order) == type(standing_of(order))(
        False, "paid, not settled yet", order_alerts.order_path(order)
    )


def test_a_second_payment_is_not_settled_before_a_person_hears_of_it():
    order = paid_order()
    pay(order)
    assert standing_of(order).settled is False
    fulfilment.settle_order(order.reference)
    assert (standing_of(order).settled, standing_of(order).words) == (True, "needs a person, who was told")


def test_a_review_that_nobody_heard_of_is_not_settled():
    order = paid_order(OrderState.REQUIRES_MANUAL_REVIEW, review_reason="One.\nTwo.")
    assert standing_of(order).settled is False


def test_late_money_that_went_back_is_settled():
    order = paid_order(OrderState.EXPIRED)
    refund(order, order.total - 1)
    assert standing_of(order).settled is False
    refund(order, 1)
    assert (standing_of(order).settled, standing_of(order).words) == (True, "given back: £24.00")


@pytest.mark.parametrize(("state", "settled"), [(OrderState.PENDING_VERIFICATION, False), (OrderState.EXPIRED, True)])
def test_without_money_an_order_that_ended_is_settled(state, settled):
    order = factories.make_order(state=state)
    make_payment(order.reference)
    Order.objects.update(deadline=timezone.now() + timedelta(minutes=1))
    assert standing_of(order).settled is settled


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_asks_the_same(count, django_assert_num_queries):
    references = [paid_order().reference for _ in range(count)]
    with django_assert_num_queries(5):
        assert len(fulfilment_status_of(references)) == count
