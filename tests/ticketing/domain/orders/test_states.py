"""The order's machine: what may follow what, who wins, and what is written down."""

import pytest
from django.contrib.auth import get_user_model
from wagtail.models import ModelLogEntry

from tests.factories import make_type
from tests.stories import place_order
from ticketing.domain.orders import states
from ticketing.enums import OrderState
from ticketing.models import Order

TO = {
    OrderState.PENDING_VERIFICATION: set(OrderState.values) - {"pending_verification"},
    OrderState.FAILED: {"completed", "requires_manual_review", "refunded"},
    OrderState.EXPIRED: {"completed", "requires_manual_review", "refunded"},
    OrderState.CANCELLED: {"completed", "requires_manual_review", "refunded"},
    OrderState.COMPLETED: {"refunded", "requires_manual_review"},
    OrderState.REQUIRES_MANUAL_REVIEW: {"completed", "cancelled", "failed", "refunded"},
    OrderState.REFUNDED: {"requires_manual_review"},
}


@pytest.fixture
def order(db):
    return place_order(make_type(), quantity=1)


def entries(order):
    return list(ModelLogEntry.objects.for_instance(order).values_list("action", "data", "user_id"))


def test_advance_moves_and_writes_the_audit_entry(order):
    user = get_user_model().objects.create_superuser("lena", password="x")
    assert states.advance(order, OrderState.CANCELLED, reason="asked on the phone", by=user)
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    data = {"from": "pending_verification", "to": "cancelled", "reason": "asked on the phone"}
    assert entries(order) == [("ticketing.order.state", data, user.pk)]
    entry = ModelLogEntry.objects.for_instance(order).get()
    assert str(entry.message) == "Order moved from “pending verification” to “cancelled”"
    assert entry.comment == "asked on the phone"


@pytest.mark.parametrize("before", OrderState)
@pytest.mark.parametrize("to", OrderState)
def test_only_these_moves_exist(order, before, to):
    Order.objects.filter(pk=order.pk).update(state=before)
    order.refresh_from_db()
    moved = states.advance(order, to)
    order.refresh_from_db()
    assert moved == (to in TO[before])
    assert order.state == (to if moved else before)
    assert len(entries(order)) == moved


def test_of_two_callers_one_wins(order):
    other = Order.objects.get(pk=order.pk)
    assert states.advance(order, OrderState.EXPIRED)
    assert not states.advance(other, OrderState.CANCELLED)
    assert other.state == OrderState.PENDING_VERIFICATION
    assert len(entries(order)) == 1
