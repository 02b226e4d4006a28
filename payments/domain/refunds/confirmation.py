"""What SumUp shows of money that went back, written into our rows: each event proves one refund."""

import logging

from django.db.transaction import atomic
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.domain.monitoring import alerts
from payments.domain.states import advance
from payments.enums import EventStatus, MovementKind, RefundOrigin, RefundState
from payments.models import Payment, Refund
from payments.money import ZERO, round_money

logger = logging.getLogger(__name__)

ORIGINS = {MovementKind.REFUND: RefundOrigin.DASHBOARD, MovementKind.CHARGE_BACK: RefundOrigin.CHARGE_BACK}
REASONS = {
    RefundOrigin.DASHBOARD: gettext_lazy("Refunded in SumUp’s own dashboard."),
    RefundOrigin.CHARGE_BACK: gettext_lazy("Charged back by the buyer’s bank."),
}
ASKED = {RefundState.SENT, RefundState.WAITING, RefundState.FAILED}
LONGEST_ERROR = 200


@atomic
def confirm_refunds(seen, *, merchant, payment=None):
    """Writes what the transaction `seen` shows. Repeating it changes nothing. Returns the refunds that it proved.

    An event of the amount we asked for that was not there before we asked is the answer to our asking, whoever pressed
    the button. What nobody of us asked for becomes a refund of its own, proved, if the transaction is a `payment` of
    ours (contract notes 3.3, 8). Locks the payment, then its refunds.
    """
    lock_payment(payment)
    rows = list(Refund.objects.select_for_update().filter(merchant=merchant, transaction_id=seen.id).order_by("pk"))
    taken = {row.event_id for row in rows}
    new = [event for event in seen.events if event.id not in taken and event.amount]
    proved = [_confirm_refund(event, rows, payment) for event in new if event.is_done]
    for event in new:
        if event.status == EventStatus.FAILED and (row := find_answered_refund(event, rows, {RefundState.SENT})):
            fail_refund(row, _("SumUp tried and shows that this refund failed."))
    return [row for row in proved if row]


def lock_payment(payment):
    """Whoever moves money of a payment waits for the others. Inside a transaction."""
    if payment is not None:
        Payment.objects.select_for_update().get(pk=payment.pk)


def find_answered_refund(event, rows, states=ASKED):
    """The refund of ours that this event answers, or None. One on its way comes before those that gave up."""
    fitting = [row for row in rows if row.state in states and _answers(event, row)]
    return min(fitting, key=lambda row: row.state != RefundState.SENT, default=None)


def is_refund_under_way(refund, seen):
    """Whether SumUp shows that it is at work on this very refund."""
    return any(event.is_on_its_way and _answers(event, refund) for event in seen.events)


def fail_refund(refund, words):
    """A person has to decide. Inside a transaction."""
    if advance(refund, RefundState.FAILED, reason=words, next_attempt_at=None, last_error=str(words)[:LONGEST_ERROR]):
        logger.error("refund.failed refund=%s subject=%s", refund.pk, refund.subject or "-")
        alerts.raise_alert(
            f"refund-failed:{refund.pk}:{refund.attempts}",
            _("A refund failed: %(what)s") % {"what": refund},
            text=words,
        )


def _answers(event, row):
    return (
        event.kind == MovementKind.REFUND
        and event.amount == row.amount
        and row.sent_at is not None
        and event.id not in row.events_before
    )


def _confirm_refund(event, rows, payment):
    row = find_answered_refund(event, rows)
    if row is None and payment is not None:
        row = _create_outside_refund(event, payment)
    facts = {"event_id": event.id, "proved_at": timezone.now(), "next_attempt_at": None, "last_error": ""}
    facts |= {"fee_returned": round_money(event.fee or ZERO), "expected_by": None}
    return row if row and advance(row, RefundState.PROVED, **facts) else None


def _create_outside_refund(event, payment):
    origin = ORIGINS[event.kind]
    return Refund.objects.create(
        merchant_id=payment.merchant_id,
        payment=payment,
        subject=payment.subject,
        transaction_id=payment.transaction_id,
        amount=round_money(event.amount),
        currency=payment.currency,
        origin=origin,
        reason=REASONS[origin],
        sent_at=event.at,
    )
