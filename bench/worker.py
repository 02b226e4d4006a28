"""What the worker costs and holds: to start, idle, and after it mailed orders with their tickets; and which modules."""

import os

from bench.processes import Meter, cpu_of, database_pid, largest_of
from bench.report import Report
from bench.world import world

ORDERS, TICKETS = int(os.environ.get("BENCH_ORDERS", 300)), 2


def main():
    report = Report("The worker")
    with world() as here:
        from bench import rows

        make_owed_orders()
        stack = here.stack()
        try:
            pid = stack.worker.start().program.pid
            report.add("CPU of its start", cpu_of(pid), "s")
            report.add("memory when it has started", largest_of(pid), "MB")
            with Meter(worker=pid, database=database_pid()) as meter:
                rows.wait_until_mailed(ORDERS)
            report.add("CPU an order, PDF and mail", meter.spent["worker"] / ORDERS * 1000, "ms", most=20)
            report.add("CPU an order, the database for it", meter.spent["database"] / ORDERS * 1000, "ms")
            report.add("memory after it", largest_of(pid), "MB", most=150)
        finally:
            stack.stop()
    report.note(f"{ORDERS} orders of {TICKETS} tickets, all owed when it starts")
    report.show()


def make_owed_orders():
    from django.db import transaction
    from django.utils import timezone

    from tests.factories import make_event, make_order, make_sale, make_type
    from ticketing import tasks
    from ticketing.enums import DeliveryKind

    sale = make_sale(make_event("Sea Shanties"), capacity=ORDERS * TICKETS)
    kind, now = make_type(sale), timezone.now()
    for _ in range(ORDERS):
        with transaction.atomic():
            order = make_order(kind, quantity=TICKETS)
            owed = order.deliveries.create(kind=DeliveryKind.TICKETS, requested_at=now, next_attempt_at=now)
            tasks.deliver(owed.pk)


if __name__ == "__main__":
    main()
