"""What payments mean for an order, case by case."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from payments.enums import PaymentState
from payments.models import Payment
from ticketing.domain.orders.decision import decide_order
from ticketing.enums import OrderState
from ticketing.models import Order

DEADLINE = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)
BEFORE, AFTER = DEADLINE - timedelta(minutes=1), DEADLINE + timedelta(minutes=1)

PENDING, COMPLETED, FAILED, EXPIRED, CANCELLED, REVIEW, REFUNDED = (
    OrderState.PENDING_VERIFICATION,
    OrderState.COMPLETED,
    OrderState.FAILED,
    OrderState.EXPIRED,
    OrderState.CANCELLED,
    OrderState.REQUIRES_MANUAL_REVIEW,
    OrderState.REFUNDED,
)


def order(state=PENDING, **fields):
    return Order(
        reference="JE-1", state=state, total=fields.pop("total", Decimal("24.00")), deadline=DEADLINE, **fields
    )


def payment(state, *, closed=False, reference="JE-1-a", amount="24.00", **fields):
    return Payment(
        reference=reference,
        state=state,
        amount=Decimal(amount),
        currency=fields.pop("currency", "GBP"),
        closed_at=AFTER if closed else None,
        **fields,
    )


open_ = payment(PaymentState.OPEN)
paid = payment(PaymentState.PAID)
paid_again = payment(PaymentState.PAID, reference="JE-1-b")
paid_wrong = payment(PaymentState.PAID, problem="the amount differs")
paid_little = payment(PaymentState.PAID, amount="2.40")
paid_euros = payment(PaymentState.PAID, currency="EUR")
given_up = payment(PaymentState.OPEN, problem="no final answer for a day")
declined = payment(PaymentState.FAILED)
declined_closed = payment(PaymentState.FAILED, closed=True)
expired = payment(PaymentState.EXPIRED)
expired_closed = payment(PaymentState.EXPIRED, closed=True, reference="JE-1-c")


@pytest.mark.parametrize(
    ("state", "payments", "now", "to"),
    [
        (PENDING, [open_], BEFORE, None),
        (PENDING, [open_], AFTER, None),
        (PENDING, [declined], BEFORE, None),
        (PENDING, [declined], AFTER, None),
        (PENDING, [expired], AFTER, None),
        (PENDING, [expired_closed], BEFORE, None),
        (PENDING, [expired_closed], AFTER, EXPIRED),
        (PENDING, [declined_closed], AFTER, FAILED),
        (PENDING, [declined_closed, expired_closed], AFTER, EXPIRED),
        (PENDING, [expired_closed, declined_closed], AFTER, FAILED),
        (PENDING, [expired_closed, open_], AFTER, None),
        (PENDING, [paid], BEFORE, COMPLETED),
        (PENDING, [paid], AFTER, COMPLETED),
        (PENDING, [expired_closed, paid], AFTER, COMPLETED),
        (PENDING, [paid_wrong], BEFORE, REVIEW),
        (PENDING, [paid_little], BEFORE, REVIEW),
        (PENDING, [paid_euros], BEFORE, REVIEW),
        (PENDING, [paid, paid_again], BEFORE, REVIEW),
        (PENDING, [], BEFORE, REVIEW),
        (PENDING, [given_up], AFTER, REVIEW),
        (FAILED, [declined_closed], AFTER, None),
        (FAILED, [paid], AFTER, COMPLETED),
        (EXPIRED, [], AFTER, None),
        (EXPIRED, [expired_closed], AFTER, None),
        (EXPIRED, [paid], AFTER, COMPLETED),
        (EXPIRED, [paid_wrong], AFTER, REVIEW),
        (CANCELLED, [expired_closed], AFTER, None),
        (CANCELLED, [paid], AFTER, COMPLETED),
        (COMPLETED, [], AFTER, None),
        (COMPLETED, [paid], AFTER, None),
        (COMPLETED, [paid, open_], AFTER, None),
        (COMPLETED, [paid, paid_again], AFTER, REVIEW),
        (COMPLETED, [paid_wrong], AFTER, REVIEW),
        (REVIEW, [paid, paid_again], AFTER, None),
        (REVIEW, [paid], AFTER, None),
        (REFUNDED, [paid], AFTER, REVIEW),
    ],
)
def test_judge(state, payments, now, to):
    verdict = decide_order(order(state), payments, now)
    assert (verdict and verdict.to) == to


def test_a_free_order_needs_no_payment():
    assert decide_order(order(total=Decimal(0)), [], BEFORE).to == COMPLETED


def test_reasons_name_payment_and_difference():
    assert decide_order(order(), [paid_wrong], AFTER).reason == "JE-1-a: the amount differs"
    assert (
        decide_order(order(), [paid_little], AFTER).reason
        == "JE-1-a: 2.40 GBP was collected for an order of 24.00 GBP."
    )
    assert decide_order(order(), [paid, paid_again], AFTER).reason == "Paid more than once: JE-1-a, JE-1-b."


def test_what_staff_have_seen_does_not_come_back():
    accepted = order(COMPLETED, review_reason="Paid more than once: JE-1-a, JE-1-b.")
    assert decide_order(accepted, [paid, paid_again], AFTER) is None


def test_a_further_payment_comes_back_even_then():
    accepted = order(COMPLETED, review_reason="JE-1-a: the amount differs")
    assert decide_order(accepted, [paid_wrong, paid_again], AFTER).to == REVIEW


# Money that went back


first, second = (payment(PaymentState.PAID, reference=f"JE-1-{pk}", pk=pk) for pk in (1, 2))


@pytest.mark.parametrize(
    ("state", "payments", "standing", "to"),
    [
        (PENDING, [first], {1: 0}, REFUNDED),
        (PENDING, [first], {1: 12}, REVIEW),
        (EXPIRED, [first], {1: 0}, REFUNDED),
        (EXPIRED, [first, second], {1: 0, 2: 24}, COMPLETED),
        (COMPLETED, [first], {1: 0}, REFUNDED),
        (COMPLETED, [first], {1: 12}, None),
        (COMPLETED, [first, second], {1: 24, 2: 0}, None),
        (COMPLETED, [first, second], {1: 24, 2: 24}, REVIEW),
        (REVIEW, [first, second], {1: 24, 2: 24}, None),
        (REVIEW, [first, second], {1: 0, 2: 24}, COMPLETED),
        (REVIEW, [first, second], {1: 24, 2: 5}, None),
        (REVIEW, [first, second], {1: 0, 2: 0}, REFUNDED),
        (REVIEW, [first], {1: 24}, None),
        (REVIEW, [], {}, None),
        (REFUNDED, [first], {1: 0}, None),
        (REFUNDED, [first, second], {1: 0, 2: 24}, REVIEW),
    ],
)
def test_money_that_went_back_counts_no_more(state, payments, standing, to):
    standing = {pk: Decimal(left) for pk, left in standing.items()}
    verdict = decide_order(order(state), payments, AFTER, standing)
    assert (verdict and verdict.to) == to
