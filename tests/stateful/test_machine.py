"""The promise, whatever happens in whatever order: no paid order without its ticket, no ticket without its payment,
no seat sold twice.

Buyers hold, order, pay, pay twice, walk away and come back; staff refund, here and in SumUp's dashboard; banks charge
back; SumUp misbehaves by name; tokens expire and are taken away; hours pass; workers run or do not. After every step
the stock agrees with its rows and every completed order has its money and its tickets. When at the end SumUp is well
again and a day has passed, every payment that went through belongs to an order that is completed, in front of a person,
or given back by SumUp's own books; our refunds come to the very penny that left SumUp; neither an order nor a refund is
left hanging; and the sweep through SumUp's own list says £0.00 unmatched.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from wagtail.models import ModelLogEntry

from payments.domain.merchants import connection_checks, credentials, status
from payments.domain.reconciliation import runs
from payments.domain.refunds import amounts, execution
from payments.domain.verification import checkout, payment_checks, polling
from payments.enums import MerchantKind, PaymentState, RefundState
from payments.models import (
    Alert,
    Discrepancy,
    MerchantAccount,
    Movement,
    Observation,
    Payment,
    ReconciliationRun,
    Refund,
    WorkerCycle,
)
from payments.provider import ProviderError
from payments.signals import payment_changed
from payments.sumup import client
from tests.factories import make_event, make_sale, make_type
from tests.payments.factories import make_connected, make_grant
from tests.promise import unmatched
from tests.simulator import SimulatorRefusal
from tests.stories import ANA
from ticketing import receivers
from ticketing.domain.errors import TicketingError
from ticketing.domain.orders import fulfilment, placement, refunds
from ticketing.domain.orders.decision import ENDED_UNPAID
from ticketing.domain.stock import allocation, basket_contents, holds
from ticketing.enums import OrderState, TicketState
from ticketing.models import (
    Basket,
    BasketLine,
    Delivery,
    EventSale,
    Order,
    OrderLine,
    OrderRefund,
    Ticket,
    TicketType,
)

FAULTS = [
    "too_many_requests",
    "server_error",
    "drop",
    "html_error",
    "token_revoked",
    "forbidden",
    "duplicate_reference",
    "lost_answer",
    "bad_json",
    "empty_body",
    "wrong_amount",
    "wrong_currency",
    "wrong_merchant",
    "wrong_reference",
    "two_successes",
    "paid_after_looks",
    "paid_after_seconds",
    "refund_fails",
    "refund_pending",
    "refund_refused",
    "transactions_404",
    "invalid_grant",
]
ROWS = (
    Discrepancy,
    Movement,
    ReconciliationRun,
    OrderRefund,
    Refund,
    Alert,
    WorkerCycle,
    Ticket,
    Delivery,
    OrderLine,
    Order,
    BasketLine,
    Basket,
    Observation,
    Payment,
    TicketType,
    EventSale,
    ModelLogEntry,
)
BASKET_ACTS = {"extend": holds.extend_holds, "release": holds.empty_basket, "rehold": holds.renew_ended_holds}
NUMBERS = st.tuples(*[st.sampled_from([0, 1, 1, 2, 3])] * 3)
some = st.integers(0, 7)
EXAMPLES = settings.default.max_examples * 3 // 4
"""Each is a whole story: fewer of them than of what is decided without a database."""


class Shop(RuleBasedStateMachine):
    simulator = clock = page = None

    @initialize(nudged=st.booleans(), connected=st.booleans(), capacity=st.integers(3, 12))
    def open(self, nudged, connected, capacity):
        for model in ROWS:
            model.objects.all().delete()
        MerchantAccount.objects.filter(kind=MerchantKind.OAUTH).delete()
        self.simulator.reset()
        self.simulator.fault("drop_callbacks", times=None)
        payment_changed.disconnect(dispatch_uid="ticketing.settle")
        if nudged:
            payment_changed.connect(receivers.settle_order_on_payment, dispatch_uid="ticketing.settle")
        start, self.began = timezone.now() + timedelta(days=60), timezone.localdate()
        merchant = make_connected(self.simulator) if connected else None
        self.sale = make_sale(self.page, capacity=capacity, starts_at=start, merchant=merchant)
        self.types = [
            make_type(self.sale, name="Adult", price="12.00"),
            make_type(self.sale, name="Child", price="6.50", limit=3),
            make_type(self.sale, name="Carer", price="0.00"),
        ]
        for numbers in ((1, 0, 0), (1, 1, 1)):
            self.order(self.hold_in(None, numbers), start=True)

    # Buyers. Few rules that each do many things: Hypothesis leaves some rules out of every run.

    @rule(numbers=NUMBERS, which=some, fresh=st.booleans())
    def hold(self, numbers, which, fresh):
        self.hold_in(None if fresh else self.pick(Basket, which), numbers)

    @rule(numbers=NUMBERS, act=st.sampled_from(["order", "open", "pay", "decline"]))
    def shop(self, numbers, act):
        self.buy(numbers, act)

    def buy(self, numbers, act):
        basket = self.hold_in(None, numbers)
        order = basket and self.order(basket, start=act != "order")
        if order and act in {"pay", "decline"}:
            self.use_a_card(order, act)
        return order

    @precondition(lambda self: Basket.objects.exists())
    @rule(which=some, act=st.sampled_from(["order", "order and pay", *BASKET_ACTS]))
    def go_on_with_basket(self, which, act):
        basket = self.pick(Basket, which)
        if act.startswith("order"):
            self.order(basket, start=act.endswith("pay"))
        else:
            with suppress(TicketingError):
                BASKET_ACTS[act](basket)

    @precondition(lambda self: Order.objects.exists())
    @rule(which=some, act=st.sampled_from(["open", "pay", "pay", "pay late", "pay twice", "decline", "cancel"]))
    def go_on_with_order(self, which, act):
        order = self.pick(Order, which)
        if act == "open":
            self.start(order)
        elif act == "pay twice":
            self.pay_on_two_pages(order)
        elif act == "cancel":
            with suppress(TicketingError):
                placement.cancel_order(order)
        else:
            self.start(order)
            self.use_a_card(order, act)

    @precondition(lambda self: Order.objects.exists())
    @rule(
        which=some,
        act=st.sampled_from(["whole", "tickets", "amount", "dashboard", "charge back"]),
        part=st.sampled_from([None, Decimal("6.50"), Decimal("1.00")]),
        seats_back=st.booleans(),
    )
    def give_money_back(self, which, act, part, seats_back):
        payment = self.pick(Payment.objects.filter(state=PaymentState.PAID), which) or self.sell()
        if payment is None:
            return
        order = Order.objects.get(reference=payment.subject)
        if act in {"dashboard", "charge back"}:
            elsewhere = self.simulator.refund if act == "dashboard" else self.simulator.chargeback
            with suppress(SimulatorRefusal):
                elsewhere(payment.reference, **({"amount": float(part)} if part else {}))
            return
        live = Ticket.objects.filter(line__order=order, state=TicketState.VALID)
        what = {"tickets": {"tickets": list(live[:1])}, "amount": {"amount": part or order.total}}.get(act, {})
        with suppress(TicketingError):
            refunds.request_order_refund(order, by=None, reason="The singer is ill", seats_back=seats_back, **what)

    # The world

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def misbehave(self, fault, times):
        self.simulator.fault(fault, times=times)

    @precondition(lambda self: self.sale.merchant_id)
    @rule(act=st.sampled_from(["expire", "take away", "connect again"]))
    def lose_tokens(self, act):
        if act == "expire":
            self.simulator.expire_tokens()
        elif act == "take away":
            self.simulator.revoke(self.sale.merchant.merchant_code)
        else:
            self.connect_again()

    @rule(minutes=st.sampled_from([1, 5, 16, 45]))
    def wait(self, minutes):
        self.clock.shift(timedelta(minutes=minutes))

    # The workers

    @rule(which=some, act=st.sampled_from(["verify", "poll", "poll", "sweep", "sweep", "reclaim", "refund", "walk"]))
    def work(self, which, act):
        if act == "verify" and (payment := self.pick(Payment, which)):
            payment_checks.verify_payment(payment.pk, min_gap=timedelta())
        elif act == "refund":
            execution.execute_due_refunds()
        elif act == "walk":
            runs.reconcile_hourly()
        elif act == "poll":
            polling.run_cycle(until=timezone.now() + timedelta(seconds=10))
        elif act == "sweep":
            fulfilment.settle_due_orders()
        elif act == "reclaim":
            allocation.reclaim_expired_holds()

    # What always holds

    @invariant()
    def no_seat_is_sold_twice(self):
        assert allocation.audit_counters() == []
        self.sale.refresh_from_db()
        assert self.sale.allocated <= self.sale.capacity

    @invariant()
    def tickets_and_money_and_seats_go_together(self):
        paid = set(Payment.objects.filter(state=PaymentState.PAID).values_list("subject", flat=True))
        tickets = Counter(Ticket.objects.values_list("line__order_id", flat=True))
        void = Ticket.objects.filter(state=TicketState.VOID)
        void = Counter(void.values_list("line__order_id", flat=True))
        for order in Order.objects.prefetch_related("lines"):
            seats = sum(line.quantity for line in order.lines.all())
            taken = sum(line.allocated for line in order.lines.all())
            if order.state == OrderState.COMPLETED:
                assert order.is_free or order.reference in paid
                assert tickets[order.pk] == seats
                assert seats - void[order.pk] <= taken <= seats
            elif order.completed_at is None:
                assert tickets[order.pk] == 0
            if order.state in ENDED_UNPAID:
                assert taken == 0
            if order.state == OrderState.REFUNDED:
                assert tickets[order.pk] == void[order.pk]

    def teardown(self):
        self.simulator.clear_faults()
        for hours in (1, 6, 12, 30, 1):
            self.clock.shift(timedelta(hours=hours))
            self.connect_again()
            polling.run_cycle(until=timezone.now() + timedelta(seconds=10))
            runs.reconcile_nightly()
            fulfilment.settle_due_orders()
            execution.execute_due_refunds()
            fulfilment.settle_due_orders()
        self.no_seat_is_sold_twice()
        self.tickets_and_money_and_seats_go_together()
        self.no_order_is_left_hanging()
        self.no_money_is_lost()
        self.nothing_is_unmatched()

    def nothing_is_unmatched(self):
        assert unmatched([self.began + timedelta(days=number) for number in range(5)]) == (0, [])

    def connect_again(self):
        """By its owner, who comes back another time when SumUp misbehaves just then."""
        for merchant in MerchantAccount.objects.filter(kind=MerchantKind.OAUTH):
            if not connection_checks.check_connection(merchant):
                with suppress(ProviderError, SimulatorRefusal):
                    status.mark_connected(merchant, **credentials.build_token_columns(make_grant(self.simulator)))

    def no_order_is_left_hanging(self):
        assert not Order.objects.filter(state=OrderState.PENDING_VERIFICATION).exists()
        done = [RefundState.PROVED, RefundState.FAILED]
        assert not Refund.objects.exclude(state__in=done).exists()
        assert not OrderRefund.objects.filter(applied_at=None, refund__state=RefundState.PROVED).exists()

    def no_money_is_lost(self):
        gone = self.went_back()
        for reference in self.successes():
            payment = Payment.objects.get(reference=reference)
            order = Order.objects.get(reference=payment.subject)
            proved = payment.refunds.filter(state=RefundState.PROVED).values_list("amount", flat=True)
            assert sum(proved) == gone[payment.transaction_id]
            if order.state == OrderState.REFUNDED:
                assert amounts.unrefunded_amounts([payment]) == {payment.pk: 0}
            else:
                assert order.state in {OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW}

    def went_back(self):
        """{transaction id: pounds} by SumUp's own books."""
        return {
            each["id"]: sum(
                Decimal(str(event["amount"]))
                for event in each["transaction_events"]
                if event["event_type"] != "PAYOUT" and event["status"] != "FAILED"
            )
            for each in self.simulator.state()["transactions"]
        }

    def sell(self):
        """The payment of an order that somebody has just paid, if SumUp lets them."""
        order = self.buy((1, 0, 1), "pay")
        for payment in Payment.objects.filter(subject=order.reference if order else ""):
            payment_checks.verify_payment(payment.pk, min_gap=timedelta())
        fulfilment.settle_due_orders()
        return Payment.objects.filter(state=PaymentState.PAID).first()

    def pay_on_two_pages(self, order):
        """An old page was still open when the new one was paid: whatever we do, SumUp takes both."""
        first = Payment.objects.filter(subject=order.reference).first()
        if first is None or order.state in ENDED_UNPAID:
            return
        self.start(order)
        with suppress(checkout.NotStarted):
            checkout.start_payment(
                checkout.prepare_payment(
                    subject=order.reference,
                    amount=order.total,
                    merchant=first.merchant,
                    description=first.description,
                    redirect_url=first.redirect_url,
                    deadline=order.deadline,
                )
            )
        self.use_a_card(order, "pay late")

    def successes(self):
        return [
            each["checkout_reference"]
            for each in self.simulator.state()["checkouts"]
            if any(transaction["status"] == "SUCCESSFUL" for transaction in each["transactions"])
        ]

    def hold_in(self, basket, numbers):
        wanted = {one.pk: number for one, number in zip(self.types, numbers, strict=True)}
        with suppress(TicketingError):
            return holds.hold_seats(basket, sale=self.sale, quantities=wanted)

    def order(self, basket, start):
        with suppress(TicketingError):
            order = placement.place_order(
                basket, merchant_group_key=basket_contents.merchant_group_key(self.sale), **ANA
            )
            if start:
                self.start(order)
            return order

    def use_a_card(self, order, act):
        """On whichever page of the order is open; `late`: the bank takes its time until the page is dead."""
        for payment in Payment.objects.filter(subject=order.reference):
            with suppress(SimulatorRefusal):
                getattr(self.simulator, act.split()[0])(payment.reference, force=act.endswith("late"))

    def start(self, order):
        with suppress(checkout.NotStarted):
            placement.start_or_resume_payment(order)

    def pick(self, rows, which):
        rows = list(getattr(rows, "objects", rows).order_by("pk"))
        return rows[which % len(rows)] if rows else None


@pytest.fixture
def shop(transactional_db, simulator, monkeypatch, settings):
    settings.SUMUP_MAX_REQUESTS_PER_SECOND = 1000
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(credentials, "REFRESH_PATIENCE", 0.1)
    page = make_event()
    with time_machine.travel(timezone.now()) as clock:
        yield type("OurShop", (Shop,), {"simulator": simulator, "clock": clock, "page": page})
    payment_changed.connect(receivers.settle_order_on_payment, dispatch_uid="ticketing.settle")


def test_the_promise_holds(shop):
    run_state_machine_as_test(
        shop,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
