"""What SumUp shows of money that went back, written into our rows: each event proves one refund."""

import logging

from django.db.transaction import atomic
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.rows import clip_text
from payments.domain.merchants import credentials
from payments.domain.monitoring import alerts
from payments.domain.refunds.decision import answers_refund
from payments.domain.states import advance
from payments.enums import EventStatus, MovementKind, Question, RefundOrigin, RefundState
from payments.models import Observation, Payment, Refund
from payments.money import ZERO, round_money

logger = logging.getLogger(__name__)

ORIGINS = {MovementKind.REFUND: RefundOrigin.DASHBOARD, MovementKind.CHARGE_BACK: RefundOrigin.CHARGE_BACK}
REASONS = {
    RefundOrigin.DASHBOARD: gettext_lazy("Refunded in SumUp’s own dashboard."),
    RefundOrigin.CHARGE_BACK: gettext_lazy("Charged back by the buyer’s bank."),
}
ASKED = {RefundState.SENT, RefundState.WAITING, RefundState.FAILED}


def fetch_refunds(payment):
    """Reads the payment's transaction at SumUp and records its refunds. Returns those that it proved.

    Talks HTTP. Raises `ProviderError`.
    """
    seen = fetch_transaction(payment.merchant, payment.transaction_id)
    with atomic():
        record_observation(payment.pk, Question.TRANSACTION, seen.document)
        return confirm_refunds(seen, merchant=payment.merchant, payment=payment)


def fetch_transaction(merchant, transaction_id):
    """The transaction at SumUp, with a token renewed if need be. Talks HTTP. Raises `ProviderError`."""

    def question():
        client = credentials.get_client(merchant)
        return client.transaction(merchant_code=merchant.merchant_code, transaction_id=transaction_id)

    return credentials.ask_with_renewal(merchant, question)


def record_observation(payment_id, question, answer):
    if payment_id:
        Observation.objects.create(payment_id=payment_id, question=question, answer=answer)


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
    if payment is not None:
        Payment.objects.select_for_update().get(pk=payment.pk)


def lock_refund(refund):
    lock_payment(refund.payment)
    return Refund.objects.select_for_update(of=("self",)).select_related("payment", "merchant").get(pk=refund.pk)


def find_answered_refund(event, rows, states=ASKED):
    """The refund of ours that this event answers, or None. One that was sent comes before those that wait or failed."""
    fitting = [row for row in rows if row.state in states and answers_refund(event, row)]
    return min(fitting, key=lambda row: row.state != RefundState.SENT, default=None)


def fail_refund(refund, words):
    error = clip_text(Refund, "last_error", words)
    if advance(refund, RefundState.FAILED, reason=words, next_attempt_at=None, last_error=error):
        logger.error("refund.failed refund=%s subject=%s", refund.pk, refund.subject or "-")
        alerts.raise_alert(
            f"refund-failed:{refund.pk}:{refund.attempts}",
            _("A refund failed: %(what)s") % {"what": refund},
            text=words,
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
