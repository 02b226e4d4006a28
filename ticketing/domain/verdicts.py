"""What an order's payments mean for the order. A pure function of rows already read."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.enums import PaymentState
from ticketing.enums import OrderState

LAPSED = (OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED)
"""Ended without money and without seats; late money may still come."""


@dataclass(frozen=True)
class Verdict:
    """Where the order has to go, and why in words for staff."""

    to: OrderState
    reason: str = ""


def judge(order, payments, now):
    """The Verdict on an order whose payments are `payments` (oldest first), or None when it stays where it is.

    A reason to look at a paid order names the references of its paid payments: staff who put the order right again
    have seen those, and only a further one asks for another look.
    """
    paid = [payment for payment in payments if payment.state == PaymentState.PAID]
    if order.state == OrderState.COMPLETED:
        return _judge_completed(order, paid)
    if order.state != OrderState.PENDING_VERIFICATION and order.state not in LAPSED:
        return None
    if paid:
        trouble = _trouble(order, paid)
        return Verdict(OrderState.REQUIRES_MANUAL_REVIEW, trouble) if trouble else Verdict(OrderState.COMPLETED)
    if order.state == OrderState.PENDING_VERIFICATION:
        return _judge_unpaid(order, payments, now)
    return None


def _judge_completed(order, paid):
    seen = all(payment.reference in order.review_reason for payment in paid)
    trouble = "" if seen else _trouble(order, paid)
    return Verdict(OrderState.REQUIRES_MANUAL_REVIEW, trouble) if trouble else None


def _judge_unpaid(order, payments, now):
    if order.is_free:
        return Verdict(OrderState.COMPLETED)
    if not payments:
        return Verdict(OrderState.REQUIRES_MANUAL_REVIEW, _("The record of the payment is missing."))
    if given_up := [f"{payment.reference}: {payment.problem}" for payment in payments if payment.problem]:
        return Verdict(OrderState.REQUIRES_MANUAL_REVIEW, "\n".join(given_up))
    if now < order.deadline or any(payment.closed_at is None for payment in payments):
        return None
    if payments[-1].state == PaymentState.FAILED:
        return Verdict(OrderState.FAILED, _("The last attempt was declined and the time to pay is over."))
    return Verdict(OrderState.EXPIRED, _("The time to pay is over and SumUp says that nothing was paid."))


def _trouble(order, paid):
    """Why paid money does not simply settle the order, "" when it does."""
    troubles = [text for payment in paid if (text := _difference(order, payment))]
    if len(paid) > 1:
        references = ", ".join(payment.reference for payment in paid)
        troubles.append(_("Paid more than once: %(references)s.") % {"references": references})
    return "\n".join(troubles)


def _difference(order, payment):
    difference = payment.problem
    if not difference and (payment.amount, payment.currency) != (order.total, order.currency):
        difference = _("%(paid)s %(paid_currency)s was collected for an order of %(total)s %(currency)s.") % {
            "paid": payment.amount,
            "paid_currency": payment.currency,
            "total": order.total,
            "currency": order.currency,
        }
    return f"{payment.reference}: {difference}" if difference else ""
