"""Watching: one question for many payments. SumUp's history tells that something was paid; a look tells what.

Nothing here makes money a fact: a payment that fits is looked at as ever, only sooner. The normal pace is the net.
"""

import logging
import threading
from collections import OrderedDict, defaultdict
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Min, Q
from django.utils import timezone

from payments.domain import accounts, cycles, pauses, verification
from payments.enums import CycleKind, MerchantStatus, MovementKind, PaymentState, TransactionStatus
from payments.models import MerchantAccount, Payment
from payments.sumup import time_limits
from payments.sumup.errors import SumUpError, Unauthorised

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=4)  # one question per merchant, however many payments are open and workers watch
TICK = 0.5  # seconds between two looks at the clock
AT_ONCE = 8  # merchants that are asked side by side
A_QUESTION = 5  # seconds: who waits for one merchant's answer at the end of a run keeps the others waiting
OVERLAP = timedelta(seconds=30)  # SumUp may list a payment a little after a later one
CLOCKS = timedelta(hours=3)  # how far SumUp's clock and ours may be apart when we have seen nothing of its yet
LINGER = timedelta(minutes=10)  # money may arrive a little after the deadline
MOST_PAGES = 5
MOST_OPEN = 2000  # open payments of one merchant that one round compares
OTHERS = 20  # looks of one round at payments of which only the amount fits
REMEMBERED = 20_000
LONGEST_BREAK = timedelta(minutes=5)

_turn = threading.Lock()
_triggered = OrderedDict()  # transaction ids that caused their looks already, in this process
_breaks = {}  # merchant: (errors in a row, not before)


@dataclass(frozen=True)
class Answer:
    """What one question brought: also the items of an answer that broke off."""

    items: list
    error: SumUpError | None = None


@dataclass
class Tally:
    items: int = 0
    calls: int = 0
    errors: int = 0
    asked: dict = field(default_factory=dict)


def run(*, until):
    """Watches every merchant with open payments until none is left or `until` (aware). True when some are left.

    One run per process: a second one is over at once. A merchant that fails is left alone for a while, never the
    others. Threads only speak HTTP; this thread alone reads and writes rows.
    """
    if pauses.is_paused() or not _turn.acquire(blocking=False):
        return False
    began, tally, left = timezone.now(), Tally(), True
    try:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            while left and timezone.now() < until and not pauses.is_paused():
                left = _ask_due(pool, tally) or bool(tally.asked)
                _take_answers(tally)
            _take_answers(tally, all_of_them=True)
    finally:
        _turn.release()
    cycles.remember(CycleKind.WATCH, started_at=began, items=tally.items, calls=tally.calls, errors=tally.errors)
    return left


def is_asleep(merchant):
    """Nobody has watched this account for a while: whoever opens a payment wakes the watch."""
    return merchant.watched_at is None or merchant.watched_at < timezone.now() - 3 * EVERY


def open_payments(now):
    """Those that may be paid at any moment."""
    not_paid = Q(closed_at=None) & ~Q(state=PaymentState.PAID)
    return Payment.objects.filter(not_paid, deadline__gte=now - LINGER).exclude(state=PaymentState.EXPIRED)


def claim(merchant, now):
    """True for the one worker whose turn it is to ask about this merchant."""
    rested = Q(watched_at=None) | Q(watched_at__lte=now - EVERY) | Q(watched_at__gt=now + EVERY)
    return bool(MerchantAccount.objects.filter(rested, pk=merchant.pk).update(watched_at=now))


def trigger(merchant, items):
    """Wakes the looks at open payments that these items may be about. Returns how many.

    An item counts once, and not at all when its transaction is a payment's already. Those whose description SumUp
    repeats come first; it is a hint that only orders the looks.
    """
    fresh = _unknown(merchant, [item for item in items if item.transaction_id not in _triggered])
    if not fresh:
        return 0
    chosen = _choose(fresh, _by_money(merchant, fresh))
    _triggered.update((item.transaction_id, True) for item in fresh)
    while len(_triggered) > REMEMBERED:
        _triggered.popitem(last=False)
    for payment in chosen.values():
        verification.nudge(payment, once=True)
    return len(chosen)


def forget():
    """As a process that has just started."""
    _triggered.clear()
    _breaks.clear()


