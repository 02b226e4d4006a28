"""Sending money back: a look, then SumUp, then proof by another look.

SumUp knows no idempotency and its answer proves nothing (contract notes 3.3, 5.3): a refund may be refused with a 2xx,
done although the answer was lost, or take its time. So `REFUND` events of the transaction are the only truth, and what
was sent is sent again only when they keep silent. The rows are the queue.
"""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.transaction import atomic
from django.utils import timezone
from django.utils.translation import gettext as _

from common.queue import wake
from payments.domain.merchants import credentials, worker_threads
from payments.domain.monitoring import cycles
from payments.domain.refunds import confirmation
from payments.domain.refunds.estimates import next_working_day
from payments.domain.states import advance
from payments.enums import CycleKind, Question, RefundState
from payments.models import MerchantAccount, Observation, Payment, Refund
from payments.money import format_money
from payments.sumup.errors import Hung, NotAllowed, NotEnough, NotFound, SumUpError, TooHigh, Unauthorised

logger = logging.getLogger(__name__)

OPEN = (RefundState.REQUESTED, RefundState.SENT, RefundState.WAITING)
LEASE = timedelta(minutes=3)  # longer than two looks and one sending can take
SILENCE = timedelta(seconds=60)  # when SumUp has not enough left to pay twice anyway
LONG_SILENCE = timedelta(minutes=15)  # when it has
TAKEN = timedelta(days=1)  # how long SumUp may work on what it said yes to
UNKNOWN = "no answer: the attempt was cut short"
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(hours=1)  # between two looks
TURN = timedelta(
    seconds=10
)  # while another refund of the same transaction, or enough of the merchant, are on their way
NO_CREDENTIAL = timedelta(minutes=15)
DAILY = timedelta(days=1)
PATIENCE = timedelta(days=30)  # of waiting for balance
UNKNOWN_FOR_GOOD = timedelta(days=1)
WOKEN = 10
"""How many waiting refunds of a merchant new sales wake at once, the oldest first."""


def execute_refund(refund_id):
    """One step for a refund that is due: look, send if need be, look again. Talks HTTP: never in a transaction.

    What was sent and brought no answer (it was lost, a process died) is sent again only after SumUp's own transaction
    kept silent for so long that it never heard of it: there is no other way to tell, and nobody may be paid twice. What
    SumUp said yes to is never sent again: without proof after a day a person decides. A 404 is no look. Of two workers
    one gets the lease; whoever outlives his does not send. Returns the refund, None when it was not due.
    """
    refund = _claim_refund(refund_id)
    if refund is None:
        return None
    with worker_threads.reserve_thread(refund.merchant) as ours:
        if ours:
            _take_step(refund)
        else:
            _later(refund, pause=TURN)
    return refund


def _take_step(refund):
    seen = _read_and_confirm(refund)
    if seen is not None and _is_to_be_sent(refund, seen) and _mark_sent(refund, seen):
        error = _send_refund(refund)
        _conclude(refund, _read_and_confirm(refund), error)


def execute_due_refunds(*, until=None):
    """Carries out all due refunds, longest due first, until none is due or `until` (aware, if given). Returns how many.

    Safe to run many times at once: each refund is claimed. One that fails is logged and does not stop the others. Of a
    merchant whose SumUp hangs one is tried, the others wait for the next sweep.
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
    cycles.record_cycle(CycleKind.REFUNDS, started_at=started, items=items, calls=calls, errors=errors)
    return items


def wake_waiting_refunds(merchant):
    """There was a sale: refunds that wait for balance are due now, the oldest first. Returns how many."""
    now = timezone.now()
    waiting = Refund.objects.filter(merchant=merchant, state=RefundState.WAITING, next_attempt_at__gt=now)
    return Refund.objects.filter(pk__in=list(waiting.order_by("pk").values_list("pk", flat=True)[:WOKEN])).update(
        next_attempt_at=now
    )


def lock_refund(refund):
    """The refund under lock, after its payment. Inside a transaction."""
    confirmation.lock_payment(refund.payment)
    return Refund.objects.select_for_update(of=("self",)).select_related("payment", "merchant").get(pk=refund.pk)


def _claim_refund(refund_id):
    """For this caller alone, until the lease ends."""
    now = timezone.now()
    with atomic(durable=True):
        due = Refund.objects.filter(pk=refund_id, state__in=OPEN, next_attempt_at__lte=now)
        if not due.update(next_attempt_at=now + LEASE):
            return None
        refund = Refund.objects.select_related("merchant", "payment").get(pk=refund_id)
    refund.lease, refund.calls, refund.error = refund.next_attempt_at, 0, None
    return refund


def read_transaction(merchant, transaction_id):
    """The transaction at SumUp, with a token renewed if need be. Talks HTTP. Raises `SumUpError`."""

    def question():
        client = credentials.get_client(merchant)
        return client.transaction(merchant_code=merchant.merchant_code, transaction_id=transaction_id)

    return credentials.ask_with_renewal(merchant, question)


def _read_and_confirm(refund):
    """SumUp's transaction, written into our rows, or None when SumUp did not say."""
    refund.calls += 1
    try:
        seen = read_transaction(refund.merchant, refund.transaction_id)
    except SumUpError as error:
        record_observation(refund.payment_id, Question.TRANSACTION, {"error": str(error)})
        _unanswered(refund, error)
        return None
    with atomic():
        record_observation(refund.payment_id, Question.TRANSACTION, seen.document)
        confirmation.confirm_refunds(seen, merchant=refund.merchant, payment=refund.payment)
    _refresh(refund)
    return seen


