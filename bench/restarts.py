"""Buyers of paid tickets while PostgreSQL and Redis are restarted: who saw an error, and was an order lost?

Each restart stops the service for a few seconds, as an update of it does. People press the button again when a page
fails.
"""

import os
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.client import HTTPException

from bench.every_penny import wait_until_quiet
from bench.report import Report
from bench.world import TEMPLATE, World, prepare, temporary_folder
from tests import harness, services
from tests.buyers import Buyer
from tests.simulator import SimulatorRefusal

SECONDS = int(os.environ.get("BENCH_SECONDS", 75))
AT_ONCE = 8
DOWN = 3  # seconds that a service is away
GRACE = 2  # seconds after it is back in which an answer may still fail
PRESS_AGAIN = 1  # seconds
PATIENCE = 60  # seconds after which a buyer gives up


def main():
    report = Report("Buyers while PostgreSQL and Redis are restarted")
    with own_world() as (here, database, redis):
        shop = Shop()
        with here.running("sumup", "web", "worker") as stack:
            speak_to(stack)
            crowd = Crowd(stack, shop)
            with crowd:
                outages = [
                    restart("PostgreSQL", database, after=SECONDS / 5),
                    restart("Redis", redis, after=SECONDS / 5),
                    restart("PostgreSQL", database, after=SECONDS / 5),
                ]
            show_answers(report, crowd, outages)
            report.add("until every payment has its place", wait_until_quiet(stack.simulator), "s")
            show_money(report, stack.simulator, crowd)
    report.show()


@contextmanager
def own_world():
    """Services of its own, because nobody else may be on them: also under `bench.run`."""
    from django.db import connections

    services.raise_on_signals()
    with temporary_folder() as folder, services.cluster() as database, services.redis_server() as redis:
        prepare(folder, database.url, redis.url)
        yield World(folder, harness.database_named(TEMPLATE), redis.url), database, redis
        connections.close_all()


def speak_to(stack):
    from django.conf import settings

    settings.SUMUP_API_URL = stack.simulator.url


class Shop:
    def __init__(self):
        from bench import rows

        rows.make_merchant()
        self.sale = rows.make_sale(rows.make_event("Sea Shanties"), capacity=100_000)
        self.type = rows.make_type(self.sale, price="12.00")


def restart(name, service, *, after):
    """(name, from, to) on the clock of `time.monotonic`."""
    from django.db import connection

    time.sleep(after)
    began = time.monotonic()
    service.stop()
    time.sleep(DOWN)
    service.start()
    connection.close()
    return name, began, time.monotonic()


class Crowd:
    """`with crowd:` people come and buy until its end; `answers` is what the site said, when."""

    def __init__(self, stack, shop):
        self.stack, self.shop = stack, shop
        self.over, self.lock = threading.Event(), threading.Lock()
        self.answers, self.outcomes, self.numbers = [], Counter(), iter(range(1_000_000))
        self.threads = [threading.Thread(target=self.come, daemon=True) for _ in range(AT_ONCE)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_):
        time.sleep(SECONDS / 5)
        self.over.set()
        for thread in self.threads:
            thread.join()

    def come(self):
        while not self.over.is_set():
            with self.lock:
                number = next(self.numbers)
            self.outcomes[self.buy(Buyer(self.stack.url, email=f"buyer{number}@example.je"))] += 1

    def buy(self, buyer):
        held = self.stubborn(buyer, lambda: buyer.hold(self.shop.sale.pk, {self.shop.type.pk: 1}))
        ordered = held and self.stubborn(buyer, buyer.check_out)
        if not ordered:
            return "gave up"
        checkout = ordered.location.rpartition("/pay/c-")[2]
        if ordered.location.startswith("/") or not checkout:
            return "told to pay later"
        with suppress(SimulatorRefusal):
            self.stack.simulator.pay(checkout_id=checkout)
        buyer.close()
        return "paid"

    def stubborn(self, buyer, step):
        """The same again, as people do, until the site answers or patience ends."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            page = self.attempt(buyer, step)
            if page and page.status == 303:
                return page
            time.sleep(PRESS_AGAIN)
        return None

    def attempt(self, buyer, step):
        try:
            page = step()
        except (OSError, HTTPException) as error:
            buyer.close()
            self.answers.append((time.monotonic(), type(error).__name__))
            return None
        self.answers.append((time.monotonic(), page.status))
        return page


def show_answers(report, crowd, outages):
    report.add("answers", len(crowd.answers))
    failed = [when for when, status in crowd.answers if not isinstance(status, int) or status >= 500]
    during = Counter()
    for when in failed:
        during[next((name for name, began, ended in outages if began <= when <= ended + GRACE), "beyond")] += 1
    for name, began, ended in outages:
        report.note(f"{name} away for {ended - began:.1f} s")
    for name in dict.fromkeys(name for name, *_ in outages):
        report.add(f"failed while {name} was away, and {GRACE} s after", during[name])
    report.add("failed beyond that", during["beyond"], most=0)
    report.note(", ".join(f"{number} {what}" for what, number in crowd.outcomes.items()))
    report.note(", ".join(f"{number} × {what}" for what, number in Counter(what for _, what in crowd.answers).items()))


def show_money(report, simulator, crowd):
    from django.utils import timezone

    from bench import rows
    from tests import promise

    outcomes = promise.table(simulator)
    report.add("payments at SumUp", sum(outcomes.values()), least=1)
    report.add("  completed orders with their tickets", outcomes[promise.TICKETS])
    report.add("buyers who paid and have no ticket", crowd.outcomes["paid"] - outcomes[promise.TICKETS], most=0)
    report.add("buyers who gave up", crowd.outcomes["gave up"], most=0)
    pounds, sentences = promise.unmatched([timezone.localdate()])
    report.add("unmatched by the sweep", pounds, "£", most=0)
    report.add("open discrepancies", len(sentences), most=0)
    report.add("stock counters that drifted", rows.drifts(), most=0)


if __name__ == "__main__":
    main()
