"""What every page, list, report, chooser, export and feed costs in a grown database, and all that runs by itself; of
public pages also each choice and search, at the first look and kept.

`make bench-size`: BENCH_TICKETS tickets, a million unless told otherwise. The addresses are those of
`tests.architecture.walk`, the tasks those that the worker has, so that a new one is measured from its first day. It
fails on whatever costs more than its target, reads over 1,000 rows of a table from end to end, over 10,000 through
an index, or sorts on disk.
"""

import os
import sys
from itertools import groupby

from bench.report import Report
from bench.world import world

TICKETS = int(os.environ.get("BENCH_TICKETS", 1_000_000))
WORTH_A_ROW = 0.5  # of its target


def main():
    with world():
        from bench import profiles

        site, mould = profiles.make_site()
        seconds = profiles.fill(site, mould, tickets=TICKETS)
        report = Report(f"{profiles.EVENTS:,} events and {TICKETS:,} tickets")
        report.add("the database was made in", seconds, "s")
        measure_everything(site, report)
    report.show()
    return 0 if report.met else 1


def measure_everything(site, report):
    from bench import addresses, public_lists, tasks

    costs = [*addresses.measure_all(site), *public_lists.measure_all(site), *tasks.measure_all(site)]
    kinds = groupby(sorted(costs, key=lambda cost: cost.kind), key=lambda cost: cost.kind)
    for kind, found in kinds:
        tell(report, kind, list(found))
    for cost in costs:
        for words in cost.reads:
            report.note(f"{cost.name}: {words}")


def tell(report, kind, costs):
    report.add(f"{kind} measured", len(costs))
    shown = [cost for cost in costs if cost.milliseconds > cost.target * WORTH_A_ROW]
    for cost in sorted(shown, key=lambda cost: -cost.milliseconds):
        report.add(cost.name, cost.milliseconds, "ms", most=cost.target)
    report.add(
        f"{kind}: the dearest of all others", max((c.milliseconds for c in costs if c not in shown), default=0), "ms"
    )
    report.add(f"{kind} that read or sort too much", sum(bool(cost.reads) for cost in costs), most=0)


if __name__ == "__main__":
    sys.exit(main())
