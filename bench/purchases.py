"""Whole purchases of a free ticket over HTTP, 32 buyers at a time: what one costs, web and database.

The worker's part is told by `bench.worker`.
"""

import os
from itertools import count

from bench import rush
from bench.plain import PlainResponse
from bench.processes import Meter, count_statements, database_pid
from bench.report import PLAIN, Report, percentile
from bench.world import world

BUYERS = int(os.environ.get("BENCH_BUYERS", 96))
ROUNDS, WARM_UP = 5, 64
AIM, STRETCH = 60, 45  # plain responses
STATEMENTS = 15
latest = count(50_000)


def main():
    report = Report(f"Whole purchases of a free ticket, {rush.AT_A_TIME} buyers at a time")
    with world() as here:
        from bench import rows

        page = rows.make_free_event(capacity=100_000)
        with here.running("web") as stack:
            rush.run(stack.port, page, range(WARM_UP))
            unit, rounds = PlainResponse(here.folder), []
            for first in range(WARM_UP, WARM_UP + ROUNDS * BUYERS, BUYERS):
                rounds.append(serve(stack, page, range(first, first + BUYERS)))
                unit.measure()
            add_pace(report, [crowd for crowd, _spent in rounds])
            add_cpu(report, [spent for _crowd, spent in rounds], unit)
            add_statements(report, stack, page)
        unit.tell(report)
    report.show()


def serve(stack, page, buyers):
    """The crowd, and {web, database: milliseconds of CPU an order}."""
    with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
        crowd = rush.run(stack.port, page, buyers)
    if not crowd.of(rush.BOUGHT):
        raise AssertionError(f"nobody could buy: {crowd.purchases[0].detail}")
    return crowd, {name: meter.spent[name] / len(buyers) * 1000 for name in ("web", "database")}


def add_pace(report, crowds):
    done = [each for crowd in crowds for each in crowd.of(rush.BOUGHT)]
    lost = [each for crowd in crowds for each in crowd.of(rush.TROUBLE)]
    report.add("purchases", len(done) / sum(crowd.seconds for crowd in crowds), "/s")
    report.add("requests a purchase", max(each.requests for each in done), "requests", most=5)
    for percent in (50, 99):
        took = percentile([each.seconds for each in done], percent)
        report.add(f"a purchase takes, p{percent}", took * 1000, "ms")
    report.add("buyers in trouble", len(lost), most=0)
    for each in lost[:3]:
        report.note(each.detail)


def add_cpu(report, costs, unit):
    least = min(costs, key=lambda cost: sum(cost.values()))
    web, database = unit.count(least["web"]), unit.count(least["database"])
    report.add("CPU of a free order, web and database", web + database, PLAIN, most=AIM)
    report.add("  of it web", web, PLAIN)
    report.add("  of it database", database, PLAIN)
    report.note(f"the least of {ROUNDS} rounds of {BUYERS} buyers: whatever else the machine does only adds")
    reached = "reached" if web + database <= STRETCH else "not reached"
    report.note(f"beyond the aim of {AIM} plain responses lies {STRETCH}: {reached}")


def add_statements(report, stack, page):
    def buy():
        if not (crowd := rush.run(stack.port, page, [next(latest)])).of(rush.BOUGHT):
            raise AssertionError(f"nobody could buy: {crowd.purchases[0].detail}")

    every, bounds = count_statements(buy)
    report.add("statements of a free order", every, "statements", most=STATEMENTS)
    report.add("  of them BEGIN and COMMIT", bounds, "statements")


if __name__ == "__main__":
    main()
