"""What one piece of work costs in this process and in PostgreSQL, to a tenth of a millisecond."""

import gc
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.core.cache import cache
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction

from bench import plans

TRIES, HOPELESS = 3, 3  # tries where it costs more than it may, but not more than three times as much
LONGEST = 30  # seconds: what takes longer is given up, and a target is missed
MOST_BY_INDEX = 10_000  # rows that one part of a plan may read through an index


class TookTooLong(BaseException):
    """Past whatever a view catches."""


@dataclass
class Cost:
    kind: str
    name: str
    target: float
    milliseconds: float = 0.0
    statements: int = 0
    reads: list = field(default_factory=list)
    """What it reads too much of."""
    outcome: object = None


def stay_in_one_process():
    """So that all that PostgreSQL does for us is done by our own session: helpers take their figures with them."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute(f"SET statement_timeout = '{LONGEST}s'")
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def spent(server):
    """CPU seconds so far: ours, and those of the server's process."""
    return time.process_time() + int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9


def measure(cost, work, *, keeps_cache=False, judges_reads=True):
    """Fills in what `work` costs, with nothing in the cache unless told otherwise; each time is undone."""
    began = time.process_time()
    try:
        asked = measure_patiently(cost, work, keeps_cache)
    except TookTooLong:
        cost.milliseconds = max((time.process_time() - began) * 1000, cost.target + 1)
        cost.reads.append(f"given up after {LONGEST} s")
        connection.close()
    else:
        cost.statements = len(asked)
        cost.reads += list_reads(asked) if judges_reads else []
    return cost


def measure_patiently(cost, work, keeps_cache):
    """What it asked the database for, [(SQL, values)]."""
    server = stay_in_one_process()
    undone(work)  # what is imported and compiled once
    times = []
    while not times or (len(times) < TRIES and cost.target < min(times) * 1000 < cost.target * HOPELESS):
        empty_cache(keeps_cache)
        with plans.listening() as asked:
            times.append(timed(server, work, cost))
    cost.milliseconds = min(times) * 1000
    return asked


def list_reads(asked):
    """Sentences about each statement that reads too much, once."""
    found = []
    for sql, values in {(str(sql), repr(values)): (sql, values) for sql, values in asked}.values():
        try:
            with transaction.atomic():
                found += plans.find_long_scans(sql, values, most_by_index=MOST_BY_INDEX)
        except DatabaseTrouble as error:
            found.append(f"{type(error).__name__} of {plans.shorten(sql)}")
    return list(dict.fromkeys(found))


def empty_cache(keeps_cache):
    if not keeps_cache:
        cache.clear()


def timed(server, work, cost):
    gc.collect()
    before = spent(server)
    cost.outcome = undone(work)
    return spent(server) - before


def undone(work):
    """What it gives; what it wrote is taken back. Raises TookTooLong."""
    block = transaction.atomic()
    block._from_testcase = True  # so that durable blocks inside are as durable as ever
    with at_most(LONGEST), block:
        outcome = work()
        transaction.set_rollback(True)
    return outcome


@contextmanager
def at_most(seconds):
    def give_up(*_signal):
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
