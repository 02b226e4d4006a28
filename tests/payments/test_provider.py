"""Any provider will do: one that lives in memory sells tickets and gives money back, without SumUp's client."""

import tokenize
from dataclasses import replace
from datetime import timedelta
from inspect import getmembers, isfunction, signature
from io import StringIO
from pathlib import Path

import pytest
from django.utils import timezone

from payments.domain.merchants import credentials
from payments.domain.reconciliation import runs
from payments.domain.refunds import execution
from payments.domain.verification import checkout, history_watcher, payment_checks
from payments.enums import CheckoutStatus, MovementKind, PaymentState, RefundState, TransactionStatus
from payments.models import Movement, Payment, Refund
from payments.provider import (
    Checkout,
    Conflict,
    Duplicate,
    HistoryItem,
    MerchantProfile,
    MoneyEvent,
    NotFound,
    Provider,
    TooHigh,
    Transaction,
)
from payments.sumup.client import Client
from payments.views import webhooks
from tests.factories import make_sale, make_type
from ticketing.domain.orders import fulfilment, placement, refunds
from ticketing.domain.stock import allocation, holds
from ticketing.enums import OrderState, TicketState
from ticketing.models import Ticket

BUYER = {"name": "Ana Vibert", "email": "ana@example.je", "terms_version": "2026-01", "ip": None}


class MemoryProvider:
    """`pay` is what a buyer does on the provider's page."""

    def __init__(self):
        self.made, self.paid = {}, {}

    def create_checkout(self, *, reference, amount, currency, merchant_code, **_):
        if self.checkouts(reference):
            raise Duplicate("used before", permanent=True)
        made = Checkout(f"c-{reference}", reference, merchant_code, amount, currency, CheckoutStatus.PENDING)
        facts = {"amount": str(amount), "currency": currency, "merchant_code": merchant_code}
        made = replace(made, document={"id": made.id, "checkout_reference": reference, **facts})
        return self.made.setdefault(made.id, replace(made, hosted_url=f"https://memory.example/{made.id}"))

    def checkout(self, checkout_id):
        if checkout_id not in self.made:
            raise NotFound("no such checkout", permanent=True)
        return self.made[checkout_id]

    def checkouts(self, reference):
        return [each for each in self.made.values() if each.reference == reference]

    def deactivate(self, checkout_id):
        if self.checkout(checkout_id).status != CheckoutStatus.PENDING:
            raise Conflict("too late", permanent=True)
        self.made[checkout_id] = replace(self.made[checkout_id], status=CheckoutStatus.EXPIRED)
        return self.made[checkout_id]

    def pay(self, checkout_id):
        of, key = self.checkout(checkout_id), f"t-{checkout_id}"
        paid = Transaction(key, key[-8:], TransactionStatus.SUCCESSFUL, of.amount, of.currency, timezone.now())
        self.paid[key] = paid
        facts = {"status": CheckoutStatus.PAID, "transaction_id": key, "transaction_code": paid.code}
        document = of.document | {"status": facts["status"], "transaction_id": key, "transactions": [{"id": key}]}
        self.made[checkout_id] = replace(of, attempts=(paid,), document=document, **facts)

    def transaction(self, *, merchant_code, transaction_id):
        return self.paid[transaction_id]

    def refund(self, *, merchant_code, transaction_id, amount):
        if amount > (seen := self.paid[transaction_id]).left:
            raise TooHigh("more than is left", permanent=True)
        event = MoneyEvent(f"e-{len(seen.events)}-{transaction_id}", MovementKind.REFUND, "SUCCESSFUL", amount)
        self.paid[transaction_id] = replace(seen, events=(*seen.events, event))

    def merchant(self, merchant_code):
        return MerchantProfile(merchant_code, "Island Arts", "GBP", "JE", sandbox=True)

    def memberships(self):
        return []

    def history(self, *, types=(), **_):
        for each in self.paid.values():
            kind = MovementKind.PAYMENT
            if not types or kind in types:
                facts = {"kind": kind, "status": each.status, "refunded": each.refunded}
                yield HistoryItem(each.id, each.id, each.code, each.amount, each.currency, each.timestamp, **facts)

    def payouts(self, **_):
        return []


