"""Watch over merchants' histories: one call tells which of many open payments may be paid; a check tells whether.

Nothing here makes money a fact: a payment that fits is checked as ever, only sooner.
"""

import logging
import threading
from collections import OrderedDict, defaultdict
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Min, Q
from django.utils import timezone

from payments import time_limits
from payments.domain.merchants import credentials
from payments.domain.monitoring import health
from payments.domain.verification import payment_checks, polling_pause
from payments.enums import CLOCK_TOLERANCE, CycleKind, MerchantStatus, MovementKind, PaymentState, TransactionStatus
from payments.models import MerchantAccount, Payment
from payments.provider import ProviderError, Unauthorised

logger = logging.getLogger(__name__)

WATCH_INTERVAL = timedelta(seconds=4)  # one question per merchant, however many payments are open and workers watch
TICK_SECONDS = 0.5  # seconds between two looks at the clock
MOST_CALLS = 8  # merchants that are asked side by side
CALL_SECONDS = 5  # seconds: who waits for one merchant's answer at the end of a run keeps the others waiting
OVERLAP = timedelta(seconds=30)  # SumUp may list a payment a little after a later one
LINGER = timedelta(minutes=10)  # money may arrive a little after the deadline
SALES = {"statuses": [TransactionStatus.SUCCESSFUL], "types": [MovementKind.PAYMENT], "most_pages": 5}
MOST_OPEN = 2000  # open payments of one merchant that one round compares
MOST_GUESSES = 20  # looks of one round at payments of which only the amount fits
MOST_REMEMBERED = 20_000
LONGEST_BREAK = timedelta(minutes=5)

_run_lock = threading.Lock()
_seen_transactions = OrderedDict()  # transaction ids that caused their looks already, in this process
_breaks = {}  # merchant: (errors in a row, not before)


@dataclass(frozen=True)
class HistoryAnswer:
    """`items` also of an answer that broke off."""

    items: list
    error: ProviderError | None = None


@dataclass
class WatchTally:
    items: int = 0
    calls: int = 0
    errors: int = 0
    asked: dict = field(default_factory=dict)


def watch_merchants(*, until):
    """Watches all merchants with open payments until none is left or `until` (aware). True when some are left.

    One run per process: a second one ends at once. A merchant that fails is left alone for a while, never the others.
    Threads only speak HTTP; this thread alone reads and writes rows.
    """
    if polling_pause.is_paused() or not _run_lock.acquire(blocking=False):
        return False
    began, tally, left = timezone.now(), WatchTally(), True
    try:
        with ThreadPoolExecutor(max_workers=MOST_CALLS) as pool:
            while left and timezone.now() < until and not polling_pause.is_paused():
                left = _ask_due_merchants(pool, tally) or bool(tally.asked)
                _record_answers(tally)
            _record_answers(tally, all_of_them=True)
    finally:
        _run_lock.release()
    health.record_cycle(CycleKind.WATCH, started_at=began, items=tally.items, calls=tally.calls, errors=tally.errors)
    return left


def is_unwatched(merchant):
    return merchant.watched_at is None or merchant.watched_at < timezone.now() - 3 * WATCH_INTERVAL


def payable_payments(now):
    not_paid = Q(closed_at=None) & ~Q(state=PaymentState.PAID)
    return Payment.objects.filter(not_paid, deadline__gte=now - LINGER).exclude(state=PaymentState.EXPIRED)


def claim_merchant(merchant, now):
    rested = Q(watched_at=None) | Q(watched_at__lte=now - WATCH_INTERVAL) | Q(watched_at__gt=now + WATCH_INTERVAL)
    return bool(MerchantAccount.objects.filter(rested, pk=merchant.pk).update(watched_at=now))


def request_matching_checks(merchant, items):
    """Makes open payments due that these items may be about. Returns how many.

    An item counts once, and not at all when its transaction is a payment's already. The description that the provider
    repeats only orders the checks.
    """
    fresh = _drop_known_items(merchant, [item for item in items if item.transaction_id not in _seen_transactions])
    if not fresh:
        return 0
    chosen = _choose_payments(fresh, _group_by_money(merchant, fresh))
    _seen_transactions.update((item.transaction_id, True) for item in fresh)
    while len(_seen_transactions) > MOST_REMEMBERED:
        _seen_transactions.popitem(last=False)
    for payment in chosen.values():
        payment_checks.request_check(payment, once=True)
    return len(chosen)


def reset_watch_memory():
    _seen_transactions.clear()
    _breaks.clear()


