"""Whole purchases of a free ticket over HTTP, 32 buyers at a time."""

import os

from bench import rush
from bench.processes import Meter, database_pid, largest_of, statements
from bench.report import Report, percentile
from bench.world import world

BUYERS = int(os.environ.get("BENCH_BUYERS", 1500))
WARM_UP = 64


def main():
    report = Report(f"Whole purchases of a free ticket, {rush.AT_A_TIME} buyers at a time")
    with world() as here:
        from bench import rows

        page = rows.make_free_event(capacity=100_000)
        with here.running("web") as stack:
            rush.run(stack.port, page, range(WARM_UP))
            with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
                bought = rush.run(stack.port, page, range(WARM_UP, WARM_UP + BUYERS))
            add_pace(report, bought, meter)
            report.add("memory of the largest web process", largest_of(stack.web.program.pid), "MB", most=160)
            count_statements(report, stack, page)
            work_off(report, stack, WARM_UP + BUYERS + 1)
    report.show()


def add_pace(report, rush_, meter, *, least=50):
    done = len(rush_.of(rush.BOUGHT))
    if not done:
        raise AssertionError(f"nobody could buy: {rush_.purchases[0].detail}")
    report.add("purchases", done / rush_.seconds, "/s", least=least)
    add_cpu(report, meter, done)
    report.add("requests a purchase", max(each.requests for each in rush_.of(rush.BOUGHT)), most=5)
    seconds = [each.seconds for each in rush_.of(rush.BOUGHT)]
    report.add("a purchase takes, p50", percentile(seconds, 50) * 1000, "ms")
    report.add("a purchase takes, p99", percentile(seconds, 99) * 1000, "ms")
    report.add("buyers in trouble", rush_.outcomes[rush.TROUBLE], most=0)
    for each in rush_.of(rush.TROUBLE)[:3]:
        report.note(each.detail)


def add_cpu(report, meter, orders):
    web, database = (meter.spent[name] / orders * 1000 for name in ("web", "database"))
    report.add("CPU an order, web and database", web + database, "ms", most=25)
    report.add("  of it web", web, "ms")
    report.add("  of it database", database, "ms")
    report.add("CPU an order, the buyers' own", meter.spent["client"] / orders * 1000, "ms")


def count_statements(report, stack, page):
    """One purchase when all is warm, counted by PostgreSQL; BEGIN and COMMIT and connection checks included."""
    with statements() as sent:
        rush.run(stack.port, page, [0])
    if os.environ.get("BENCH_VERBOSE"):
        print("\n".join(sent))
    bounds = sum(each.startswith(("BEGIN", "COMMIT")) for each in sent)
    report.add("SQL statements a purchase", len(sent), most=40)
    report.add("  of them BEGIN and COMMIT", bounds)


def work_off(report, stack, orders):
    """The worker starts after the rush and finds its wake-ups waiting: what PDF and mail cost an order."""
    from bench.rows import wait_until_mailed

    stack.worker.start()
    with Meter(worker=stack.worker.program.pid, database=database_pid()) as meter:
        wait_until_mailed(orders)
    report.add("CPU an order, the worker for PDF and mail", meter.spent["worker"] / orders * 1000, "ms", most=20)
    report.add("CPU an order, the database for it", meter.spent["database"] / orders * 1000, "ms")
    report.add("memory of the worker after it", largest_of(stack.worker.program.pid), "MB", most=150)
    report.note("the worker works off its backlog after the rush")


if __name__ == "__main__":
    main()
