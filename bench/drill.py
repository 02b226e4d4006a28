"""The restore drill with a busy year in the database: minutes and losses, PostgreSQL and SQLite, either way."""

import os
import time

from django.core.management import call_command

from bench.report import Report
from bench.world import world
from tests import harness

ORDERS = int(os.environ.get("BENCH_ORDERS", 10_000))
A_PAGE = 100  # orders of each event
AIM = 5  # minutes


def main():
    report = Report(f"Restore drill with {ORDERS:,} orders")
    with world() as here:
        from bench import rows, seed

        call_command("createcachetable")
        sold = rows.make_sold_order()
        seed.grow(sold, events=max(ORDERS // A_PAGE, 1), tickets=2 * ORDERS)
        file = here.folder / "other.sqlite3"
        back = harness.database_named("drilled_back")
        harness.administer("CREATE DATABASE {}", "drilled_back")
        measure(report, "PostgreSQL to PostgreSQL")
        measure(report, "PostgreSQL to SQLite", into=f"sqlite:///{file}")
        report.add("orders", rows.count_orders(), least=ORDERS)
        here.move_to(f"sqlite:///{file}")
        measure(report, "SQLite to SQLite")
        measure(report, "SQLite to PostgreSQL", into=back)
        report.add("orders that came back", rows.count_orders(), least=ORDERS)
        report.add("stock counters that drifted", rows.drifts(), most=0)
    report.note("backup, migrations from nothing, load, search index, and the comparison of every row and file")
    report.show()


def measure(report, name, **options):
    from operations.backup.drill import run_drill

    began = time.monotonic()
    run = run_drill(**options)
    report.add(f"{name}: rows", run.rows)
    report.add(f"{name}: bytes of the backup", run.size)
    report.add(f"{name}: minutes", (time.monotonic() - began) / 60, "min", most=AIM)
    report.add(f"{name}: rows or files lost or altered", run.lost, most=0)


if __name__ == "__main__":
    main()
