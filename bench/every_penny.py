"""Random purchases, faults on a share of all calls, workers killed and Redis flushed: what became of every transaction?

Buyers pay, are declined and try again, pay for orders they have just cancelled, walk away; some orders are refunded.
At the end SumUp is well again and the table is read from the simulator's own records.
"""

import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from redis import Redis

from bench.report import Report
from bench.world import world
from tests.simulator import SimulatorRefusal

PURCHASES = int(os.environ.get("BENCH_PURCHASES", 10_000))
AT_ONCE = 6
SHARE = 0.05  # of all calls to SumUp
FAULTS = ["slow", "too_many_requests", "server_error", "drop", "html_error"]
FAULTS += ["token_revoked", "forbidden", "lost_answer", "bad_json", "empty_body"]
ACTS = {"pay": 74, "decline and pay": 8, "decline": 4, "walk away": 4, "cancel and pay": 4, "two successes": 1}
REFUNDED = 0.05  # of the completed orders
KILL_EVERY, FLUSH_EVERY = 20, 47  # seconds
PATIENCE = 900
SEED = 2026


def main():
    report = Report(f"{PURCHASES:,} random purchases, faults on {SHARE:.0%} of the calls to SumUp")
    with world() as here:
        shop = Shop(PURCHASES)
        with here.running("sumup", "worker", SUMUP_MAX_REQUESTS_PER_SECOND="200") as stack:
            speak_to(stack)
            script_faults(stack.simulator)
            began = time.monotonic()
            with trouble(here, stack):
                shop.sell(stack.simulator)
            report.add("purchases begun", time.monotonic() - began, "s")
            heal(stack)
            quiet = wait_until_quiet(stack.simulator)
            report.add("until every transaction has its place", quiet, "s")
            show_table(report, stack.simulator, shop)
    report.show()


def speak_to(stack):
    """The buyers of this process ask the same stand-in as the worker."""
    from django.conf import settings

    settings.SUMUP_API_URL = stack.simulator.url
    settings.SUMUP_MAX_REQUESTS_PER_SECOND = 200


def script_faults(simulator):
    for name in FAULTS:
        arguments = {"seconds": 1} if name == "slow" else {}
        simulator.fault(name, times=None, probability=SHARE / len(FAULTS), **arguments)
    simulator.fault("drop_callbacks", times=None, probability=0.5)


