"""Refunds and charge backs that somebody else made: one question for each account, however many payments it has.

SumUp's history, asked for these two kinds of lines alone, is almost always one empty page; only a payment of which more
went back than we know is read. The hourly sweep reads the whole list as ever: this makes it minutes instead of an hour.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from payments.domain import accounts, chasing, cycles, ledger, pauses
from payments.enums import CycleKind, MerchantStatus, MovementKind
from payments.models import MerchantAccount
from payments.sumup import time_limits
from payments.sumup.errors import SumUpError, Unauthorised

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)  # of an account that the hourly sweep has never read
OVERLAP = timedelta(hours=3)  # SumUp's clock and ours may differ
AT_ONCE = 8  # accounts that are asked side by side
A_QUESTION = 5  # seconds
MOST_PAGES = 20


@dataclass(frozen=True)
class Answer:
    merchant: MerchantAccount
    items: list
    error: SumUpError | None = None


def watch_accounts(merchants):
    """Notices what went back from these accounts since the hourly sweep last read them. Returns how many payments were
    read.

    An account that does not answer harms no other, and is asked again next time. Threads only speak HTTP. Safe to run
    at any time, and twice at once. Never call it inside a transaction.
    """
    if pauses.is_paused():
        return 0
    began, answers = timezone.now(), _ask_all(merchants)
    read = sum(_take_answer(answer) for answer in answers)
    errors = sum(answer.error is not None for answer in answers)
    items = sum(len(answer.items) for answer in answers)
    cycles.remember(CycleKind.BACK, started_at=began, items=items, calls=len(answers), errors=errors)
    return read


def _ask_all(merchants):
    connected = [each for each in merchants if each.status == MerchantStatus.CONNECTED]
    open_ones = [each for each in connected if not accounts.bulkhead_of(each).is_strained]
    accounts.prepare(open_ones)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(_ask, open_ones))


def _ask(merchant):
    """HTTP only: runs in a thread."""
    since = (merchant.walked_until or timezone.now() - LOOK_BACK) - OVERLAP
    try:
        with time_limits.at_most(A_QUESTION):
            history = accounts.client_for(merchant).history(
                merchant_code=merchant.merchant_code,
                changes_since=since,
                types=[MovementKind.REFUND, MovementKind.CHARGE_BACK],
                most_pages=MOST_PAGES,
            )
            return Answer(merchant, list(history))
    except SumUpError as error:
        return Answer(merchant, [], error)


def _take_answer(answer):
    if isinstance(answer.error, Unauthorised):
        accounts.renew(answer.merchant, refused=answer.error)
    if answer.error:
        logger.warning("money_back.unread merchant=%s sumup=%s", answer.merchant.merchant_code, answer.error)
        return 0
    stirred = ledger.keep_money_back(answer.merchant, answer.items) if answer.items else set()
    chasing.look_at_refunds(stirred)
    return len(stirred)