def _unanswered(refund, error):
    refund.error = error
    age = timezone.now() - refund.created_at
    if isinstance(error, NotFound) and refund.state != RefundState.SENT and age > UNKNOWN_FOR_GOOD:
        return _fail(refund, _("SumUp does not know this transaction."))
    return _later(refund, error)


def _is_to_be_sent(refund, seen):
    """Not what is on its way, and not more than SumUp has left."""
    if refund.state not in OPEN:
        return False
    if refund.state == RefundState.SENT and _may_still_come(refund, seen):
        return _later(refund)
    if refund.state == RefundState.SENT and not refund.last_error:
        return _fail(refund, _("SumUp accepted this refund a day ago and shows nothing of it. Please ask SumUp."))
    if refund.amount <= seen.left or _fit_to(refund, seen.left):
        return True
    return _fail(refund, _("SumUp has only %(left)s of this payment left.") % {"left": format_money(seen.left)})


def _may_still_come(refund, seen):
    """Whether SumUp may have heard of what was sent and just does not show it yet."""
    silence = TAKEN if not refund.last_error else SILENCE if 2 * refund.amount > seen.left else LONG_SILENCE
    return confirmation.is_refund_under_way(refund, seen) or timezone.now() - refund.sent_at < silence


def _fit_to(refund, left):
    """Of a payment that differs from what was asked, "everything" is whatever SumUp really took."""
    if not (left and refund.payment and refund.payment.problem):
        return False
    refund.amount = left
    return bool(Refund.objects.filter(pk=refund.pk, next_attempt_at=refund.lease).update(amount=left))


def _mark_sent(refund, seen):
    """From here on SumUp may have been asked. False when another worker or another refund is faster."""
    before = [event.id for event in seen.events]
    facts = {"sent_at": timezone.now(), "attempts": refund.attempts + 1, "events_before": before, "last_error": UNKNOWN}
    with atomic():
        row = lock_refund(refund)
        if (row.next_attempt_at, row.state) != (refund.lease, refund.state):
            return False
        others = Refund.objects.filter(transaction_id=row.transaction_id, state=RefundState.SENT)
        if others.exclude(pk=row.pk).exists():
            return _later(refund, pause=TURN)
        if row.state == RefundState.SENT:
            Refund.objects.filter(pk=row.pk).update(**facts)
        else:
            advance(row, RefundState.SENT, **facts)
    _refresh(refund)
    return True


def _send_refund(refund):
    """What SumUp answered to the one sending: None or its error. Either proves nothing."""
    refund.calls += 1
    merchant = refund.merchant

    def question():
        client = credentials.get_client(merchant)
        client.refund(merchant_code=merchant.merchant_code, transaction_id=refund.transaction_id, amount=refund.amount)

    error = None
    try:
        credentials.ask_with_renewal(merchant, question)
    except SumUpError as refusal:
        error = refusal
    answer = {"amount": str(refund.amount), "error": str(error or "")}
    record_observation(refund.payment_id, Question.REFUND, answer)
    return error


def _conclude(refund, seen, error):
    """After the second look: what is neither proved nor failed waits, fails or is looked at again."""
    if seen is None or refund.state != RefundState.SENT:
        return
    if error is None:
        _later(refund, last_error="")
    elif not error.permanent or isinstance(error, Unauthorised) or confirmation.is_refund_under_way(refund, seen):
        _later(refund, error)
    elif isinstance(error, NotEnough) and timezone.now() - refund.created_at < PATIENCE:
        _wait(refund, error)
    else:
        _fail(refund, _words(error, seen))


def _words(error, seen):
    if isinstance(error, TooHigh):
        return _("SumUp has only %(left)s of this payment left.") % {"left": format_money(seen.left)}
    if isinstance(error, NotAllowed):
        return _("SumUp does not allow refunds for this account: %(words)s") % {"words": error}
    return _("SumUp refused the refund: %(words)s") % {"words": error}


def _wait(refund, error):
    """The balance is too small: tried again after the next sales, and every day."""
    later = {"next_attempt_at": timezone.now() + DAILY, "expected_by": next_working_day()}
    advance(refund, RefundState.WAITING, reason=error, last_error=str(error)[: confirmation.LONGEST_ERROR], **later)


def _fail(refund, words):
    with atomic():
        confirmation.fail_refund(refund, words)
    return False


def _later(refund, error=None, *, pause=None, **said):
    """Looked at again: after seconds at first, then minutes, then hours. False, as a refusal to send now."""
    now = timezone.now()
    pause = pause or min(max(now - (refund.sent_at or refund.created_at), SHORTEST), LONGEST)
    if isinstance(error, Unauthorised):
        pause = max(pause, NO_CREDENTIAL)
    if error:
        said["last_error"] = str(error)[: confirmation.LONGEST_ERROR]
    rows = Refund.objects.filter(pk=refund.pk, next_attempt_at=refund.lease)
    if rows.update(next_attempt_at=now + pause, **said) and pause < timedelta(minutes=1):
        wake("payments.tasks.carry_out_refund", refund.pk, delay=pause.total_seconds())
    return False


def _refresh(refund):
    refund.refresh_from_db(
        fields=["state", "amount", "sent_at", "attempts", "events_before", "next_attempt_at", "last_error"]
    )


def record_observation(payment_id, question, answer):
    if payment_id:
        Observation.objects.create(payment_id=payment_id, question=question, answer=answer)


def _merchants_with_new_sales():
    """Merchants that were paid since a waiting refund was last tried."""
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
