"""The decision on an order: where its payments say that it has to go. A pure function of rows already read."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.enums import TAKEN_FOR_PAID, PaymentState
from ticketing.enums import OrderState

ENDED_UNPAID = (OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED)
"""Ended without money and without seats; a late payment may still come."""


@dataclass(frozen=True)
class OrderDecision:
    """The state to go to, and why in words for staff."""

    to: OrderState
    reason: str = ""


def decide_order(order, payments, now, unrefunded=None):
    """The OrderDecision on an order with these payments (oldest first), or None when it stays where it is.

    `unrefunded` is {payment id: pounds of it that did not go back}, as SumUp shows it; of a payment that is not in it
    nothing went back. A payment that went back as a whole does not count.

    The reason of a review names the references of the paid payments. Staff who complete the order have seen those, so
    only a payment that `review_reason` does not name asks for another review.
    """
    unrefunded = unrefunded or {}
    paid = [payment for payment in payments if payment.state in TAKEN_FOR_PAID]
    kept = [payment for payment in paid if unrefunded.get(payment.pk, payment.amount)]
    if paid and not kept:
        over = order.state == OrderState.REFUNDED
        return None if over else OrderDecision(OrderState.REFUNDED, _("All its money went back."))
    if order.state in DECIDERS:
        return DECIDERS[order.state](order, paid, kept)
    if kept:
        trouble = _describe_trouble(order, kept) or _describe_partly_refunded(kept, unrefunded)
        return (
            OrderDecision(OrderState.REQUIRES_MANUAL_REVIEW, trouble)
            if trouble
            else OrderDecision(OrderState.COMPLETED)
        )
    if order.state == OrderState.PENDING_VERIFICATION:
        return _decide_unpaid(order, payments, now)
    return None


def _decide_completed(order, paid, kept):
    seen = all(payment.reference in order.review_reason for payment in kept)
    trouble = "" if seen else _describe_trouble(order, kept)
    return OrderDecision(OrderState.REQUIRES_MANUAL_REVIEW, trouble) if trouble else None


def _decide_in_review(order, paid, kept):
    """A person decides, unless a refund already put it right: then one payment is left, exactly as it should be."""
    put_right = 0 < len(kept) < len(paid) and not _describe_trouble(order, kept)
    return OrderDecision(OrderState.COMPLETED, _("What was too much went back.")) if put_right else None


def _decide_refunded(order, paid, kept):
    """What was settled by hand and undone is no news until SumUp shows the money."""
    shown = [payment for payment in kept if payment.state == PaymentState.PAID]
    if not shown:
        return None
    references = ", ".join(payment.reference for payment in shown)
    reason = _("Paid after the order had been refunded: %(references)s.") % {"references": references}
    return OrderDecision(OrderState.REQUIRES_MANUAL_REVIEW, reason)


DECIDERS = {
    OrderState.COMPLETED: _decide_completed,
    OrderState.REQUIRES_MANUAL_REVIEW: _decide_in_review,
    OrderState.REFUNDED: _decide_refunded,
}


def _decide_unpaid(order, payments, now):
    if order.is_free:
        return OrderDecision(OrderState.COMPLETED)
    if not payments:
        return OrderDecision(OrderState.REQUIRES_MANUAL_REVIEW, _("The record of the payment is missing."))
    if given_up := [f"{payment.reference}: {payment.problem}" for payment in payments if payment.problem]:
        return OrderDecision(OrderState.REQUIRES_MANUAL_REVIEW, "\n".join(given_up))
    if now < order.deadline or any(payment.closed_at is None for payment in payments):
        return None
    if payments[-1].state == PaymentState.FAILED:
        return OrderDecision(OrderState.FAILED, _("The last attempt was declined and the time to pay is over."))
    return OrderDecision(OrderState.EXPIRED, _("The time to pay is over and SumUp says that nothing was paid."))


def _describe_trouble(order, paid):
    """In words for staff; "" when the money is exactly what was asked for."""
    troubles = [text for payment in paid if (text := _describe_difference(order, payment))]
    if len(paid) > 1:
        references = ", ".join(payment.reference for payment in paid)
        troubles.append(_("Paid more than once: %(references)s.") % {"references": references})
    return "\n".join(troubles)


def _describe_difference(order, payment):
    difference = payment.problem
    if not difference and (payment.amount, payment.currency) != (order.total, order.currency):
        difference = _("%(paid)s %(paid_currency)s was collected for an order of %(total)s %(currency)s.") % {
            "paid": payment.amount,
            "paid_currency": payment.currency,
            "total": order.total,
            "currency": order.currency,
        }
    return f"{payment.reference}: {difference}" if difference else ""


def _describe_partly_refunded(kept, unrefunded):
    parts = [payment for payment in kept if unrefunded.get(payment.pk, payment.amount) < payment.amount]
    words = _("%(reference)s: part of the money went back before the tickets were made.")
    return "\n".join(words % {"reference": payment.reference} for payment in parts)
