"""What staff hear of orders."""

import pytest

from payments.domain import states
from payments.enums import PaymentState, Severity
from payments.models import Alert
from tests import factories
from tests.payments.factories import make_payment
from ticketing import tasks
from ticketing.domain.orders import fulfilment
from ticketing.enums import OrderState

pytestmark = pytest.mark.django_db


def told():
    return list(Alert.objects.order_by("pk").values_list("key", "severity"))


def test_an_order_that_cannot_be_settled_is_a_notice_then_critical(monkeypatch):
    order = factories.make_order(state=OrderState.PENDING_VERIFICATION)
    states.advance(make_payment(order.reference, amount="24.00"), PaymentState.PAID)
    monkeypatch.setattr(fulfilment, "complete_order", lambda *_: 1 / 0)
    for _ in range(3):
        assert fulfilment.settle_due_orders() == 0
    reference = order.reference
    assert told() == [(f"settle:{reference}", Severity.NOTICE), (f"settle-again:{reference}", Severity.CRITICAL)]


def test_money_without_an_order_is_critical():
    payment = make_payment("JE-NOBODY01")
    tasks.settle_order.call_local("JE-NOBODY01")
    assert told() == []
    states.advance(payment, PaymentState.PAID)
    tasks.settle_order.call_local("JE-NOBODY01")
    assert told() == [("no-order:JE-NOBODY01", Severity.CRITICAL)]
    assert "£24.50" in Alert.objects.get().text
