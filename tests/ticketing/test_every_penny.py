"""The sweep and the orders together: what an accountant reads after a day's sales."""

import pytest
from django.test import Client
from django.utils import timezone

from payments.domain.reconciliation import runs
from payments.domain.verification import payment_checks
from payments.models import MerchantAccount, Payment
from tests.factories import make_type
from tests.ticketing.views.shop import buy
from ticketing.domain.orders import fulfilment

pytestmark = pytest.mark.django_db


def line():
    return runs.describe_run(runs.reconcile_day(MerchantAccount.objects.get(), timezone.localdate()))


def test_every_penny_has_its_order(simulator):
    """One buyer was seen, of the other nobody heard again: the sweep finds the money, the order gets its tickets."""
    adult = make_type(name="Adult", price="12.50")
    orders = [buy(Client(), adult, 2) for _ in range(2)]
    payments = [Payment.objects.get(subject=order.reference) for order in orders]
    Payment.objects.update(checked_at=None)
    for payment in payments:
        simulator.pay(payment.reference)
    payment_checks.verify_payment(payments[0].pk)
    fulfilment.settle_order(orders[0].reference)

    assert line() == "2 payments, 1 order, £0.00 unmatched"
    fulfilment.settle_order(orders[1].reference)
    assert line() == "2 payments, 2 orders, £0.00 unmatched"

    simulator.refund(payments[0].reference, amount=5)
    assert line() == "2 payments, 2 orders, £0.00 unmatched"