class Shop:
    """One sale with room for half as many again; buyers come through the domain, as the site's views do."""

    def __init__(self, purchases):
        from bench.rows import make_event, make_merchant, make_sale, make_type

        make_merchant()
        self.numbers = range(purchases)
        self.sale = make_sale(make_event("Sea Shanties"), capacity=4 * purchases)
        self.types = [
            make_type(self.sale, name="Adult", price="12.00"),
            make_type(self.sale, name="Child", price="6.50"),
        ]
        self.done, self.lock = Counter(), threading.Lock()

    def sell(self, simulator):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for act in pool.map(lambda number: self.buy(simulator, number), self.numbers):
                self.done[act] += 1

    def buy(self, simulator, number):
        """One person, with dice of their own so that a run can be repeated."""
        from django.db import connection

        dice = random.Random(SEED * 1_000_000 + number)
        act = dice.choices(list(ACTS), list(ACTS.values()))[0]
        try:
            order = self.order(number, dice)
            self.act(simulator, order, act)
            if dice.random() < REFUNDED:
                self.refund_somebody(dice)
        finally:
            connection.close()
        return act

    def order(self, number, dice):
        from ticketing.domain.orders import placement
        from ticketing.domain.stock import basket_contents, holds

        wanted = {dice.choice(self.types).pk: dice.randint(1, 3)}
        held = holds.hold_seats(None, sale=self.sale, quantities=wanted)
        buyer = {"name": f"Buyer {number}", "email": f"buyer{number}@example.je", "terms_version": "1", "ip": None}
        return placement.place_order(held, merchant_group_key=basket_contents.SITE_GROUP, **buyer)

    def act(self, simulator, order, act):
        if not self.to_sumup(order) or act == "walk away":
            return
        reference = self.payment_of(order).reference
        if act == "two successes":
            simulator.fault("two_successes", reference=reference)
        if act.startswith("decline"):
            self.card(simulator.decline, reference)
        if act.startswith("cancel"):
            self.cancel(order)
        if act != "decline":
            self.card(simulator.pay, reference, force=True)

    def to_sumup(self, order):
        """Presses "Pay now" until SumUp's page opens, as people do, but not for ever."""
        from payments.domain.verification.checkout import NotStarted
        from ticketing.domain.orders import placement

        for pause in (0, 0.2, 0.5, 1):
            time.sleep(pause)
            with suppress(NotStarted):
                return placement.start_or_resume_payment(order)
        return ""

    def payment_of(self, order):
        from payments.domain.verification.payment_checks import list_payments_for

        return list_payments_for(order.reference)[-1]

    def card(self, attempt, reference, **options):
        with suppress(SimulatorRefusal):
            attempt(reference, **options)

    def cancel(self, order):
        from ticketing.domain.errors import TicketingError
        from ticketing.domain.orders import placement

        with suppress(TicketingError):
            placement.cancel_order(order)

    def refund_somebody(self, dice):
        """All of an earlier order, or one ticket of it."""
        from ticketing.domain.errors import TicketingError
        from ticketing.domain.orders import refunds
        from ticketing.enums import OrderState
        from ticketing.models import Order, Ticket

        order = Order.objects.filter(state=OrderState.COMPLETED, pk__gt=dice.randint(0, self.done.total())).first()
        if order:
            part = list(Ticket.objects.filter(line__order=order)[:1]) if dice.random() < 0.5 else None
            with suppress(TicketingError):
                refunds.request_order_refund(order, by=None, reason="Bench", tickets=part, seats_back=True)


class trouble:  # noqa: N801 - reads as `with trouble(...)`
    """Kills the worker and flushes Redis, again and again, until the end of the block."""

    def __init__(self, here, stack):
        self.here, self.stack, self.over = here, stack, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def run(self):
        for second in range(1, 100_000):
            if self.over.wait(1):
                return
            if second % KILL_EVERY == 0:
                self.stack.worker.restart()
            if second % FLUSH_EVERY == 0:
                Redis.from_url(self.here.redis_url).flushall()


def heal(stack):
    stack.simulator.clear_faults()
    stack.worker.restart()


def wait_until_quiet(simulator):
    """Seconds until nothing is astray, PATIENCE at most; a minute that nobody waits for passes at once."""
    from django.utils import timezone

    from payments.models import Payment, Refund
    from tests.promise import strays

    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        soon = timezone.now()
        Payment.objects.filter(next_check_at__gt=soon).update(next_check_at=soon)
        Refund.objects.filter(next_attempt_at__gt=soon).update(next_attempt_at=soon)
        time.sleep(10)
        if not strays(simulator):
            break
    return time.monotonic() - began


def show_table(report, simulator, shop):
    from django.utils import timezone

    from bench import rows
    from tests import promise

    outcomes = promise.table(simulator)
    report.add("successful transactions at SumUp", sum(outcomes.values()))
    for name in promise.CHECKS:
        report.add(f"  {name}", outcomes[name])
    report.add("  anything else", sum(outcomes.values()) - sum(outcomes[name] for name in promise.CHECKS), most=0)
    today = timezone.localdate()
    pounds, sentences = promise.unmatched([today])
    report.add("unmatched by the sweep", pounds, "£", most=0)
    report.add("open discrepancies besides money that came twice", len(sentences), most=0)
    report.add("stock counters that drifted", rows.drifts(), most=0)
    report.note(", ".join(f"{number} {act}" for act, number in sorted(shop.done.items())))
    report.note(f"worker killed every {KILL_EVERY} s, Redis flushed every {FLUSH_EVERY} s, half of the callbacks lost")
    for sentence in sentences[:5]:
        report.note(sentence)


if __name__ == "__main__":
    main()