def read_history(merchant, **query):
    """What the merchant's history says to this query. HTTP only, so threads may share the work; never raises."""
    items = []
    try:
        with time_limits.call_limit(CALL_SECONDS):
            items.extend(credentials.get_client(merchant).history(merchant_code=merchant.merchant_code, **query))
    except ProviderError as error:
        return HistoryAnswer(items, error)
    return HistoryAnswer(items)


def _ask_due_merchants(pool, tally):
    now = timezone.now()
    oldest = dict(payable_payments(now).order_by().values_list("merchant").annotate(Min("created_at")))
    merchants = MerchantAccount.objects.filter(pk__in=oldest, status=MerchantStatus.CONNECTED)
    busy = {merchant.pk for merchant in tally.asked.values()}
    for merchant in merchants:
        if merchant.pk not in busy and not _is_merchant_paused(merchant, now) and claim_merchant(merchant, now):
            credentials.renew_expiring_tokens([merchant])
            since = _history_start(merchant, oldest[merchant.pk])
            tally.asked[pool.submit(read_history, merchant, changes_since=since, **SALES)] = merchant
            tally.calls += 1
    return bool(merchants)


def _history_start(merchant, oldest):
    # By the provider's clock as far as we have seen it: that clock may be wrong, or ours.
    floor = oldest - CLOCK_TOLERANCE
    return max(merchant.watched_since - OVERLAP, floor) if merchant.watched_since else floor


def _record_answers(tally, *, all_of_them=False):
    """Waits up to TICK_SECONDS for answers, or for all of them."""
    if not tally.asked:
        return threading.Event().wait(0 if all_of_them else TICK_SECONDS)
    timeout, when = (None, "ALL_COMPLETED") if all_of_them else (TICK_SECONDS, FIRST_COMPLETED)
    for done in wait(tally.asked, timeout=timeout, return_when=when).done:
        merchant = tally.asked.pop(done)
        try:
            _record_answer(merchant, done.result(), tally)
        except Exception:  # one merchant may not stop the watch over the others
            logger.exception("watch.failed merchant=%s", merchant.merchant_code)
            _pause_merchant(merchant)
            tally.errors += 1
    return None


def _record_answer(merchant, answer, tally):
    tally.items += request_matching_checks(merchant, answer.items)
    if answer.items:
        seen = max(item.at for item in answer.items)
        MerchantAccount.objects.filter(Q(watched_since=None) | Q(watched_since__lt=seen), pk=merchant.pk).update(
            watched_since=seen
        )
    if answer.error is None:
        _breaks.pop(merchant.pk, None)
        return
    tally.errors += 1
    if isinstance(answer.error, Unauthorised) and credentials.renew_refused_token(merchant, refused=answer.error):
        return
    logger.warning("watch.unanswered merchant=%s sumup=%s", merchant.merchant_code, answer.error)
    _pause_merchant(merchant, answer.error)


def _pause_merchant(merchant, error=None):
    """Twice as long after every further failure; after a permanent one minutes at once."""
    failures = _breaks.get(merchant.pk, (0, None))[0] + 1
    pause = min(WATCH_INTERVAL * 2 ** min(failures, 10), LONGEST_BREAK)
    if error and error.permanent:
        pause = LONGEST_BREAK
    if error and error.retry_after:
        pause = max(pause, timedelta(seconds=error.retry_after))
    _breaks[merchant.pk] = failures, timezone.now() + pause


def _is_merchant_paused(merchant, now):
    until = _breaks.get(merchant.pk, (0, now))[1]
    return now < until <= now + 2 * LONGEST_BREAK  # longer than that, and the clock was turned back


def _drop_known_items(merchant, items):
    known = Payment.objects.filter(merchant=merchant, transaction_id__in={item.transaction_id for item in items})
    known = set(known.values_list("transaction_id", flat=True))
    return [item for item in items if item.transaction_id not in known]


def _group_by_money(merchant, items):
    rows = payable_payments(timezone.now()).filter(merchant=merchant, amount__in={item.amount for item in items})
    found = defaultdict(list)
    for payment in rows.order_by("checked_at", "pk")[:MOST_OPEN]:
        found[payment.amount, payment.currency].append(payment)
    return found


def _choose_payments(items, fitting):
    """{id: payment} to check: those that the item's description names, or else a few of which the money fits."""
    chosen, guesses = {}, MOST_GUESSES
    for item in items:
        payments = fitting[item.amount, item.currency]
        named = [payment for payment in payments if payment.description == item.summary][:MOST_GUESSES]
        picked = named or [payment for payment in payments if payment.pk not in chosen][:guesses]
        guesses -= 0 if named else len(picked)
        chosen |= {payment.pk: payment for payment in picked}
    return chosen
