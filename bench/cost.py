"""What one piece of work costs in this process and in PostgreSQL, to a tenth of a millisecond."""

import gc
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.core.cache import cache
from django.db import connection, transaction

from bench import plans

ENOUGH, TRIES = 0.2, 3  # seconds
MOST_BY_INDEX = 5_000  # rows that one part of a plan may read through an index


@dataclass
class Cost:
    kind: str
    name: str
    target: float
    milliseconds: float = 0.0
    """With nothing in the cache."""
    again: float = 0.0
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
    """Fills in what `work` costs: the least of a few times, each undone."""
    server = stay_in_one_process()
    undone(work)  # what is imported and compiled once
    firsts, agains = [], []
    while not firsts or (len(firsts) < TRIES and sum(firsts) < ENOUGH):
        empty_cache(keeps_cache)
        firsts.append(timed(server, work, cost))
        agains.append(timed(server, work, cost))
    cost.milliseconds, cost.again = min(firsts) * 1000, min(agains) * 1000
    empty_cache(keeps_cache)
    with plans.listening() as asked:
        undone(work)
    cost.statements = len(asked)
    found = (
        words for sql, values in asked for words in plans.find_long_scans(sql, values, most_by_index=MOST_BY_INDEX)
    )
    cost.reads = list(dict.fromkeys(found))
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
