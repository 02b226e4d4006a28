"""Polling: cycles that check every due payment and go on while some are due and time is left."""

import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from numbers import Real

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from payments.domain.merchants import credentials, worker_threads
from payments.domain.monitoring import health
from payments.domain.verification import polling_pause
from payments.domain.verification.payment_checks import LEASE, ask_again_if_refused, record_answer
from payments.domain.verification.provider_lookup import LookupResult, look_up_checkout
from payments.enums import CycleKind, PaymentState
from payments.models import Payment

logger = logging.getLogger(__name__)

BATCHES_ALONE = 5  # what one cycle does in a second or two needs no help
MOST_HELPERS = 2  # a worker process has eight threads, one of them watches: mail goes on
BATCHES_AT_ONCE = 3  # one is recorded, one is asked about, and one may hang with somebody's SumUp
POSTPONED = timedelta(seconds=30)  # until payments are due again of a merchant whose SumUp keeps silent
MOST_PUT_OFF = 1000  # of them at a time
TICK_SECONDS = 1  # seconds until what has become due meanwhile is looked for


@dataclass(frozen=True)
class PollResult:
    """One payment's turn in a cycle."""

    payment: Payment
    before: str
    answer: LookupResult


@dataclass
class CycleSummary:
    """What a cycle did. `seconds` is wall time, `calls` are calls to the provider."""

    payments: int = 0
    calls: int = 0
    unanswered: int = 0
    moved: Counter = field(default_factory=Counter)
    seconds: Real = 0
    is_paused: bool = False

    @property
    def rate(self):
        return self.calls / self.seconds if self.seconds else 0

    @property
    def completed(self):
        return self.moved[PaymentState.PAID]

    @property
    def failed(self):
        return self.moved[PaymentState.FAILED] + self.moved[PaymentState.EXPIRED]

    @property
    def waiting(self):
        return self.payments - self.completed - self.failed

    def count(self, result):
        self.payments += 1
        self.calls += len(result.answer.asked)
        self.unanswered += result.answer.error is not None
        if result.payment.state != result.before:
            self.moved[result.payment.state] += 1


def run_cycle(*, until, on_result=None):
    """Checks all due payments, longest due first, until none is due or `until` (aware) is reached.

    Threads only speak HTTP; this thread alone writes rows, while the next batch is already being asked about. Claims
    skip what another worker holds, so any number of cycles share the work. A merchant whose provider keeps silent is
    asked about one payment at a time.
    """
    summary, began, started_at = CycleSummary(is_paused=polling_pause.is_paused()), time.monotonic(), timezone.now()
    if summary.is_paused:
        polling_pause.remind_staff()
        until = started_at
    with ThreadPoolExecutor(max_workers=BATCHES_AT_ONCE * settings.POLL_BATCH_SIZE) as pool:
        for payment, answered in CallsInFlight(pool, until).answers():
            result = _record_result(payment, answered)
            if result:
                summary.count(result)
            if result and on_result:
                on_result(result)
    summary.seconds = time.monotonic() - began
    done = {"items": summary.payments, "calls": summary.calls, "errors": summary.unanswered}
    health.record_cycle(CycleKind.POLL, started_at=started_at, **done)
    _log_cycle(summary)
    return summary


def _log_cycle(summary):
    """One line for every cycle, idle ones too: operators count these lines in `payment_polling.log`."""
    logger.info(
        "payment.cycle checked=%d completed=%d waiting=%d failed=%d seconds=%.1f calls=%d unanswered=%d%s",
        summary.payments,
        summary.completed,
        summary.waiting,
        summary.failed,
        summary.seconds,
        summary.calls,
        summary.unanswered,
        " paused=yes" if summary.is_paused else "",
    )


def count_helpers_wanted():
    """How many more cycles the backlog deserves, 0 to 2: each waits for the disk at every payment, claims keep them
    apart.
    """
    share = BATCHES_ALONE * settings.POLL_BATCH_SIZE
    due = Payment.objects.filter(next_check_at__lte=timezone.now())
    return due[: MOST_HELPERS * share].count() // share


class CallsInFlight:
    """The payments being asked about, by threads of `pool`, until nothing more is due or the time is over."""

    def __init__(self, pool, until):
        self.pool, self.until = pool, until
        self.asked = {}
        self.rests_until = 0

    def answers(self):
        while self._ask_next() or self.asked:
            while self._ask_next():
                pass
            for answered in wait(self.asked, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED).done:
                yield self.asked.pop(answered), answered

    def _ask_next(self):
        if timezone.now() >= self.until or polling_pause.is_paused():
            return False
        if time.monotonic() < self.rests_until or self._is_full:
            return False
        payments = claim_due_payments(limit=settings.POLL_BATCH_SIZE)
        if not payments:
            self.rests_until = time.monotonic() + TICK_SECONDS
        fair = _pick_fair_share(payments, Counter(payment.merchant_id for payment in self.asked.values()))
        credentials.renew_expiring_tokens([payment.merchant for payment in fair])
        self.asked.update((self.pool.submit(look_up_checkout, payment), payment) for payment in fair)
        return bool(payments)

    @property
    def _is_full(self):
        return len(self.asked) > (BATCHES_AT_ONCE - 1) * settings.POLL_BATCH_SIZE


def claim_due_payments(*, limit):
    now = timezone.now()
    with transaction.atomic(durable=True):
        due = Payment.objects.filter(next_check_at__lte=now).order_by("next_check_at")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        if not ids:
            return []
        Payment.objects.filter(pk__in=ids).update(checked_at=now, next_check_at=now + LEASE)
        rows = Payment.objects.select_related("merchant").in_bulk(ids)
    return [rows[each] for each in ids]


def _pick_fair_share(payments, busy):
    """Those to ask about now. The rest of a silent merchant's due payments are due again later."""
    fair, waiting = [], {}
    for payment in payments:
        if busy[payment.merchant_id] < worker_threads.max_calls_at_once(payment.merchant):
            busy[payment.merchant_id] += 1
            fair.append(payment)
        else:
            waiting.setdefault(payment.merchant_id, []).append(payment.pk)
    for merchant_id, ids in waiting.items():
        _postpone_merchant(merchant_id, ids)
    return fair


def _postpone_merchant(merchant_id, claimed):
    now = timezone.now()
    with transaction.atomic(durable=True):
        due = Payment.objects.filter(merchant=merchant_id, next_check_at__lte=now).order_by("next_check_at")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST_PUT_OFF])
        Payment.objects.filter(pk__in=[*claimed, *ids]).update(next_check_at=now + POSTPONED)


def _record_result(payment, asked):
    before = payment.state
    try:
        answer = ask_again_if_refused(payment, asked.result())
        return PollResult(payment=record_answer(payment, answer), before=before, answer=answer)
    except Exception:  # one bad row may not stop the sweep; it is due again after its lease
        logger.exception("payment.unrecorded payment=%s", payment.reference)
        return None
