"""Purchases of a paid ticket, up to SumUp's page and back: what their requests cost and ask the database.

SumUp calls nobody back, so that all is done by the buyers' own requests; what the worker does later is no part of it.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from bench.payment_to_mail import Buyer
from bench.plain import PlainResponse
from bench.processes import Meter, count_statements, database_pid
from bench.report import PLAIN, Report
from bench.world import world

BUYERS = int(os.environ.get("BENCH_BUYERS", 40))
ROUNDS, WARM_UP, AT_A_TIME = 4, 24, 8
STATEMENTS = 18
latest = count(50_000)


def main():
    report = Report("Purchases of a paid ticket, in requests")
    with world() as here:
        from bench import rows

        page = rows.make_event_on_sale(capacity=10_000, price="12.00")
        with here.running("sumup", "web") as stack:
            stack.simulator.fault("drop_callbacks", times=None)
            buy_all(stack, page, range(WARM_UP))
            unit, costs = PlainResponse(here.folder), []
            for first in range(WARM_UP, WARM_UP + ROUNDS * BUYERS, BUYERS):
                costs.append(serve(stack, page, range(first, first + BUYERS)))
                unit.measure()
            add_statements(report, stack, page)
        report.add("CPU of a paid order in requests, web and database", unit.count(min(costs)), PLAIN)
        unit.tell(report)
    report.note(f"the least of {ROUNDS} rounds of {BUYERS} buyers: whatever else the machine does only adds")
    report.note("event page, hold, checkout, order with its checkout at SumUp, and the order's page when they are back")
    report.show()


def serve(stack, page, buyers):
    """Milliseconds of CPU an order, web and database."""
    with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
        buy_all(stack, page, buyers)
    return (meter.spent["web"] + meter.spent["database"]) / len(buyers) * 1000


def buy_all(stack, page, buyers):
    with ThreadPoolExecutor(AT_A_TIME) as crowd:
        list(crowd.map(lambda number: buy(stack, page, number), buyers))


def buy(stack, page, number):
    buyer = Buyer(stack, page, number, comes_back=False)
    buyer.buy(delay=0, typing=0)
    with buyer.browser as browser:
        if browser.get(buyer.order_page) != 200:
            raise AssertionError(f"the order's page was not served: {browser.page[:300]!r}")


def add_statements(report, stack, page):
    every, bounds = count_statements(lambda: buy(stack, page, next(latest)))
    report.add("statements of a paid order in requests", every, "statements", most=STATEMENTS)
    report.add("  of them BEGIN and COMMIT", bounds, "statements")


if __name__ == "__main__":
    main()
