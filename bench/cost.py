"""What one piece of work costs in this process and in PostgreSQL, to a tenth of a millisecond."""

import gc
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.core.cache import cache
from django.db import connection, transaction

from bench import plans

TRIES = 3  # where it costs more than it may: machines have other work
MOST_BY_INDEX = 5_000  # rows that one part of a plan may read through an index


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
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET track_io_timing = off")
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def spent(server):
    """CPU seconds so far: ours, and those of the server's process."""
    return time.process_time() + int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9


def measure(cost, work, *, keeps_cache=False, judges_reads=True):
    """Fills in what `work` costs, with nothing in the cache unless told otherwise; each time is undone."""
    server = stay_in_one_process()
    undone(work)  # what is imported and compiled once
    times = []
    while len(times) < (TRIES if times and min(times) * 1000 > cost.target else 1):
        empty_cache(keeps_cache)
        with plans.listening() as asked:
            times.append(timed(server, work, cost))
    cost.milliseconds, cost.statements = min(times) * 1000, len(asked)
    for sql, values in asked if judges_reads else ():
        cost.reads += plans.find_long_scans(sql, values, most_by_index=MOST_BY_INDEX)
    return cost


def empty_cache(keeps_cache):
    if not keeps_cache:
        cache.clear()


def timed(server, work, cost):
    gc.collect()
    before = spent(server)
    cost.outcome = undone(work)
    return spent(server) - before


def undone(work):
    """What it gives; what it wrote is taken back."""
    block = transaction.atomic()
    block._from_testcase = True  # so that durable blocks inside are as durable as ever
    with block:
        outcome = work()
        transaction.set_rollback(True)
    return outcome