@pytest.fixture
def provider(settings, monkeypatch):
    """Handed out where SumUp's client is; at SumUp's address nobody answers."""
    settings.SUMUP_API_URL = "http://127.0.0.1:9"
    provider = MemoryProvider()
    monkeypatch.setattr(credentials, "_cached_client", lambda *_: provider)
    return provider


@pytest.fixture
def order(db):
    adult = make_type(make_sale(capacity=5))
    basket = holds.hold_seats(None, sale=adult.sale, quantities={adult.pk: 2})
    yield placement.place_order(basket, merchant_group_key="site", **BUYER)
    assert allocation.audit_counters() == []


def start(order):
    return checkout.start_payment(Payment.objects.get(subject=order.reference))


def buy(order, provider):
    payment = start(order)
    provider.pay(payment.checkout_id)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    return payment


def states(order):
    return [ticket.state for ticket in Ticket.objects.filter(line__order=order)]


@pytest.mark.django_db(transaction=True)
def test_a_purchase_and_a_refund(provider, order):
    payment = buy(order, provider)
    assert (order.state, states(order)) == (OrderState.COMPLETED, [TicketState.VALID] * 2)

    refunds.request_order_refund(order, reason="The singer is ill", by=None)
    Refund.objects.update(next_attempt_at=timezone.now())
    execution.execute_due_refunds()
    fulfilment.settle_due_orders()

    order.refresh_from_db()
    assert Refund.objects.get(payment=payment).state == RefundState.PROVED
    assert provider.paid[f"t-{payment.checkout_id}"].left == 0
    assert (order.state, states(order)) == (OrderState.REFUNDED, [TicketState.VOID] * 2)


@pytest.mark.django_db(transaction=True)
def test_an_order_that_nobody_pays_is_cancelled(provider, order):
    payment = start(order)

    placement.cancel_order(order)

    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert provider.checkout(payment.checkout_id).status == CheckoutStatus.EXPIRED


@pytest.mark.django_db(transaction=True)
def test_its_history_is_watched_and_reconciled(provider, order):
    payment = start(order)
    provider.pay(payment.checkout_id)
    history_watcher.watch_merchants(until=timezone.now() + timedelta(seconds=1))
    payment.refresh_from_db()
    assert payment.next_check_at < timezone.now() + timedelta(seconds=3)

    assert payment_checks.verify_payment(payment.pk, min_gap=timedelta()).state == PaymentState.PAID
    runs.reconcile_hourly()
    assert Movement.objects.get().payment == payment


def names_of_ours(folder):
    for path in folder.rglob("*.py"):
        if not {"sumup", "simulator", "migrations"} & set(path.relative_to(folder).parts):
            tokens = tokenize.generate_tokens(StringIO(path.read_text(encoding="utf-8")).readline)
            yield from ((path, each.string) for each in tokens if each.type == tokenize.NAME)


def test_above_the_port_no_name_is_sumups():
    """But settings, which operators know, the column `sumup_id`, where clients are handed out, and the addresses that
    SumUp calls."""
    place, called = Path(credentials.__file__), Path(webhooks.__file__)
    found = {
        (str(path), name)
        for path, name in names_of_ours(place.parents[[each.name for each in place.parents].index("payments")])
        if "sumup" in name.lower() and path not in (place, called)
    }
    assert {name for _path, name in found if not name.startswith(("SUMUP_", "sumup_id"))} == set(), found


@pytest.mark.parametrize("name", [name for name, _ in getmembers(Provider, isfunction) if not name.startswith("_")])
def test_sumups_client_keeps_to_the_port(name):
    assert [*signature(getattr(Client, name)).parameters] == [*signature(getattr(Provider, name)).parameters]
    assert hasattr(MemoryProvider, name)
