"""A free purchase with limits and captcha on, buyers from as many addresses, against one without them.

In the same run and in turn: nobody is asked for a proof, as on an ordinary evening; everybody is, as while a sale is
busy; and everybody by Turnstile, whose stand-in answers at once.
"""

import os

from bench import rush
from bench.browser import Browser, home_of
from bench.processes import Meter, database_pid
from bench.proofs import turnstile
from bench.report import Report
from bench.world import world

BUYERS = int(os.environ.get("BENCH_BUYERS", 96))
WARM_UP, ROUNDS = 48, 3
WAITING = 70  # hold seats of the busy sale and do nothing: from 60 on, it is one
AIM = 1.15
WITHOUT = "without"
SITES = {
    WITHOUT: {},
    "pow": {"RATE_LIMITS": "true", "CAPTCHA_PROVIDER": "pow"},
    "turnstile": {
        "RATE_LIMITS": "true",
        "CAPTCHA_PROVIDER": "turnstile",
        "CAPTCHA_SITE_KEY": "bench",
        "CAPTCHA_SECRET_KEY": "bench",
    },
}
KINDS = {
    WITHOUT: (WITHOUT, "calm"),
    "limits on, nobody asked for a proof": ("pow", "calm"),
    "limits on, everybody shows work": ("pow", "busy"),
    "limits on, everybody asked by Turnstile": ("turnstile", "busy"),
}
numbers = iter(range(25_000))


def main():
    report = Report("A free purchase with limits and captcha on, each buyer from another network")
    with world() as here, turnstile() as verifier:
        from bench import rows

        pages = {
            "calm": rows.make_free_event(capacity=100_000, title="An Evening"),
            "busy": rows.make_free_event(capacity=100_000),
        }
        stacks = {name: here.stack(BENCH_VERIFY_URL=verifier, **settings) for name, settings in SITES.items()}
        try:
            for stack in stacks.values():
                stack.web.start()
            costs = measure(stacks, pages)
        finally:
            for stack in stacks.values():
                stack.stop()
    for name in KINDS:
        report.add(f"CPU of an order, {name}", costs[name], "ms")
    for name in KINDS:
        if name != WITHOUT:
            report.add(f"{name}, times without", costs[name] / costs[WITHOUT], "x", most=AIM)
    report.note(f"the least of {ROUNDS} rounds of {BUYERS} buyers each, in turn; web and database")
    report.show()


def measure(stacks, pages):
    """{kind: milliseconds of CPU of an order}"""
    found = {name: [] for name in KINDS}
    for buyers in (WARM_UP, *[BUYERS] * ROUNDS):
        for name, (site, page) in KINDS.items():
            if page == "busy":
                wait_in_line(stacks[WITHOUT].port, pages[page])
            cost, proofs = serve(stacks[site], pages[page], buyers)
            if proofs != (buyers if page == "busy" else 0):
                raise AssertionError(f"{proofs} of {buyers} were asked for a proof: {name}")
            found[name].append(cost)
    return {name: min(costs[1:]) for name, costs in found.items()}


def wait_in_line(port, page):
    for _ in range(WAITING):
        with Browser(port, source=home_of(next(numbers))) as browser:
            rush.hold(browser, page)


def serve(stack, page, buyers):
    """Milliseconds of CPU of an order, and how many were asked for a proof."""
    with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
        crowd = rush.run(stack.port, page, [next(numbers) for _ in range(buyers)], from_everywhere=True)
    if crowd.outcomes != {rush.BOUGHT: buyers}:
        raise AssertionError(f"not everybody could buy: {crowd.outcomes}, {crowd.of(rush.TROUBLE)[:1]}")
    spent = (meter.spent["web"] + meter.spent["database"]) / buyers * 1000
    return spent, sum(each.proofs for each in crowd.purchases)


if __name__ == "__main__":
    main()
