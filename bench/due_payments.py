"""2,000 paid payments are due at once and SumUp takes 50 ms to answer: how long until the worker has verified all?"""

import os
import time

from bench.plain import PlainResponse
from bench.processes import Meter, database_pid
from bench.report import PLAIN, Report
from bench.world import world

PAYMENTS = int(os.environ.get("BENCH_PAYMENTS", 2_000))
ANSWER_SECONDS = 0.05
PER_SECOND = int(os.environ.get("BENCH_PER_SECOND", 120))
LEAST = 83  # a second: 10,000 in two minutes
PATIENCE = 100 * PAYMENTS / 2_000  # seconds


def main():
    report = Report(f"{PAYMENTS:,} payments due, SumUp answers in {ANSWER_SECONDS * 1000:.0f} ms")
    with world() as here:
        from bench import rows

        rows.make_due_payments(PAYMENTS, state=here.folder / "simulator.json")
        stack = here.stack(SUMUP_MAX_REQUESTS_PER_SECOND=str(PER_SECOND))
        stack.sumup.command += ["--state", str(here.folder / "simulator.json")]
        unit = PlainResponse(here.folder)
        try:
            measure(stack, report, unit)
        finally:
            stack.stop()
        unit.tell(report)
    report.show()


def measure(stack, report, unit):
    stack.sumup.start()
    stack.simulator.fault("latency", seconds=ANSWER_SECONDS)
    began = time.monotonic()
    stack.worker.start()
    with Meter(worker=stack.worker.program.pid, database=database_pid()) as meter:
        unverified = wait_until_verified(began)
        seconds = time.monotonic() - began
    unit.measure()
    asked, done = stack.simulator.control("GET", "requests"), PAYMENTS - unverified
    report.add("not verified", unverified, most=0)
    report.add("verified, from the worker's start on", done / seconds, "/s", least=LEAST)
    report.add("questions to SumUp in the busiest second", asked["busiest_second"], most=int(PER_SECOND * 1.1))
    report.add("questions to SumUp a payment", sum(asked["requests"].values()) / done)
    for name in ("worker", "database"):
        report.add(f"CPU of the {name} a payment", unit.count(meter.spent[name] / done * 1000), PLAIN)
    report.note(f"SUMUP_MAX_REQUESTS_PER_SECOND={PER_SECOND}, one worker process, as it starts with all of them due")
    report.note("the default limit is 20 a second: 2,000 take 100 seconds with it")
    report.note("payments alone: no orders hang on them, so nothing is settled, drawn or mailed meanwhile")


def wait_until_verified(began):
    """How many are still not, after PATIENCE seconds at the latest: a processor that others use too is slow."""
    from payments.enums import PaymentState
    from payments.models import Payment

    waiting = Payment.objects.exclude(state=PaymentState.PAID)
    while (left := waiting.count()) and time.monotonic() - began < PATIENCE:
        time.sleep(0.25)
    return left


if __name__ == "__main__":
    main()
