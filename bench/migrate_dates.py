"""How long the release takes that makes rows of dates: 10,000 events with 60,000 sales on PostgreSQL."""

import os
import time

from django.db import connection

from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world

EVENTS = int(os.environ.get("BENCH_EVENTS", 10_000))
NIGHTS = 6
SCANS = 200_000
AIM = 60  # s
NIGHT = "(date_trunc('day', now()) + interval '19 hours' + (n * 61 % 700 - 200 + {}) * interval '1 day')"


def main():
    report = Report(f"migrating {EVENTS:,} events with {EVENTS * NIGHTS:,} sales and {SCANS:,} scans")
    with world():
        from tests.earlier_rows import BEFORE

        migrate(BEFORE)
        sell_everything()
        before = time.perf_counter()
        with Meter(database=database_pid()) as meter:
            migrate()
        report.add("from the last release to this one", time.perf_counter() - before, "s", most=AIM)
        report.add("of it CPU here", meter.spent["client"], "s")
        report.add("of it CPU of the database", meter.spent["database"], "s")
        report.add("dates that were made", count_rows("events_pages_performance"), least=EVENTS * NIGHTS)
        report.add("sales without a date", count_rows("ticketing_eventsale WHERE performance_id IS NULL"), most=0)
        report.add("scans without a date", count_rows("ticketing_checkin WHERE performance_id IS NULL"), most=0)
    report.show()


def migrate(targets=None):
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())


def sell_everything():
    """Copies by SQL of one event with six nights, as the last release wrote them."""
    from datetime import timedelta

    from django.db.migrations.executor import MigrationExecutor

    from bench import seed
    from tests.earlier_rows import BEFORE, EVENING, EarlierRows

    before = EarlierRows(MigrationExecutor(connection).loader.project_state(BEFORE).apps)
    mould = before.page("Play", starts_at=EVENING, ends_at=EVENING + timedelta(days=5, hours=2), doors_at=EVENING)
    sale = before.sale(mould, EVENING)
    scan = before.check_in(sale, before.ticket(sale), result="already_used")
    with connection.cursor() as cursor:
        cursor.execute(seed.BASE36)
        seed.number(cursor, "event", EVENTS, page="wagtailcore_page")
        first, last = NIGHT.format(0), NIGHT.format(NIGHTS - 1)
        own = {"starts_at": first, "ends_at": f"{last} + interval '2 hours'", "doors_at": first}
        seed.copy_pages(cursor, mould, "event", EVENTS, **own)
        for night in range(NIGHTS):
            own = {"page_id": "page", "starts_at": NIGHT.format(night), "name": f"'Night {night + 1}'"}
            seed.copy(cursor, "ticketing_eventsale", sale.pk, "event", own)
        cursor.execute(
            "CREATE TEMP TABLE scan AS SELECT s.id AS sale FROM ticketing_eventsale s, generate_series(1, %s) "
            "ORDER BY random() LIMIT %s",
            [-(-SCANS // (EVENTS * NIGHTS)), SCANS],
        )
        seed.copy(cursor, "ticketing_checkin", scan.pk, "scan", {"sale_id": "sale"})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def count_rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


if __name__ == "__main__":
    main()
