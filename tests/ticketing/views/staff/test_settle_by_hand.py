"""SumUp is away for days: an administrator settles orders by hand, and SumUp's own list has the last word."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payments.domain.reconciliation import manual_payments, runs
from payments.domain.verification import payment_checks
from payments.enums import DiscrepancyKind, DiscrepancyState, PaymentState, Severity
from payments.models import Alert, Discrepancy, Payment, Refund
from tests.factories import make_sale, make_type
from tests.payments.factories import change
from tests.payments.people import make_administrator
from tests.stories import make_staff
from tests.ticketing.views.shop import buy
from ticketing.domain.orders import fulfilment
from ticketing.enums import DeliveryKind, OrderState, TicketState
from ticketing.models import Order, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return make_type(make_sale(capacity=4), name="Adult", price="12.50")


@pytest.fixture
def order(kind, simulator):
    """Two tickets for £25.00, on SumUp's page a while ago."""
    return over(buy(Client(), kind, 2))


@pytest.fixture
def alice(client):
    user = make_administrator()
    client.force_login(user)
    return user


def over(order):
    """Its time to pay ended a minute ago, and nobody has looked since."""
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(deadline=past)
    change(payment_of(order), deadline=past, checked_at=None)
    order.refresh_from_db()
    return order


def payment_of(order):
    return Payment.objects.select_related("merchant").get(subject=order.reference)


def look(order):
    """As the worker does: a look at SumUp, and what follows from it."""
    payment = change(payment_of(order), checked_at=None)
    payment_checks.verify_payment(payment.pk)
    fulfilment.settle_due_orders()
    order.refresh_from_db()
    return order


def expire(order):
    look(order)
    assert order.state == OrderState.EXPIRED
    return order


def post(client, order, **data):
    answer = client.post(reverse("order_desk:by-hand", args=[order.pk]), {"reason": "Seen at SumUp."} | data)
    order.refresh_from_db()
    return answer


def settle(client, order, code="TDS4X9K2QM"):
    return post(client, order, verdict="paid", code=code)


def sweep(order):
    runs.reconcile_hourly()
    fulfilment.settle_due_orders()
    order.refresh_from_db()


def valid_tickets(order):
    return Ticket.objects.filter(line__order=order).exclude(state=TicketState.VOID).count()


def taken(kind):
    kind.sale.refresh_from_db()
    return kind.sale.allocated


def unproved():
    return Discrepancy.objects.filter(kind=DiscrepancyKind.BY_HAND, state=DiscrepancyState.OPEN)


def test_it_works(client, alice, order, kind):
    expire(order)
    assert taken(kind) == 0
    assert settle(client, order, " tds4-x9k2 qm ").status_code == 302
    payment = payment_of(order)
    assert (order.state, payment.state) == (OrderState.COMPLETED, PaymentState.BY_HAND)
    assert payment.transaction_code == "TDS4X9K2QM"
    assert (valid_tickets(order), taken(kind)) == (2, 2)
    assert [each.kind for each in order.deliveries.order_by("pk")] == [DeliveryKind.EXPIRY, DeliveryKind.TICKETS]
    page = client.get(reverse("orders:inspect", args=[order.pk])).text
    assert "By hand, not yet proved." in page
    assert "Settled by hand: paid" in page
    assert "TDS4X9K2QM: Seen at SumUp." in page
    health = client.get(reverse("payments_health")).text
    assert "1 payment by hand, not yet proved" in health


def test_the_sweep_says_so_until_sumup_shows_the_payment(client, alice, order, simulator):
    number = int(simulator.sale(1)["transaction_code"].removeprefix("TSIM"))
    settle(client, order, f"TSIM{number + 1:06d}")
    sweep(order)
    [said] = unproved()
    assert "was settled by hand on" in said.sentence
    assert "SumUp’s list does not have it yet. Its payment page was closed unpaid." in said.sentence
    sold = simulator.sale(25)
    sweep(order)
    assert payment_of(order).state == PaymentState.PAID
    assert payment_of(order).transaction_id == sold["id"]
    assert not unproved().exists()
    assert (order.state, valid_tickets(order)) == (OrderState.COMPLETED, 2)
    assert not Discrepancy.objects.filter(transaction_id=sold["id"]).exists()


def test_the_true_payment_is_matched_and_nothing_is_issued_twice(client, alice, order, simulator):
    settle(client, order)
    simulator.pay(payment_of(order).reference, force=True)
    look(order)
    sweep(order)
    payment = payment_of(order)
    assert (payment.state, payment.problem) == (PaymentState.PAID, "")
    assert payment.transaction_code != "TDS4X9K2QM"
    assert (order.state, valid_tickets(order)) == (OrderState.COMPLETED, 2)
    assert not Discrepancy.objects.exists()


def test_what_is_settled_by_hand_cannot_be_paid_again(client, alice, kind, simulator):
    order = buy(Client(), kind, 2)
    settle(client, order)
    assert order.state == OrderState.COMPLETED
    look(order)
    assert simulator.checkout(payment_of(order).reference)["status"] == "EXPIRED"
    assert payment_of(order).state == PaymentState.BY_HAND


