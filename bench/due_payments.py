"""10,000 paid payments are due at once and SumUp takes 50 ms to answer: how long until the worker has verified all?"""

import os
import time

from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world

PAYMENTS = int(os.environ.get("BENCH_PAYMENTS", 10_000))
ANSWER_SECONDS = 0.05
PER_SECOND = int(os.environ.get("BENCH_PER_SECOND", 120))
AIM = 120  # seconds
PATIENCE = 300


def main():
    report = Report(f"{PAYMENTS:,} payments due, SumUp answers in {ANSWER_SECONDS * 1000:.0f} ms")
    with world() as here:
        from bench import rows

        rows.make_due_payments(PAYMENTS, state=here.folder / "simulator.json")
        stack = here.stack(SUMUP_MAX_REQUESTS_PER_SECOND=str(PER_SECOND))
        stack.sumup.command += ["--state", str(here.folder / "simulator.json")]
        try:
            measure(stack, report)
        finally:
            stack.stop()
    report.show()


def measure(stack, report):
    stack.sumup.start()
    stack.simulator.fault("latency", seconds=ANSWER_SECONDS)
    began = time.monotonic()
    stack.worker.start()
    with Meter(worker=stack.worker.program.pid, database=database_pid()) as meter:
        unverified = wait_until_verified(began)
        seconds = time.monotonic() - began
    asked = stack.simulator.control("GET", "requests")
    report.add("not verified", unverified, most=0)
    report.add("until the last is verified, from the worker's start", seconds, "s", most=AIM)
    report.add("verified", (PAYMENTS - unverified) / seconds, "/s")
    report.add("questions to SumUp in the busiest second", asked["busiest_second"], most=int(PER_SECOND * 1.1))
    report.add("questions to SumUp a payment", sum(asked["requests"].values()) / PAYMENTS)
    report.add("CPU of the worker a payment", meter.spent["worker"] / PAYMENTS * 1000, "ms")
    report.add("CPU of the database a payment", meter.spent["database"] / PAYMENTS * 1000, "ms")
    report.note(f"SUMUP_MAX_REQUESTS_PER_SECOND={PER_SECOND}, one worker process, as it starts with all of them due")
    report.note("the default limit is 20 a second: 10,000 take more than eight minutes with it")
    report.note("payments alone: no orders hang on them, so nothing is settled, drawn or mailed meanwhile")


def wait_until_verified(began):
    """How many are still not, after PATIENCE seconds at the latest."""
    from payments.enums import PaymentState
    from payments.models import Payment

    waiting = Payment.objects.exclude(state=PaymentState.PAID)
    while (left := waiting.count()) and time.monotonic() - began < PATIENCE:
        time.sleep(0.25)
    return left


if __name__ == "__main__":
    main()
