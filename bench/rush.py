"""Buyers of a free ticket, many at a time, over HTTP as a browser without JavaScript does it."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.browser import Browser, home_of
from bench.proofs import answer_captcha

AT_A_TIME = 32
BOUGHT, REFUSED, TROUBLE = "bought", "refused", "in trouble"


@dataclass
class Purchase:
    outcome: str
    seconds: float
    requests: int
    detail: str = ""
    ended: float = 0.0
    proofs: int = 0


@dataclass
class Rush:
    """What became of all buyers, and how long the whole took."""

    purchases: list = field(default_factory=list)
    seconds: float = 0
    began: float = 0

    @property
    def outcomes(self):
        return Counter(purchase.outcome for purchase in self.purchases)

    def of(self, outcome):
        return [purchase for purchase in self.purchases if purchase.outcome == outcome]


def run(port, page, buyers, *, at_a_time=AT_A_TIME, from_everywhere=False):
    """`buyers` numbers, each somebody new; `page` is the path of the event page. All come from one address, or each
    from a network of their own."""
    began = time.monotonic()

    def buy(number):
        """Event page, hold, checkout, order, order page: five requests."""
        with Browser(port, source=home_of(number) if from_everywhere else "") as browser:
            return buy_with(browser, page, number)

    with ThreadPoolExecutor(at_a_time) as crowd:
        purchases = list(crowd.map(buy, buyers))
    return Rush(purchases, time.monotonic() - began, began)


def buy_with(browser, page, number):
    began = time.monotonic()
    try:
        outcome, detail = visit(browser, page, number)
    except (OSError, LookupError) as error:
        outcome, detail = TROUBLE, f"{type(error).__name__}: {error}"
    ended = time.monotonic()
    return Purchase(outcome, ended - began, browser.requests, detail, ended, browser.proofs)


def visit(browser, page, number):
    try:
        form = hold(browser, page)
    except LookupError:
        return refused_or_trouble(browser)
    proof = answer_captcha(browser.page)
    browser.proofs += bool(proof)
    filled = dict.fromkeys(form.boxes, "on") | proof
    status = browser.submit(form, name=f"Buyer {number}", email=f"buyer{number}@example.je", **filled)
    if status == 200 and "/orders/" in browser.path:
        return BOUGHT, browser.path
    return TROUBLE, f"{status} at {browser.path}"


def hold(browser, page, *, quantity="1"):
    """So many tickets into the basket; the checkout's form."""
    browser.get(page)
    form = browser.form("/hold/")
    quantities = [name.decode() for name in form.fields if name.startswith(b"qty-")]
    if not quantities:
        raise LookupError(f"nothing to choose on {page}")
    browser.submit(form, **{quantities[0]: quantity})
    return browser.form("/checkout/")


def refused_or_trouble(browser):
    sold_out = b"Sold out" in browser.page or b"sold out" in browser.page
    return (REFUSED, "") if sold_out else (TROUBLE, f"{browser.path}: {browser.page[:200]!r}")