def _ask_due(pool, tally):
    """Starts the questions that are due. True when there is anything to watch at all."""
    now = timezone.now()
    oldest = dict(open_payments(now).order_by().values_list("merchant").annotate(Min("created_at")))
    merchants = MerchantAccount.objects.filter(pk__in=oldest, status=MerchantStatus.CONNECTED)
    busy = {merchant.pk for merchant in tally.asked.values()}
    for merchant in merchants:
        if merchant.pk not in busy and not _is_on_break(merchant, now) and claim(merchant, now):
            accounts.prepare([merchant])
            tally.asked[pool.submit(_ask, merchant, _since(merchant, oldest[merchant.pk]))] = merchant
            tally.calls += 1
    return bool(merchants)


def _since(merchant, oldest):
    """By SumUp's clock as far as we have seen it: that clock may be wrong, or ours."""
    floor = oldest - CLOCKS
    return max(merchant.watched_since - OVERLAP, floor) if merchant.watched_since else floor


def _ask(merchant, since):
    """HTTP only: runs in a thread."""
    items = []
    try:
        with time_limits.at_most(A_QUESTION):
            items.extend(
                accounts.client_for(merchant).history(
                    merchant_code=merchant.merchant_code,
                    changes_since=since,
                    statuses=[TransactionStatus.SUCCESSFUL],
                    types=[MovementKind.PAYMENT],
                    most_pages=MOST_PAGES,
                )
            )
    except SumUpError as error:
        return Answer(items, error)
    return Answer(items)


def _take_answers(tally, *, all_of_them=False):
    """What has been answered by now; waits up to a TICK for it, or as long as it takes."""
    if not tally.asked:
        return threading.Event().wait(0 if all_of_them else TICK)
    timeout, when = (None, "ALL_COMPLETED") if all_of_them else (TICK, FIRST_COMPLETED)
    for done in wait(tally.asked, timeout=timeout, return_when=when).done:
        merchant = tally.asked.pop(done)
        try:
            _take(merchant, done.result(), tally)
        except Exception:  # one merchant may not stop the watch over the others
            logger.exception("watch.failed merchant=%s", merchant.merchant_code)
            _take_a_break(merchant)
            tally.errors += 1
    return None


def _take(merchant, answer, tally):
    tally.items += trigger(merchant, answer.items)
    if answer.items:
        seen = max(item.at for item in answer.items)
        MerchantAccount.objects.filter(Q(watched_since=None) | Q(watched_since__lt=seen), pk=merchant.pk).update(
            watched_since=seen
        )
    if answer.error is None:
        _breaks.pop(merchant.pk, None)
        return
    tally.errors += 1
    if isinstance(answer.error, Unauthorised) and accounts.renew(merchant, refused=answer.error):
        return
    logger.warning("watch.unanswered merchant=%s sumup=%s", merchant.merchant_code, answer.error)
    _take_a_break(merchant, answer.error)


def _take_a_break(merchant, error=None):
    """Twice as long after every further failure; what will not mend itself is left alone for minutes."""
    failures = _breaks.get(merchant.pk, (0, None))[0] + 1
    pause = min(EVERY * 2 ** min(failures, 10), LONGEST_BREAK)
    if error and error.permanent:
        pause = LONGEST_BREAK
    if error and error.retry_after:
        pause = max(pause, timedelta(seconds=error.retry_after))
    _breaks[merchant.pk] = failures, timezone.now() + pause


def _is_on_break(merchant, now):
    until = _breaks.get(merchant.pk, (0, now))[1]
    return now < until <= now + 2 * LONGEST_BREAK  # longer than that, and the clock was turned back


def _unknown(merchant, items):
    known = Payment.objects.filter(merchant=merchant, transaction_id__in={item.transaction_id for item in items})
    known = set(known.values_list("transaction_id", flat=True))
    return [item for item in items if item.transaction_id not in known]


def _by_money(merchant, items):
    """Open payments of the right amount and currency, longest not looked at first."""
    rows = open_payments(timezone.now()).filter(merchant=merchant, amount__in={item.amount for item in items})
    found = defaultdict(list)
    for payment in rows.order_by("checked_at", "pk")[:MOST_OPEN]:
        found[payment.amount, payment.currency].append(payment)
    return found


def _choose(items, fitting):
    """{id: payment} to look at: those that SumUp's description names, or else a few of which the money fits."""
    chosen, guesses = {}, OTHERS
    for item in items:
        payments = fitting[item.amount, item.currency]
        named = [payment for payment in payments if payment.description == item.summary][:OTHERS]
        picked = named or [payment for payment in payments if payment.pk not in chosen][:guesses]
        guesses -= 0 if named else len(picked)
        chosen |= {payment.pk: payment for payment in picked}
    return chosen
