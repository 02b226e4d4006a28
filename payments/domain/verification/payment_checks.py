"""Finding out whether a payment is paid: claim, look at SumUp, record. The only way money becomes a fact here."""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from common.queue import wake
from payments.domain.merchants import credentials, worker_threads
from payments.domain.refunds import confirmation
from payments.domain.states import advance, announce_change
from payments.domain.verification import polling_pause
from payments.domain.verification.acceptance import find_problem
from payments.domain.verification.check_schedule import HOURLY, TAIL, next_check_time
from payments.domain.verification.provider_lookup import LookupResult, look_up_checkout
from payments.domain.verification.references import new_reference
from payments.enums import PaymentState
from payments.models import Observation, Payment
from payments.sumup.errors import NotAllowed, Unauthorised

__all__ = [
    "LookupResult",
    "ask_again_if_refused",
    "ask_provider",
    "claim_payment",
    "list_payments_for",
    "look_up_checkout",
    "record_answer",
    "request_check",
    "verify_payment",
]

logger = logging.getLogger(__name__)

LOG_ACTION_ASKED = "payments.payment.asked"
MIN_GAP = timedelta(seconds=2)
TURN_PAUSE = timedelta(seconds=2)  # until a payment is tried again whose merchant has its share of the worker already
LEASE = timedelta(seconds=60)  # a claimed payment whose worker died is due again after this
LONGEST_CODE = 32
SETTLED = Q(state=PaymentState.PAID, problem="")


