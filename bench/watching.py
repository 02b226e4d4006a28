"""Buyers who pay and never come back, every callback lost: until the ticket mail, with the watch and without it.

Without it means that SumUp refuses its history, so that the normal pace is alone.
"""

import time

from bench import payment_to_mail
from bench.payment_to_mail import AT_SUMUP, SPREAD, Buyer
from bench.report import Report
from bench.world import world

BUYERS = 60
PATIENCE = 100
HISTORY = "GET /v2.1/merchants/{merchant_code}/transactions/history"
CHECKOUTS = "/v0.1/checkouts"


def main():
    report = Report("From paid to mailed, buyers gone, callbacks off")
    with world() as here:
        from bench import rows

        page = rows.make_event_on_sale(capacity=10_000, price="12.00")
        with here.running("sumup", "web", "worker") as stack:
            stack.simulator.fault("drop_callbacks", times=None)
            measure(report, stack, page, "watched", already=0, p50=6, p99=15)
            stack.simulator.fault("forbidden", operation="history", times=None)
            measure(report, stack, page, "not watched", already=BUYERS)
    report.note(f"{BUYERS} buyers each way, begun over {SPREAD} s, each {AT_SUMUP[0]} to {AT_SUMUP[1]} s at SumUp")
    report.note("one merchant; the watch asks at most once in 4 s however many payments are open")
    report.show()


def measure(report, stack, page, name, *, already, p50=None, p99=None):
    from bench import rows

    before, began = stack.simulator.requests(), time.time()
    buyers = [Buyer(stack, page, number, comes_back=False) for number in range(already, already + BUYERS)]
    payment_to_mail.run(buyers)
    waits = rows.wait_until_mailed(already + BUYERS, seconds=PATIENCE) or rows.mail_times()
    payment_to_mail.add(report, name, buyers, waits, p50=p50, p99=p99)
    add_calls(report, name, time.time() - began, before, stack.simulator.requests())


def add_calls(report, name, seconds, before, after):
    """Questions from the first buyer to the last mail, as the simulator counted them."""
    made = {path: count - before.get(path, 0) for path, count in after.items()}
    looks = sum(count for path, count in made.items() if CHECKOUTS in path)
    report.add(f"{name}: checkout calls a purchase, making it included", looks / BUYERS)
    report.add(f"{name}: history calls a second and merchant", made.get(HISTORY, 0) / seconds, "/s", most=0.26)


if __name__ == "__main__":
    main()
