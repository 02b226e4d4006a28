"""Shares of a worker's threads: a merchant whose provider hangs keeps few of them, the others go on."""

import threading
from collections import Counter
from contextlib import contextmanager
from math import inf

from payments import time_limits
from payments.domain.merchants import credentials

MOST_THREADS = 3  # of a worker's eight threads, for one merchant's payments and refunds
THREADS_WHILE_SILENT = 1  # the one that finds out when SumUp answers again

_busy = Counter()
_lock = threading.Lock()


@contextmanager
def reserve_thread(merchant):
    """Yields True when this merchant may use one more thread. In a web request the bulkhead decides instead."""
    if time_limits.is_in_request():
        yield True
        return
    ours = _take_thread(merchant)
    try:
        yield ours
    finally:
        if ours:
            _release_thread(merchant)


def max_calls_at_once(merchant, most=inf):
    return THREADS_WHILE_SILENT if credentials.is_provider_silent(merchant) else most


def _take_thread(merchant):
    most = max_calls_at_once(merchant, MOST_THREADS)
    with _lock:
        if _busy[merchant.pk] >= most:
            return False
        _busy[merchant.pk] += 1
    return True


def _release_thread(merchant):
    with _lock:
        _busy[merchant.pk] -= 1
