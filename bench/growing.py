"""How many orders a second a plan carries, from the CPU that one order costs web, database and worker here.

Only the three costs are measured. A plan's figure is its CPU times LOAD over the cost: extrapolated.
"""

import os

from bench import rush
from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world

BUYERS = int(os.environ.get("BENCH_BUYERS", 400))
WARM_UP = 64
LOAD = 0.7  # of a processor, so that pages stay quick
# Processors of web, database and worker
PLANS = {
    "1 web, 1 worker, small database (1, 1, 1)": (1, 1, 1),
    "2 web, 1 worker, small database (2, 1, 1)": (2, 1, 1),
    "4 web, 2 workers, database of 2 (4, 2, 2)": (4, 2, 2),
    "8 web, 4 workers, database of 4 (8, 4, 4)": (8, 4, 4),
}


def main():
    report = Report("How many orders a second a plan carries")
    with world() as here:
        costs = measure_costs(here)
    for name, seconds in costs.items():
        report.add(f"CPU an order, {name}", seconds * 1000, "ms")
    for name, processors in PLANS.items():
        by_part = [LOAD * number / cost for number, cost in zip(processors, costs.values(), strict=True)]
        report.add(f"sold: {name}", min(by_part[:2]), "/s")
        report.add(f"mailed: {name}", by_part[2], "/s")
    report.note(f"processors of web, database, worker at {LOAD:.0%}; a worker behind the sale catches up later")
    report.show()


def measure_costs(here):
    """CPU seconds of one free order: web, database, worker."""
    from bench import rows

    page = rows.make_free_event(capacity=100_000)
    with here.running("web") as stack:
        rush.run(stack.port, page, range(WARM_UP))
        with Meter(web=stack.web.program.pid, database=database_pid()) as selling:
            crowd = rush.run(stack.port, page, range(WARM_UP, WARM_UP + BUYERS))
        assert crowd.outcomes == {rush.BOUGHT: BUYERS}, crowd.outcomes
        stack.worker.start()
        with Meter(worker=stack.worker.program.pid, database=database_pid()) as mailing:
            rows.wait_until_mailed(WARM_UP + BUYERS)
    sent = WARM_UP + BUYERS
    return {
        "web": selling.spent["web"] / BUYERS,
        "database": selling.spent["database"] / BUYERS + mailing.spent["database"] / sent,
        "worker": mailing.spent["worker"] / sent,
    }


if __name__ == "__main__":
    main()
