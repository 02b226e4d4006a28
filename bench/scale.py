"""What pages and orders cost with 10,000 events and 1,000,000 tickets in the database, against an empty one."""

import os

from bench import rush
from bench.browser import Browser
from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world

EVENTS = int(os.environ.get("BENCH_EVENTS", 10_000))
TICKETS = int(os.environ.get("BENCH_TICKETS", 1_000_000))
PAGES, BUYERS = 100, 200
A_FEW = 24  # events that the empty database has, so that its lists are as long as a page of them can be
AIM = 1.2


def main():
    report = Report(f"{EVENTS:,} events and {TICKETS:,} tickets against an empty database")
    with world() as here:
        from bench import rows, seed

        page = rows.make_free_event(capacity=100_000)
        rows.make_events(A_FEW)
        sold = rows.make_sold_order()  # of the last page in the tree: its copies come behind it
        with here.running("web") as stack:
            measure(stack, page)  # the first round warms up
            before = measure(stack, page)
            seed.grow(sold, events=EVENTS, tickets=TICKETS)
            measure(stack, page)
            after = measure(stack, page)
            report.add("events in the database", rows.count_events(), least=EVENTS)
            report.add("tickets in the database", rows.count_tickets(), least=TICKETS)
            report.add("counters that disagree with their rows", rows.drifts(), most=0)
    for name in before:
        report.add(f"{name}, empty", before[name], "ms")
        report.add(f"{name}, full", after[name], "ms")
        report.add(f"{name}, ratio", after[name] / before[name], most=AIM)
    report.note("CPU of web and database; the pages are drawn afresh each time, not taken from the cache")
    report.show()


def measure(stack, page):
    fresh = {"event page": f"{page}?unknown=", "list of events": "/events/?unknown=", "home page": "/?unknown="}
    costs = {name: cost(stack, PAGES, visit_each(path)) for name, path in fresh.items()}
    return costs | {"order": cost(stack, BUYERS, lambda stack: buy(stack, page))}


def cost(stack, count, work):
    """Milliseconds of CPU each."""
    with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
        work(stack)
    return (meter.spent["web"] + meter.spent["database"]) / count * 1000


def visit_each(path):
    def visit(stack):
        with Browser(stack.port) as browser:
            for number in range(PAGES):
                if browser.get(f"{path}{number}") != 200:
                    raise AssertionError(f"{path} was not served")

    return visit


def buy(stack, page):
    crowd = rush.run(stack.port, page, range(BUYERS), at_a_time=8)
    if crowd.outcomes[rush.BOUGHT] != BUYERS:
        raise AssertionError(f"not everybody could buy: {crowd.outcomes}")


if __name__ == "__main__":
    main()
