"""What a merchant in trouble, a hoarder and a vandal do to a normal buyer, each beside quiet runs before and after."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.attacks import HOARDER
from bench.browser import Browser, home_of
from bench.report import Report, percentile
from bench.rush import hold
from bench.world import world

ROOT = Path(__file__).resolve().parents[1]
SILENT = "MDEMO002"
QUIET = 8  # seconds of measuring before and after an attack
ATTACKED = int(os.environ.get("BENCH_SECONDS", 20))  # and beside it
BUILD_UP = 4  # seconds that an attack has before
BUYERS = 4  # at once
PAUSE = 0.4  # seconds between two purchases of one of them
PATIENCE = 20  # seconds after which a buyer leaves
WORST = 1.5  # times the usual p95
SEATS, SHARE = 600, 240  # of the hoarded sale; two fifths is what one address gets with proof (decision 24)
SHOWN = 4  # seconds within which a buyer of the silent merchant knows
NUMBERS = iter(range(1000, 1_000_000))


def main():
    report = Report("What one in trouble, or with bad intent, does to a normal buyer")
    with world() as here:
        from bench import rows

        page = rows.make_event_on_sale(capacity=100_000, price="12.00")
        few = rows.make_event_on_sale(capacity=SEATS, price="12.00", title="The Hoarded Show")
        with here.running("sumup", "web", "worker", RATE_LIMITS="true") as stack:
            silent = make_silent_sale(stack)
            measure(stack, page, seconds=5)  # all is loaded
            beside(report, stack, "one merchant hangs", "silent", silent, page, page, told=add_silent)
            beside(report, stack, "one address hoards", "hoarding", few, page, few, told=add_hoarding)
            beside(report, stack, "one visitor sends rubbish", "rubbish", page, page, page, told=add_rubbish)
    report.note(
        f"{BUYERS} normal buyers at once, {ATTACKED} s beside each attack, quiet for {QUIET} s before and after"
    )
    report.note("beside the merchant that hangs, quiet means the same crowd at it while SumUp answers")
    report.note("a purchase: event page, hold, checkout, order, up to SumUp's page; all on one machine, attackers too")
    report.show()


def make_silent_sale(stack):
    from django.conf import settings

    from bench import rows
    from events_pages.models import EventPage
    from tests.payments.factories import make_connected
    from ticketing.models import EventSale

    settings.SUMUP_API_URL = stack.simulator.url
    path = rows.make_event_on_sale(capacity=100_000, price="12.00", title="The Silent Merchant")
    page = EventPage.objects.get(slug=path.strip("/").rpartition("/")[2])
    EventSale.objects.filter(page=page).update(merchant=make_connected(stack.simulator, code=SILENT))
    return path


def beside(report, stack, title, attack, target, usual, page, *, told):
    """Normal buyers buy on the page `usual` before and after, on `page` beside the attack on `target`."""
    quiet = measure_quiet(stack, attack, target, usual)
    if attack == "silent":
        stack.simulator.fault("hang", merchant=SILENT)
    attacker = begin(attack, stack.port, target, BUILD_UP + ATTACKED)
    time.sleep(BUILD_UP)
    hit = measure(stack, page, seconds=ATTACKED)
    stack.simulator.clear_faults()
    said = attacker.communicate(timeout=90)[0]
    quiet.add(measure_quiet(stack, attack, target, usual))
    add(report, title, quiet, hit)
    told(report, json.loads(said), hit)


def measure_quiet(stack, attack, target, page):
    """Whose merchant hangs came to buy: the same crowd is there while SumUp answers, and only its silence differs."""
    if attack != "silent":
        return measure(stack, page, seconds=QUIET)
    crowd = begin(attack, stack.port, target, BUILD_UP + QUIET)
    time.sleep(BUILD_UP)
    found = measure(stack, page, seconds=QUIET)
    crowd.communicate(timeout=90)
    return found


def begin(attack, port, target, seconds):
    words = [attack, port, target, seconds]
    command = [sys.executable, "-m", "bench.attacks", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@dataclass
class Measured:
    """Seconds of whole purchases and of the event page alone; `trouble` of those who did not get to SumUp."""

    purchases: list = field(default_factory=list)
    pages: list = field(default_factory=list)
    trouble: list = field(default_factory=list)

    def add(self, other):
        self.purchases += other.purchases
        self.pages += other.pages


def measure(stack, page, *, seconds):
    found, over = Measured(), time.monotonic() + seconds
    threads = [threading.Thread(target=keep_buying, args=(stack.port, page, over, found)) for _ in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def keep_buying(port, page, over, found):
    while time.monotonic() < over:
        number = next(NUMBERS)
        with Browser(port, source=home_of(number), timeout=PATIENCE) as browser:
            buy(browser, page, number, found)
        time.sleep(PAUSE)


def buy(browser, page, number, found):
    """Whoever gets no answer counts with the time until they gave up; who is refused is in trouble and has no time."""
    began = time.monotonic()
    try:
        browser.get(page)
        found.pages.append(time.monotonic() - began)
        form = hold(browser, page)
        ticked = dict.fromkeys(form.boxes, "on")
        browser.submit(form, name=f"Buyer {number}", email=f"buyer{number}@example.je", **ticked)
        if not browser.left_for:
            raise LookupError(f"not at SumUp but at {browser.path}")
    except (LookupError, TypeError) as error:
        found.trouble.append(f"{type(error).__name__}: {str(error)[:100]}")
        return
    except OSError as error:
        found.trouble.append(f"{type(error).__name__}: {error}")
    found.purchases.append(time.monotonic() - began)


def add(report, title, quiet, hit):
    for name, before, now in (("purchase", quiet.purchases, hit.purchases), ("event page", quiet.pages, hit.pages)):
        for percent in (50, 95):
            usual, attacked = percentile(before, percent), percentile(now or [PATIENCE], percent)
            report.add(f"{title}: {name} p{percent}, quiet", usual * 1000, "ms")
            report.add(f"{title}: {name} p{percent}, beside it", attacked * 1000, "ms")
            worst = WORST if percent == 95 else None
            report.add(f"{title}: {name} p{percent}, times the usual", attacked / usual, most=worst)
    report.add(f"{title}: purchases measured", len(quiet.purchases) + len(hit.purchases))
    report.add(f"{title}: normal buyers in trouble", len(hit.trouble), most=0)
    for words in hit.trouble[:2]:
        report.note(words)


def add_silent(report, said, _hit):
    waits = said["waits"] or [0]
    report.add("  its own buyers: until the waiting page, p95", percentile(waits, 95), "s", most=SHOWN)
    report.add("  its own buyers: at the waiting page", said["told"], least=1)
    report.add("  its own buyers: sent on to SumUp when it woke", said["sent_on"], least=said["of"])


def add_hoarding(report, said, _hit):
    report.add("  seats that one address has in the end", seats_of_hoarder(), f"/{SEATS}", most=SHARE)
    report.note("the hoarder: " + ", ".join(f"{number} {what}" for what, number in said.items()))


def seats_of_hoarder():
    from django.db.models import Sum
    from django.utils import timezone

    from common.http.network_addresses import home_network
    from ticketing.models import BasketLine, OrderLine

    held = BasketLine.objects.filter(basket__address=home_network(HOARDER), expires_at__gt=timezone.now())
    ordered = OrderLine.objects.filter(order__accepted_from=HOARDER)
    return sum(rows.aggregate(found=Sum("quantity"))["found"] or 0 for rows in (held, ordered))


def add_rubbish(report, said, _hit):
    report.note("the vandal sent " + ", ".join(f"{number} {kind}" for kind, number in said.items()))


if __name__ == "__main__":
    main()
