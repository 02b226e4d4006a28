"""Refunds and charge backs that somebody else made: one question for each account, however many payments it has.

SumUp's history, asked for these two kinds of lines alone, is almost always one empty page; only a payment of which more
went back than we know is read. The hourly sweep reads the whole list as ever: this makes it minutes instead of an hour.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from payments import time_limits
from payments.domain.merchants import credentials
from payments.domain.monitoring import cycles
from payments.domain.reconciliation import movements, recheck
from payments.domain.verification import polling_pause
from payments.enums import CycleKind, MerchantStatus, MovementKind
from payments.models import MerchantAccount
from payments.sumup.errors import SumUpError, Unauthorised

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)  # of an account that the hourly sweep has never read
OVERLAP = timedelta(hours=3)  # SumUp's clock and ours may differ
MOST_CALLS = 8  # accounts that are asked side by side
CALL_SECONDS = 5  # seconds
MOST_PAGES = 20


@dataclass(frozen=True)
class HistoryAnswer:
    merchant: MerchantAccount
    items: list
    error: SumUpError | None = None


def record_money_back(merchants):
    """Notices what went back from these accounts since the hourly sweep last read them. Returns how many payments were
    read.

    An account that does not answer harms no other, and is asked again next time. Threads only speak HTTP. Safe to run
    at any time, and twice at once. Never call it inside a transaction.
    """
    if polling_pause.is_paused():
        return 0
    began, answers = timezone.now(), _read_histories(merchants)
    read = sum(_record_answer(answer) for answer in answers)
    errors = sum(answer.error is not None for answer in answers)
    items = sum(len(answer.items) for answer in answers)
    cycles.record_cycle(CycleKind.BACK, started_at=began, items=items, calls=len(answers), errors=errors)
    return read


def _read_histories(merchants):
    connected = [each for each in merchants if each.status == MerchantStatus.CONNECTED]
    open_ones = [each for each in connected if not credentials.bulkhead_of(each).is_strained]
    credentials.renew_expiring_tokens(open_ones)
    with ThreadPoolExecutor(max_workers=MOST_CALLS) as pool:
        return list(pool.map(_read_history, open_ones))


def _read_history(merchant):
    """HTTP only: runs in a thread."""
    since = (merchant.walked_until or timezone.now() - LOOK_BACK) - OVERLAP
    try:
        with time_limits.call_limit(CALL_SECONDS):
            history = credentials.get_client(merchant).history(
                merchant_code=merchant.merchant_code,
                changes_since=since,
                types=[MovementKind.REFUND, MovementKind.CHARGE_BACK],
                most_pages=MOST_PAGES,
            )
            return HistoryAnswer(merchant, list(history))
    except SumUpError as error:
        return HistoryAnswer(merchant, [], error)


def _record_answer(answer):
    if isinstance(answer.error, Unauthorised):
        credentials.renew_refused_token(answer.merchant, refused=answer.error)
    if answer.error:
        logger.warning("money_back.unread merchant=%s sumup=%s", answer.merchant.merchant_code, answer.error)
        return 0
    stirred = movements.record_refund_movements(answer.merchant, answer.items) if answer.items else set()
    recheck.recheck_refunds(stirred)
    return len(stirred)
