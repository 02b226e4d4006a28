"""Refunds and charge backs of SumUp's dashboard: which accounts are watched, and what that costs."""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from payments.domain.verification import payment_checks
from payments.enums import CycleKind, MerchantKind, RefundOrigin, RefundState
from payments.models import Alert, MerchantAccount, Payment, Refund, WorkerCycle
from tests.factories import make_event, make_merchant, make_sale, make_type
from tests.payments.factories import change, make_payment
from tests.ticketing.views.shop import buy
from ticketing import tasks
from ticketing.domain.orders import fulfilment, reconciliation_status
from ticketing.enums import OrderState, TicketState
from ticketing.models import Ticket

pytestmark = pytest.mark.django_db


def bought(simulator, kind, quantity=2):
    order = buy(Client(), kind, quantity)
    payment = change(Payment.objects.get(subject=order.reference), checked_at=None)
    simulator.pay(payment.reference)
    payment_checks.verify_payment(payment.pk)
    fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED
    return order


def reference_of(order):
    return Payment.objects.get(subject=order.reference).reference


def watch():
    tasks.notice_money_back.call_local()
    fulfilment.settle_due_orders()


def questions(simulator):
    """What one round asks SumUp."""
    before = Counter(simulator.requests())
    watch()
    asked = Counter(simulator.requests()) - before
    return {name.rpartition("/")[2]: number for name, number in asked.items()}


def test_it_works(simulator):
    kind = make_type(price="12.50")
    refunded, charged_back, in_part, untouched = (bought(simulator, kind) for _ in range(4))
    simulator.refund(reference_of(refunded))
    simulator.chargeback(reference_of(charged_back))
    simulator.refund(reference_of(in_part), amount=5)
    watch()
    found = Refund.objects.filter(state=RefundState.PROVED).order_by("pk")
    assert {(row.subject, row.origin) for row in found} == {
        (refunded.reference, RefundOrigin.DASHBOARD),
        (charged_back.reference, RefundOrigin.CHARGE_BACK),
        (in_part.reference, RefundOrigin.DASHBOARD),
    }
    for order, state in [
        (refunded, OrderState.REFUNDED),
        (charged_back, OrderState.REFUNDED),
        (in_part, OrderState.COMPLETED),
        (untouched, OrderState.COMPLETED),
    ]:
        order.refresh_from_db()
        assert order.state == state
    assert Ticket.objects.filter(state=TicketState.VOID).count() == 4
    assert Alert.objects.filter(key__startswith="elsewhere:").count() == 3
    watch()
    assert Refund.objects.count() == 3
    assert Alert.objects.filter(key__startswith="elsewhere:").count() == 3


def test_a_quiet_account_costs_one_question_however_much_it_sold(simulator):
    kind = make_type(price="12.50")
    orders = [bought(simulator, kind) for _ in range(3)]
    assert questions(simulator) == {"history": 1}
    simulator.refund(reference_of(orders[0]))
    assert questions(simulator) == {"history": 1, "transactions": 1}
    assert questions(simulator) == {"history": 1}  # what is known is not read again
    assert WorkerCycle.objects.filter(kind=CycleKind.BACK).count() == 3


def test_one_account_that_fails_keeps_nobody_from_another(simulator):
    order = bought(simulator, make_type(price="12.50"))
    other = make_merchant("MDEMO003", "No key here", kind=MerchantKind.OAUTH)
    make_payment("JE-OTHER001", merchant=other)
    make_type(make_sale(merchant=other))
    simulator.refund(reference_of(order))
    watch()
    order.refresh_from_db()
    assert order.state == OrderState.REFUNDED
    assert WorkerCycle.objects.get(kind=CycleKind.BACK).errors == 1


@pytest.mark.parametrize(("days", "is_watched"), [(30, True), (0, True), (-1, True), (-31, True), (-33, False)])
def test_an_account_is_watched_until_a_month_after_its_last_performance(days, is_watched):
    starts_at = timezone.now() + timedelta(days=days)
    merchant = make_merchant()
    make_sale(make_event(starts_at=starts_at), merchant=merchant)
    assert reconciliation_status.list_watched_accounts(timezone.now()) == []  # never paid: nothing can go back
    make_payment(merchant=merchant)
    assert reconciliation_status.list_watched_accounts(timezone.now()) == ([merchant] if is_watched else [])


def test_the_site_s_own_account_is_watched_too(settings):
    make_sale(make_event())
    assert reconciliation_status.list_watched_accounts(timezone.now()) == []
    make_payment(merchant=make_merchant())
    assert reconciliation_status.list_watched_accounts(timezone.now()) == list(MerchantAccount.objects.all())