def verify_payment(payment_id, *, min_gap=MIN_GAP, by=None):
    """Looks at SumUp now and records what it said. None when the payment is settled or was looked at just now, while
    polling is paused and no person asks, or when a worker has no thread for its merchant: then it is due again soon.

    `by` is the person who pressed the button; their look is in the audit trail, whatever SumUp says.
    Never call it inside a transaction: raises RuntimeError, because nobody may hold a lock while SumUp thinks.
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
    """The answer to `question(payment)`, with a credential that is renewed before, or when SumUp refuses it."""
    credentials.renew_expiring_tokens([payment.merchant])
    return ask_again_if_refused(payment, question(payment), question)


def ask_again_if_refused(payment, answer, question=look_up_checkout):
    """After a 401 a renewed token gets one more chance. Never in a thread: it writes rows."""
    if not isinstance(answer.error, Unauthorised) or not credentials.renew_refused_token(
        payment.merchant, refused=answer.error
    ):
        return answer
    again = question(payment)
    if isinstance(again.error, Unauthorised):
        credentials.break_refused_connection(payment.merchant, refused=again.error)
    return replace(again, asked=[*answer.asked, *again.asked])


def claim_payment(payment_id, *, min_gap=MIN_GAP):
    """The payment, for the one caller who may look at it now; None for the others."""
    now = timezone.now()
    rested = Q(checked_at__isnull=True) | Q(checked_at__lte=now - min_gap)
    with transaction.atomic(durable=True):
        rows = Payment.objects.filter(rested, pk=payment_id).exclude(SETTLED)
        if not rows.update(checked_at=now, next_check_at=now + LEASE):
            return None
        return Payment.objects.select_related("merchant").get(pk=payment_id)


def record_answer(payment, answer):
    """Writes down what SumUp said and draws the conclusion, in one short transaction under the row's lock.

    Returns the payment as it is now. Recording the same answer twice changes nothing but the number of looks.
    """
    with transaction.atomic(durable=True):
        row = Payment.objects.select_for_update().get(pk=payment.pk)
        row.merchant = payment.merchant
        _record_evidence(row, answer)
        now = timezone.now()
        facts = {"checks": row.checks + 1, "checked_at": now, **_facts(row, answer, now)}
        if answer.taken and row.state == PaymentState.CREATED and row.reference == payment.reference:
            facts["reference"] = new_reference(row.subject)
        if not _move(row, _verdict(answer), facts):
            _update(row, facts)
            if facts.keys() & {"closed_at", "problem"}:
                announce_change(row)
        if answer.transaction and answer.transaction.id == row.transaction_id:
            confirmation.confirm_refunds(answer.transaction, merchant=row.merchant, payment=row)
    _log_answer(row, answer)
    return row


def request_check(payment, *, once=False):
    """Somebody believes that it changed: look soon, at most every two seconds, however many say so.

    The row is made due first, so the sweep finds it even if the wake-up is lost. Due within the last two seconds
    most likely means that a worker was woken just now, and another wake-up is saved; whoever says it only `once` gets
    theirs, because the row may have come due by itself, for the sweep of the next minute.
    """
    now = timezone.now()
    soon = max(now, payment.checked_at + MIN_GAP) if payment.checked_at else now
    rows = Payment.objects.filter(pk=payment.pk).exclude(SETTLED)
    if not once:
        rows = rows.exclude(next_check_at__gt=now - MIN_GAP, next_check_at__lte=soon)
    if rows.update(next_check_at=soon):
        wake("payments.tasks.verify_payment", payment.pk, delay=(soon - now).total_seconds())


def _postpone_check(payment):
    """While SumUp keeps silent the sweep finds it again, and no wake-up does."""
    Payment.objects.filter(pk=payment.pk).exclude(SETTLED).update(next_check_at=timezone.now() + TURN_PAUSE)
    if not credentials.bulkhead_of(payment.merchant).is_strained:
        wake("payments.tasks.verify_payment", payment.pk, delay=TURN_PAUSE.total_seconds())


def list_payments_for(subject):
    """Every attempt to collect for this subject, oldest first."""
    return list(Payment.objects.filter(subject=subject).select_related("merchant").order_by("id"))


def _record_evidence(row, answer):
    Observation.objects.bulk_create(
        [Observation(payment=row, question=question, answer=evidence) for question, evidence in answer.asked]
    )


def _verdict(answer):
    """The state that this answer argues for, or None when it says nothing."""
    if answer.error or answer.taken:
        return None
    if answer.is_paid:
        return PaymentState.PAID
    if answer.checkout and answer.checkout.was_declined:
        return PaymentState.FAILED
    return PaymentState.EXPIRED if answer.closed else PaymentState.OPEN


def _facts(row, answer, now):
    """What changes on the row besides its state."""
    facts = {}
    if answer.checkout:
        facts |= _adopted(row, answer)
    if answer.is_paid:
        return facts | _paid(row, answer.checkout, now)
    if row.state == PaymentState.PAID:
        return facts | {"next_check_at": None}
    if answer.closed and row.closed_at is None:
        facts |= {"closed_at": now, "problem": ""}
    return facts | _next(row, answer, facts, now)


def _adopted(row, answer):
    """A checkout that turned up after we called the payment closed is alive: it is to be deactivated next."""
    facts = {}
    if not row.checkout_id:
        facts["checkout_id"] = answer.checkout.id
        if row.closed_at and not answer.closed:
            facts["closed_at"] = None
    if answer.checkout.hosted_url and answer.checkout.hosted_url != row.hosted_url:
        facts["hosted_url"] = answer.checkout.hosted_url
    return facts


def _paid(row, checkout, now):
    """Accepted once is accepted for good; a problem may still clear up at a later look."""
    if row.state == PaymentState.PAID and not row.problem:
        return {"next_check_at": None}
    facts = {"next_check_at": None}
    problem = find_problem(row, checkout)
    if row.state != PaymentState.PAID:
        facts |= {"paid_at": now, "transacted_at": _moment_of(checkout)}
    if problem != row.problem or row.state != PaymentState.PAID:
        facts |= {
            "problem": problem,
            "transaction_id": checkout.transaction_id,
            "transaction_code": checkout.transaction_code[:LONGEST_CODE],
        }
    return facts


def _moment_of(checkout):
    """When the money moved, by SumUp's clock."""
    own = [each for each in checkout.attempts if each.id == checkout.transaction_id]
    return own[0].timestamp if own else None


def _next(row, answer, facts, now):
    closed_at = facts.get("closed_at", row.closed_at)
    row.checks += 1
    row.closed_at = closed_at
    if "checkout_id" in facts and row.state == PaymentState.EXPIRED and closed_at is None:
        return {"next_check_at": now}
    when = next_check_time(row, error=answer.error, now=now)
    if when is None and closed_at is None and polling_pause.was_paused_within(TAIL):
        when = now + HOURLY  # nobody could ask before: the day that SumUp has begins with the end of the pause
    if when or closed_at or row.state == PaymentState.BY_HAND:
        return {"next_check_at": when}
    return {"next_check_at": None, "problem": _("SumUp gave no final answer for a day after the deadline.")}


def _move(row, verdict, facts):
    return verdict is not None and verdict != row.state and advance(row, verdict, **facts)


def _update(row, facts):
    Payment.objects.filter(pk=row.pk).update(**facts)
    for name, value in facts.items():
        setattr(row, name, value)


def _log_answer(row, answer):
    if row.problem and answer.is_paid:
        logger.critical("payment.problem payment=%s problem=%s", row.reference, row.problem)
    if isinstance(answer.error, Unauthorised | NotAllowed):
        logger.error("payment.refused payment=%s sumup=%s", row.reference, answer.error)
    elif answer.error or answer.taken:
        logger.warning("payment.unanswered payment=%s sumup=%s", row.reference, answer.summary)
