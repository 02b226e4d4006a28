"""From the moment the buyer has paid to the ticket mail, the worker running and every callback lost."""

import random
import threading
import time

from bench.browser import Browser
from bench.report import Report, percentile
from bench.rush import hold
from bench.world import world

BACK, GONE = 60, 60  # buyers of each kind
SPREAD = 60  # seconds over which they begin, so that every second of the minute is met
AT_SUMUP = (3, 45)  # seconds that somebody takes to type the card
EVERY = 2  # seconds between two looks of the waiting page, as order.js takes them
PATIENCE = 100


def main():
    report = Report("From paid to mailed, callbacks off")
    with world() as here:
        from bench import rows

        page = rows.make_event_on_sale(capacity=10_000, price="12.00")
        with here.running("sumup", "web", "worker") as stack:
            stack.simulator.fault("drop_callbacks", times=None)
            buyers = [Buyer(stack, page, number, comes_back=number < BACK) for number in range(BACK + GONE)]
            run(buyers)
            waits = rows.wait_until_mailed(BACK + GONE, seconds=PATIENCE) or rows.mail_times()
    add(report, "the buyer comes back", buyers[:BACK], waits, p50=3, p99=8)
    add(report, "the buyer is gone", buyers[BACK:], waits, p99=70)
    report.note(f"{BACK} and {GONE} buyers, begun over {SPREAD} s, each {AT_SUMUP[0]} to {AT_SUMUP[1]} s at SumUp")
    report.show()


def run(buyers):
    dice = random.Random(2026)
    threads = []
    for buyer in buyers:
        delay, typing = dice.uniform(0, SPREAD), dice.uniform(*AT_SUMUP)
        threads.append(threading.Thread(target=buyer.buy, args=(delay, typing), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()
    if lost := [buyer for buyer in buyers if buyer.paid_at is None]:
        raise AssertionError(
            f"{len(lost)} buyers could not pay, the first at {lost[0].browser.path} {lost[0].browser.left_for}"
        )


def add(report, name, buyers, waits, *, p50=None, p99):
    took = [waits[buyer.reference] - buyer.paid_at for buyer in buyers]
    report.add(f"{name}, p50", percentile(took, 50), "s", most=p50)
    report.add(f"{name}, p99", percentile(took, 99), "s", most=p99)


class Buyer:
    def __init__(self, stack, page, number, *, comes_back):
        self.stack, self.page, self.number, self.comes_back = stack, page, number, comes_back
        self.browser = Browser(stack.port)
        self.paid_at = None

    def buy(self, delay, typing):
        time.sleep(delay)
        with self.browser:
            self.go_to_sumup()
            time.sleep(typing)
            paid = self.stack.simulator.pay(checkout_id=self.checkout_id)
            self.paid_at = time.time()
            self.reference = paid["checkout_reference"].rpartition("-")[0]
            self.order_page = paid["redirect_url"].removeprefix(self.stack.url)
            if self.comes_back:
                self.wait_on(self.order_page)

    def go_to_sumup(self):
        form = hold(self.browser, self.page)
        ticked = dict.fromkeys(form.boxes, "on")
        who = {"name": f"Buyer {self.number}", "email": f"buyer{self.number}@example.je"}
        status = self.browser.submit(form, **who, **ticked)
        if "/pay/c-" not in self.browser.left_for:
            raise AssertionError(f"not at SumUp but at {self.browser.path}, {status}: {self.browser.page[:2000]!r}")
        self.checkout_id = self.browser.left_for.rpartition("/pay/c-")[2]

    def wait_on(self, order_page):
        """As the waiting page does with its script, until it says something else than to wait."""
        self.browser.get(order_page)
        while self.browser.get(f"{order_page}status.json") == 200 and b"pending" in self.browser.page:
            time.sleep(EVERY)


if __name__ == "__main__":
    main()
