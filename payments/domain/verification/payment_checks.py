"""Checks of payments: claim, ask the provider, record. The only way money becomes a fact here."""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from common.queue import wake
from common.rows import copy_fields
from payments.domain.merchants import credentials, worker_threads
from payments.domain.refunds import confirmation
from payments.domain.states import advance, announce_change
from payments.domain.verification import polling_pause
from payments.domain.verification.check_schedule import TAIL
from payments.domain.verification.decision import decide_payment_step
from payments.domain.verification.provider_lookup import look_up_checkout
from payments.domain.verification.references import new_reference
from payments.enums import PaymentState
from payments.models import Observation, Payment
from payments.provider import NotAllowed, Unauthorised

logger = logging.getLogger(__name__)

LOG_ACTION_ASKED = "payments.payment.asked"
MIN_GAP = timedelta(seconds=2)
TURN_PAUSE = timedelta(seconds=2)  # until a payment is tried again whose merchant has its share of the worker already
LEASE = timedelta(seconds=60)  # a claimed payment whose worker died is due again after this
SETTLED = Q(state=PaymentState.PAID, problem="")


def verify_payment(payment_id, *, min_gap=MIN_GAP, by=None):
    """Asks the provider now and records the answer.

    None when the payment is settled or was checked just now, while polling is paused and no person asks, or when a
    worker has no thread left for its merchant: then it is due again soon. `by` is the person who pressed the button,
    for the audit trail. RuntimeError inside a transaction: nobody may hold a lock while the provider thinks.
    """
    if by is None and polling_pause.is_paused():
        return None
    payment = claim_payment(payment_id, min_gap=min_gap)
    if payment and by:
        log(payment, LOG_ACTION_ASKED, user=by, data={"subject": payment.subject})
    if payment is None:
        return None
    with worker_threads.reserve_thread(payment.merchant) as ours:
        return record_answer(payment, ask_provider(payment)) if ours else _postpone_check(payment)


def ask_provider(payment, question=look_up_checkout):
    credentials.renew_expiring_tokens([payment.merchant])
    return ask_again_if_refused(payment, question(payment), question)


def ask_again_if_refused(payment, answer, question=look_up_checkout):
    """After `Unauthorised` a renewed token gets one more try. Never in a thread: it writes rows."""
    if not isinstance(answer.error, Unauthorised):
        return answer
    if not credentials.renew_refused_token(payment.merchant, refused=answer.error):
        return answer
    again = question(payment)
    if isinstance(again.error, Unauthorised):
        credentials.break_refused_connection(payment.merchant, refused=again.error)
    return replace(again, asked=[*answer.asked, *again.asked])


def claim_payment(payment_id, *, min_gap=MIN_GAP):
    now = timezone.now()
    rested = Q(checked_at__isnull=True) | Q(checked_at__lte=now - min_gap)
    with transaction.atomic(durable=True):
        rows = Payment.objects.filter(rested, pk=payment_id).exclude(SETTLED)
        if not rows.update(checked_at=now, next_check_at=now + LEASE):
            return None
        return Payment.objects.select_related("merchant").get(pk=payment_id)


def record_answer(payment, answer):
    """Writes down the answer and what it decides, in one short transaction under the row's lock.

    Returns the payment as it is now. The same answer twice changes nothing but the number of checks.
    """
    with transaction.atomic(durable=True):
        row = Payment.objects.select_for_update().get(pk=payment.pk)
        row.merchant = payment.merchant
        Observation.objects.bulk_create(build_observations(row, answer))
        now = timezone.now()
        was_paused = now - row.deadline >= TAIL and polling_pause.was_paused_within(TAIL)
        step = decide_payment_step(row, answer, now, was_paused=was_paused)
        changes = step.changes
        if answer.taken and row.state == PaymentState.CREATED and row.reference == payment.reference:
            changes = changes | {"reference": new_reference(row.subject)}
        if not (step.state and advance(row, step.state, **changes)):
            Payment.objects.filter(pk=row.pk).update(**changes)
            copy_fields(row, **changes)
            if changes.keys() & {"closed_at", "problem"}:
                announce_change(row)
        if answer.transaction and answer.transaction.id == row.transaction_id:
            confirmation.confirm_refunds(answer.transaction, merchant=row.merchant, payment=row)
    _log_answer(row, answer)
    return row


def record_first_answer(payment, answer):
    """As `record_answer`, for a payment that was just made. What opens it is written in one statement; where the answer
    says anything else, or somebody was faster, the row is read and locked.
    """
    step = decide_payment_step(payment, answer, timezone.now())
    beside = build_observations(payment, answer)
    if step.state == PaymentState.OPEN and advance(payment, step.state, beside=beside, **step.changes):
        return payment
    return record_answer(payment, answer)


def request_check(payment, *, once=False):
    """Makes the payment due soon, at most every two seconds, however many say that it changed.

    The row is made due first, so the sweep finds it even if the wake-up is lost. If it was due within the last two
    seconds, a worker was most likely woken just now and no other is; with `once` one is, because the row may have come
    due by itself.
    """
    now = timezone.now()
    soon = max(now, payment.checked_at + MIN_GAP) if payment.checked_at else now
    rows = Payment.objects.filter(pk=payment.pk).exclude(SETTLED)
    if not once:
        rows = rows.exclude(next_check_at__gt=now - MIN_GAP, next_check_at__lte=soon)
    if rows.update(next_check_at=soon):
        wake("payments.tasks.verify_payment", payment.pk, delay=(soon - now).total_seconds())


def _postpone_check(payment):
    """While the provider keeps silent no wake-up follows: the sweep finds it."""
    Payment.objects.filter(pk=payment.pk).exclude(SETTLED).update(next_check_at=timezone.now() + TURN_PAUSE)
    if not credentials.is_provider_silent(payment.merchant):
        wake("payments.tasks.verify_payment", payment.pk, delay=TURN_PAUSE.total_seconds())


def list_payments_for(subject):
    return list(Payment.objects.filter(subject=subject).select_related("merchant").order_by("id"))


def build_observations(payment, answer):
    return [Observation(payment=payment, question=question, answer=evidence) for question, evidence in answer.asked]


def _log_answer(row, answer):
    if row.problem and answer.is_paid:
        logger.critical("payment.problem payment=%s problem=%s", row.reference, row.problem)
    if isinstance(answer.error, Unauthorised | NotAllowed):
        logger.error("payment.refused payment=%s sumup=%s", row.reference, answer.error)
    elif answer.error or answer.taken:
        logger.warning("payment.unanswered payment=%s sumup=%s", row.reference, answer.summary)
