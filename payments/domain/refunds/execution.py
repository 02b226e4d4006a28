"""Carrying out refunds: read the transaction, send if need be, read it again. The rows are the queue.

`decision` says what comes next; here is what asks SumUp and what writes. A process that dies after `_mark_sent`
leaves a refund that counts as sent, whether or not SumUp has heard of it.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.transaction import atomic
from django.utils import timezone

from common.queue import wake
from common.rows import clip_text
from payments.domain.merchants import credentials, worker_threads
from payments.domain.monitoring import health
from payments.domain.refunds import confirmation
from payments.domain.refunds.decision import Fail, Seen, Send, Wait, decide_refund_step
from payments.domain.refunds.estimates import next_working_day
from payments.domain.states import advance
from payments.enums import CUT_SHORT, OPEN_REFUND_STATES, CycleKind, Question, RefundState
from payments.models import MerchantAccount, Payment, Refund
from payments.provider import Hung, ProviderError

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than reading twice and one sending can take
TURN = timedelta(seconds=10)  # while another refund of this transaction, or enough of the merchant, are on their way
SOON = timedelta(minutes=1)  # what is due earlier does not wait for the minute's sweep
MOST_WOKEN = 10  # waiting refunds of a merchant that new sales wake at once
REREAD = ["state", "amount", "sent_at", "attempts", "events_before", "next_attempt_at", "last_error"]


def execute_refund(refund_id):
    """One step for a refund that is due. Talks HTTP: never in a transaction.

    Of two workers one gets the lease; after its end nothing is sent. Returns the refund, None when it was not due.
    """
    refund = _claim_refund(refund_id)
    if refund is None:
        return None
    with worker_threads.reserve_thread(refund.merchant) as ours:
        if ours:
            _take_step(refund)
        else:
            _postpone(refund, Wait(timezone.now() + TURN))
    return refund


def execute_due_refunds(*, until=None):
    """Carries out all due refunds, longest due first, until none is due or `until` (aware, if given). Returns how many.

    Safe to run many times at once. One that fails is logged and does not stop the others. Of a merchant whose SumUp
    hangs one is tried, the others wait for the next sweep.
    """
    started, items, calls, errors, silent = timezone.now(), 0, 0, 0, set()
    for merchant in _merchants_with_new_sales():
        wake_waiting_refunds(merchant)
    for refund_id, merchant_id in _due_refunds(timezone.now()):
        if until and timezone.now() >= until:
            break
        if merchant_id in silent:
            continue
        refund = _execute_or_log(refund_id)
        if refund and isinstance(refund.error, Hung):
            silent.add(merchant_id)
        items += refund is not None
        calls += refund.calls if refund else 0
        errors += refund is not None and refund.error is not None
    health.record_cycle(CycleKind.REFUNDS, started_at=started, items=items, calls=calls, errors=errors)
    return items


def wake_waiting_refunds(merchant):
    """After a sale, the oldest refunds that wait for balance are due now. Returns how many."""
    now = timezone.now()
    waiting = Refund.objects.filter(merchant=merchant, state=RefundState.WAITING, next_attempt_at__gt=now)
    oldest = list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST_WOKEN])
    return Refund.objects.filter(pk__in=oldest).update(next_attempt_at=now)


def _claim_refund(refund_id):
    now = timezone.now()
    with atomic(durable=True):
        due = Refund.objects.filter(pk=refund_id, state__in=OPEN_REFUND_STATES, next_attempt_at__lte=now)
        if not due.update(next_attempt_at=now + LEASE):
            return None
        refund = Refund.objects.select_related("merchant", "payment").get(pk=refund_id)
    refund.lease, refund.calls, refund.error = refund.next_attempt_at, 0, None
    return refund


def _take_step(refund):
    seen = _read_and_confirm(refund)
    step = decide_refund_step(refund, seen, timezone.now())
    if isinstance(step, Send) and _mark_sent(refund, step, seen.transaction):
        refusal = _send_refund(refund)
        seen = replace(_read_and_confirm(refund), was_sent=True, refusal=refusal)
        step = decide_refund_step(refund, seen, timezone.now())
    _apply(refund, step)


def _read_and_confirm(refund):
    """What SumUp shows, confirmed in our rows."""
    refund.calls += 1
    try:
        transaction = confirmation.fetch_transaction(refund.merchant, refund.transaction_id)
    except ProviderError as error:
        refund.error = error
        confirmation.record_observation(refund.payment_id, Question.TRANSACTION, {"error": str(error)})
        return Seen(error=error)
    with atomic():
        confirmation.record_observation(refund.payment_id, Question.TRANSACTION, transaction.document)
        confirmation.confirm_refunds(transaction, merchant=refund.merchant, payment=refund.payment)
    refund.refresh_from_db(fields=REREAD)
    return Seen(transaction)


def _mark_sent(refund, step, transaction):
    """From here on SumUp may have been asked. False when another worker or another refund is faster."""
    before = [event.id for event in transaction.events]
    facts = {"sent_at": timezone.now(), "attempts": refund.attempts + 1, "events_before": before}
    facts |= {"amount": step.amount, "last_error": CUT_SHORT}
    with atomic():
        row = confirmation.lock_refund(refund)
        if (row.next_attempt_at, row.state) != (refund.lease, refund.state):
            return False
        others = Refund.objects.filter(transaction_id=row.transaction_id, state=RefundState.SENT)
        if others.exclude(pk=row.pk).exists():
            _postpone(refund, Wait(timezone.now() + TURN))
            return False
        if row.state == RefundState.SENT:
            Refund.objects.filter(pk=row.pk).update(**facts)
        else:
            advance(row, RefundState.SENT, **facts)
    refund.refresh_from_db(fields=REREAD)
    return True


def _send_refund(refund):
    """What SumUp answered to the one sending: None or its error. Either proves nothing."""
    refund.calls += 1
    merchant, error = refund.merchant, None

    def question():
        client = credentials.get_client(merchant)
        client.refund(merchant_code=merchant.merchant_code, transaction_id=refund.transaction_id, amount=refund.amount)

    try:
        credentials.ask_with_renewal(merchant, question)
    except ProviderError as refusal:
        error = refusal
    confirmation.record_observation(
        refund.payment_id, Question.REFUND, {"amount": str(refund.amount), "error": str(error or "")}
    )
    return error


def _apply(refund, step):
    """Writes what was decided. Nothing for a `Send`: another worker or another refund was faster."""
    if isinstance(step, Fail):
        with atomic():
            confirmation.fail_refund(refund, step.reason)
    elif isinstance(step, Wait) and step.for_balance:
        error = clip_text(Refund, "last_error", step.error)
        later = {"next_attempt_at": step.until, "expected_by": next_working_day()}
        advance(refund, RefundState.WAITING, reason=step.error, last_error=error, **later)
    elif isinstance(step, Wait):
        _postpone(refund, step)


def _postpone(refund, step):
    """Nothing when another worker has the lease by now."""
    facts = {"next_attempt_at": step.until}
    if step.error is not None:
        facts["last_error"] = clip_text(Refund, "last_error", step.error)
    rows = Refund.objects.filter(pk=refund.pk, next_attempt_at=refund.lease)
    pause = step.until - timezone.now()
    if rows.update(**facts) and pause < SOON:
        wake("payments.tasks.carry_out_refund", refund.pk, delay=max(pause.total_seconds(), 0))


def _merchants_with_new_sales():
    sold = Payment.objects.filter(merchant=OuterRef("merchant"), paid_at__gt=OuterRef("sent_at"))
    waiting = Refund.objects.filter(Exists(sold), state=RefundState.WAITING)
    return MerchantAccount.objects.filter(pk__in=waiting.values("merchant"))


def _due_refunds(now):
    rows = Refund.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")
    return list(rows.values_list("pk", "merchant_id"))


def _execute_or_log(refund_id):
    try:
        return execute_refund(refund_id)
    except Exception:  # the edge of a sweep: due again after its lease
        logger.exception("refund.unfinished refund=%s", refund_id)
        return None
