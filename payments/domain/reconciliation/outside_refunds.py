"""Refunds and charge backs made outside this site, found within minutes in each merchant's history.

Asked for these two kinds alone, the history is almost always one empty page; only payments of which more went back than
we know are read. The hourly reconciliation reads the whole history as well.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.utils import timezone

from payments.domain.merchants import credentials
from payments.domain.monitoring import health
from payments.domain.reconciliation import movements, recheck
from payments.domain.verification import polling_pause
from payments.domain.verification.history_watcher import MOST_CALLS, read_history
from payments.enums import CLOCK_TOLERANCE, CycleKind, MerchantStatus, MovementKind
from payments.provider import Unauthorised

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)  # for a merchant that was never reconciled
MONEY_BACK = {"types": [MovementKind.REFUND, MovementKind.CHARGE_BACK], "most_pages": 20}


def record_outside_refunds(merchants):
    """Records what went back from these merchants since the last reconciliation. Returns how many payments were read.

    A merchant that does not answer is asked again next time. Safe to run twice at once; never inside a transaction.
    """
    if polling_pause.is_paused():
        return 0
    began, answers = timezone.now(), _read_histories(merchants)
    read = sum(_record_answer(merchant, answer) for merchant, answer in answers)
    errors = sum(answer.error is not None for _merchant, answer in answers)
    items = sum(len(answer.items) for _merchant, answer in answers if answer.error is None)
    health.record_cycle(CycleKind.BACK, started_at=began, items=items, calls=len(answers), errors=errors)
    return read


def _read_histories(merchants):
    """[(merchant, answer)] of those that are connected and whose provider is not silent."""
    connected = [each for each in merchants if each.status == MerchantStatus.CONNECTED]
    asked = [each for each in connected if not credentials.is_provider_silent(each)]
    credentials.renew_expiring_tokens(asked)
    with ThreadPoolExecutor(max_workers=MOST_CALLS) as pool:
        return list(zip(asked, pool.map(_read_history, asked), strict=True))


def _read_history(merchant):
    since = (merchant.walked_until or timezone.now() - LOOK_BACK) - CLOCK_TOLERANCE
    return read_history(merchant, changes_since=since, **MONEY_BACK)


def _record_answer(merchant, answer):
    if isinstance(answer.error, Unauthorised):
        credentials.renew_refused_token(merchant, refused=answer.error)
    if answer.error:
        logger.warning("money_back.unread merchant=%s sumup=%s", merchant.merchant_code, answer.error)
        return 0
    payment_ids = movements.record_refund_movements(merchant, answer.items) if answer.items else set()
    recheck.recheck_refunds(payment_ids)
    return len(payment_ids)
