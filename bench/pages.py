"""What each of a buyer's own pages costs, one request after the other, and what it weighs."""

import os

from bench.browser import Browser
from bench.plain import PlainResponse
from bench.processes import Meter, database_pid
from bench.report import PLAIN, Report
from bench.world import world

BUYERS = int(os.environ.get("BENCH_BUYERS", 40))
BATCHES, WARM_UP = 5, 24
AIM = 15  # plain responses


def main():
    report = Report("A buyer's own pages, one after the other")
    with world() as here:
        from bench import rows

        page = rows.make_free_event(capacity=100_000)
        with here.running("web") as stack:
            walk(stack, page, range(WARM_UP))
            unit, rounds = PlainResponse(here.folder), []
            for first in range(WARM_UP, WARM_UP + BATCHES * BUYERS, BUYERS):
                rounds.append(walk(stack, page, range(first, first + BUYERS)))
                unit.measure()
        costs = {name: min(found[name] for found in rounds) for name in STEPS}
        for name, (milliseconds, size) in costs.items():
            report.add(f"CPU of {name}, web and database", unit.count(milliseconds), PLAIN, most=AIMS[name])
            if size:
                report.add(f"  weight of {name}", size / 1000, "KB")
        unit.tell(report)
    report.note(f"the least of {BATCHES} rounds of {BUYERS} buyers: whatever else the machine does only adds")
    report.note("the event page is asked once on each connection here; bench.event_page asks it many times")
    report.note("of a free order; a form is the POST alone, without the page that it leads to; weights as without gzip")
    report.show()


def walk(stack, page, numbers):
    """{step: (milliseconds of CPU, bytes of the last answer)}; each step is taken by all buyers before the next."""
    visitors, found = [Visitor(stack.port, page, number) for number in numbers], {}
    for name, step in STEPS.items():
        with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
            for visitor in visitors:
                step(visitor)
        spent = (meter.spent["web"] + meter.spent["database"]) / len(visitors) * 1000
        found[name] = spent, len(visitors[-1].browser.page)
    for visitor in visitors:
        visitor.browser.__exit__()
    return found


class Visitor:
    """Takes one step of a purchase at a time, each a single request."""

    def __init__(self, port, page, number):
        self.browser, self.page, self.number, self.next = Browser(port), page, number, ""

    def see_event(self):
        self.ask("GET", self.page)

    def hold(self):
        form = self.browser.form("/hold/")
        quantities = [name.decode() for name in form.fields if name.startswith(b"qty-")]
        self.send(form, {quantities[0]: "1"})

    def see_checkout(self):
        self.ask("GET", self.next)
        self.form = self.browser.form("/checkout/")

    def see_basket(self):
        self.ask("GET", "/tickets/basket/")

    def order(self):
        who = {"name": f"Buyer {self.number}", "email": f"buyer{self.number}@example.je"}
        self.send(self.form, who | dict.fromkeys(self.form.boxes, "on"))

    def see_order(self):
        self.ask("GET", self.next)

    def ask(self, method, path):
        status, _head = self.browser.ask(method, path)
        if status != 200:
            raise AssertionError(f"{path} answered {status}")

    def send(self, form, filled):
        status, self.next = self.browser.post(form, **filled)
        if status != 303:
            raise AssertionError(f"{form.action} answered {status}: {self.browser.page[:300]!r}")


STEPS = {
    "the event page": Visitor.see_event,
    "the hold": Visitor.hold,
    "the checkout page": Visitor.see_checkout,
    "the basket": Visitor.see_basket,
    "the checkout form": Visitor.order,
    "the order page": Visitor.see_order,
}
AIMS = dict.fromkeys(STEPS, AIM) | dict.fromkeys(["the event page", "the hold"])


if __name__ == "__main__":
    main()
