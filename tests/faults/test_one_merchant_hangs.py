"""One merchant's SumUp answers nobody for a while: its buyers wait and get their tickets, all others notice nothing."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from payments.domain.verification import payment_checks
from payments.enums import PaymentState
from payments.models import Payment
from tests import factories
from tests.buyers import Buyer
from tests.faults.purchases import assert_promise_kept, buyer_of, mails_to, make_sale, pay, sumup_of
from tests.harness import until
from tests.payments.factories import make_connected
from tests.waking import minutes_until, settled
from ticketing.domain.stock import allocation
from ticketing.enums import OrderState
from ticketing.models import Order

SILENT = "MDEMO003"
SECONDS = 20  # that it keeps silent
UNLUCKY = 12  # buyers of the silent merchant, all at once: more than the web has threads
AT_ONCE = 4  # seconds within which each of them sees the page that says so
USUAL = 2.5  # seconds for a step of anybody else, on a machine that runs other tests beside


@pytest.fixture
def silent(stack):
    with sumup_of(stack):
        return make_connected(stack.simulator, person="Ben", code=SILENT)


def sale_of(merchant, title):
    sale = factories.make_sale(factories.make_event(title), capacity=100, merchant=merchant)
    return sale, factories.make_type(sale, price="12.00")


class Unlucky:
    """Buys from the silent merchant and then waits as the page does without a script."""

    def __init__(self, stack, sale, ticket_type, number):
        self.stack, self.sale, self.type = stack, sale, ticket_type
        self.buyer = Buyer(stack.url, email=f"unlucky{number}@example.je")

    def order(self):
        assert self.buyer.hold(self.sale.pk, {self.type.pk: 1}).status == 303
        self.buyer.get("/tickets/checkout/")
        began = time.monotonic()
        answer = self.buyer.check_out()
        self.page = self.buyer.get(answer.location)
        self.waited = time.monotonic() - began
        return self

    def keep_waiting(self, over):
        while not over.wait(2):
            self.buyer.get(f"{self.page.path}status.json")
            assert self.follow() == self.page.path

    def follow(self):
        return self.buyer.get(f"{self.page.path}to-sumup/").location


def test_one_merchant_hangs_and_only_its_buyers_wait(stack, silent):
    quiet = buy_and_look(stack, "Before the silence")
    sale, ticket_type = sale_of(silent, "The silent one")
    stack.simulator.fault("hang", merchant=SILENT)
    over, began = threading.Event(), time.monotonic()
    with ThreadPoolExecutor(2 * UNLUCKY) as crowd:
        ordering = [crowd.submit(Unlucky(stack, sale, ticket_type, number).order) for number in range(UNLUCKY)]
        unlucky = [each.result() for each in ordering]
        waiting = [crowd.submit(each.keep_waiting, over) for each in unlucky]
        try:
            others = [buy_and_look(stack, f"Meanwhile {number}") for number in range(3)]
            over.wait(SECONDS - (time.monotonic() - began))
        finally:
            over.set()
        for each in waiting:
            each.result()
    assert max(each.waited for each in unlucky) < AT_ONCE
    assert all("We could not reach SumUp just now" in each.page.text for each in unlucky)
    assert max(others) < max(USUAL, 1.5 * quiet)
    assert_seats_are_kept(sale)
    stack.simulator.clear_faults()
    for each in unlucky:
        get_tickets(stack, each)
    assert allocation.audit_counters() == []


def assert_seats_are_kept(sale):
    sale.refresh_from_db()
    assert sale.allocated == UNLUCKY
    orders = Order.objects.filter(lines__sale=sale)
    assert set(orders.values_list("state", flat=True)) == {OrderState.PENDING_VERIFICATION}
    payments = Payment.objects.filter(subject__in=orders.values("reference"))
    assert set(payments.values_list("state", flat=True)) == {PaymentState.CREATED}


def buy_and_look(stack, title):
    """Somebody else's whole purchase, tickets and mail; the slowest answer of the web in seconds."""
    sale, ticket_type = make_sale(title)
    buyer, took = buyer_of(stack, sale), []

    def step(ask, *args):
        began = time.monotonic()
        answer = ask(*args)
        took.append(time.monotonic() - began)
        return answer

    step(buyer.get, sale.page.get_url())
    assert step(buyer.hold, sale.pk, {ticket_type.pk: 2}).status == 303
    assert "/pay/" in step(buyer.check_out).location
    order = Order.objects.get(buyer_email=buyer.email)
    pay(stack, order)
    step(buyer.get, order.get_absolute_url())
    until(lambda: settled(order.reference) and mails_to(stack, order), seconds=15, what="tickets and mail")
    assert_promise_kept(stack, sale)
    return max(took)


def get_tickets(stack, unlucky):
    order = Order.objects.get(buyer_email=unlucky.buyer.email)
    until(lambda: "/pay/" in unlucky.follow(), seconds=40, every=1, what="the way to SumUp's page")
    assert payment_checks.list_payments_for(order.reference)[-1].deadline == order.deadline
    pay(stack, order)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert settled(order.reference).state == OrderState.COMPLETED