@pytest.mark.parametrize("what", ["declined", "other amount"])
def test_a_list_that_contradicts_asks_a_person(client, alice, order, simulator, what):
    if what == "declined":
        simulator.decline(payment_of(order).reference, force=True)
        [tried] = simulator.checkout(payment_of(order).reference)["transactions"]
    else:
        tried = simulator.sale(7)
    expire_or_fail(order)
    settle(client, order, tried["transaction_code"])
    assert order.state == OrderState.COMPLETED
    sweep(order)
    words = {"declined": "FAILED", "other amount": "SumUp took £7.00"}[what]
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert words in order.review_reason
    assert words in unproved().get().sentence
    told = Alert.objects.get(key=f"by-hand:{payment_of(order).pk}:contradicted")
    assert told.severity == Severity.CRITICAL
    sweep(order)
    assert Alert.objects.filter(key__startswith="by-hand:").count() == 1


def expire_or_fail(order):
    look(order)
    assert order.state in (OrderState.EXPIRED, OrderState.FAILED)


def test_what_is_not_proved_within_a_week_is_an_alert(client, alice, order, simulator):
    settle(client, order)
    manual_payments.alert_overdue_manual_payments()
    assert not Alert.objects.filter(key__startswith="by-hand:").exists()
    change(payment_of(order), paid_at=timezone.now() - timedelta(days=7))
    simulator.stop()
    runs.reconcile_hourly()
    simulator.start()
    told = Alert.objects.get(key__startswith="by-hand:")
    assert (told.severity, "A week has passed." in told.text) == (Severity.CRITICAL, True)


def test_a_code_that_belongs_to_another_payment_is_refused(client, alice, order, kind, simulator):
    other = buy(Client(), kind, 1)
    simulator.pay(payment_of(other).reference)
    look(other)
    answer = settle(client, order, payment_of(other).transaction_code)
    assert (answer.status_code, order.state) == (409, OrderState.PENDING_VERIFICATION)
    assert f"belongs to payment {payment_of(other)}" in answer.text
    for code in ("", "DÜ4X9K2QM", "AB1", "<script>"):
        assert settle(client, order, code).status_code == 422
    assert payment_of(order).state != PaymentState.BY_HAND


def test_seats_that_are_gone_leave_it_to_a_person(client, alice, order, kind, settings):
    settings.REFUND_LATE_MONEY = True
    expire(order)
    over(buy(Client(), kind, 4))
    settle(client, order)
    assert (order.state, valid_tickets(order)) == (OrderState.REQUIRES_MANUAL_REVIEW, 0)
    assert not Refund.objects.exists()


def test_after_a_day_without_an_answer_it_waits_in_review_and_is_settled_there(client, alice, order, simulator):
    simulator.fault("server_error", times=1000)
    late = timezone.now() - timedelta(days=1, minutes=1)
    change(payment_of(order), deadline=late)
    look(order)
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    accepted = client.post(reverse("order_desk:accept", args=[order.pk]), {"reason": "He says so."})
    assert accepted.status_code == 409
    settle(client, order)
    assert (order.state, valid_tickets(order)) == (OrderState.COMPLETED, 2)


def test_an_unpaid_order_is_ended_by_hand(client, alice, order, kind):
    assert post(client, order, verdict="unpaid").status_code == 302
    assert (order.state, taken(kind), valid_tickets(order)) == (OrderState.FAILED, 0, 0)
    assert order.deliveries.get().kind == DeliveryKind.FAILURE
    assert "Settled by hand: not paid" in client.get(reverse("orders:inspect", args=[order.pk])).text
    settle(client, order)
    assert (order.state, valid_tickets(order)) == (OrderState.COMPLETED, 2)


def test_nobody_ends_what_may_still_be_paid(client, alice, kind, simulator):
    order = buy(Client(), kind, 2)
    assert post(client, order, verdict="unpaid").status_code == 422
    assert order.state == OrderState.PENDING_VERIFICATION


def test_money_goes_back_only_once_it_is_proved(client, alice, order, simulator, kind):
    settle(client, order)
    address = reverse("order_desk:refund", args=[order.pk])
    whole = {"extent": "whole", "reason": "Ill.", "seats_back": "on", "confirm": "1", "expected": "0.00"}
    refused = client.post(address, whole | {"money_back": "on"})
    assert refused.status_code == 409
    assert "SumUp has not shown its payment yet" in refused.text
    client.post(address, whole)
    order.refresh_from_db()
    assert (order.state, valid_tickets(order), taken(kind)) == (OrderState.REFUNDED, 0, 0)
    look(order)
    assert order.state == OrderState.REFUNDED
    simulator.pay(payment_of(order).reference, force=True)
    change(payment_of(order), closed_at=None)
    look(order)
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert payment_of(order).amount == Decimal("25.00")


def test_administrators_alone_settle_by_hand(client, order):
    client.force_login(make_staff("ana", order.lines.get().sale.page, "refund_order"))
    assert settle(client, order).status_code in (302, 403)
    assert order.state == OrderState.PENDING_VERIFICATION
    assert "Settle by hand" not in client.get(reverse("orders:inspect", args=[order.pk])).text
