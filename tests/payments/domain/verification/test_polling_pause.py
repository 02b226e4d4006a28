"""Polling paused by an administrator: nothing is looked at, nothing ends, and everybody can see it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from operations.launch.checks.background_work import check_poll_cycle
from operations.launch.facts import Facts
from payments.domain.monitoring.health import record_cycle
from payments.domain.reconciliation import runs
from payments.domain.verification import history_watcher, payment_checks, polling, polling_pause
from payments.enums import CycleKind, PaymentState
from payments.models import Alert, Payment, PollingPause, WorkerCycle
from tests.factories import make_type
from tests.operations.factories import make_beat
from tests.payments.factories import change, make_open_payment
from tests.payments.people import make_administrator
from tests.ticketing.views.shop import buy, order_url
from ticketing.domain.orders import fulfilment
from ticketing.enums import OrderState

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/polling/"


@pytest.fixture(autouse=True)
def _asks_the_database():
    polling_pause.clear_cached_state()
    yield
    polling_pause.clear_cached_state()


@pytest.fixture
def alice(client):
    user = make_administrator()
    client.force_login(user)
    return user


def pause(client, reason="SumUp answers nonsense."):
    return client.post(ADDRESS, {"reason": reason})


def resume(client):
    return client.post(ADDRESS, {"end": "1"})


def cycle():
    return polling.run_cycle(until=timezone.now() + timedelta(seconds=20))


def overdue(order):
    past = timezone.now() - timedelta(minutes=1)
    type(order).objects.filter(pk=order.pk).update(deadline=past)
    return change(Payment.objects.get(subject=order.reference), deadline=past, next_check_at=past, checked_at=None)


def test_it_works(client, alice, simulator):
    """Paid or past their time, orders wait; when it goes on, the first cycle makes up for all of it."""
    kind = make_type(price="12.50")
    paid, unpaid = buy(Client(), kind, 2), buy(Client(), kind, 3)
    simulator.pay(overdue(paid).reference, force=True)
    overdue(unpaid)
    pause(client)
    asked = simulator.requests()
    assert cycle().payments == 0
    assert not history_watcher.watch_merchants(until=timezone.now() + timedelta(seconds=1))
    assert payment_checks.verify_payment(Payment.objects.get(subject=paid.reference).pk) is None
    assert runs.reconcile_hourly() == 0
    fulfilment.settle_due_orders()
    assert simulator.requests() == asked
    for order in (paid, unpaid):
        order.refresh_from_db()
        assert order.state == OrderState.PENDING_VERIFICATION
    kind.sale.refresh_from_db()
    assert kind.sale.allocated == 5
    resume(client)
    assert cycle().payments == 2
    fulfilment.settle_due_orders()
    paid.refresh_from_db()
    unpaid.refresh_from_db()
    assert (paid.state, unpaid.state) == (OrderState.COMPLETED, OrderState.EXPIRED)
    row = PollingPause.objects.get()
    assert (row.by, row.ended_by, row.reason) == (alice, alice, "SumUp answers nonsense.")


def test_a_long_pause_gives_no_payment_up(client, alice, simulator):
    """The day that SumUp has to answer begins when it is asked again."""
    payment = make_open_payment()
    pause(client)
    change(payment, deadline=timezone.now() - timedelta(days=3), next_check_at=timezone.now(), checked_at=None)
    resume(client)
    simulator.fault("server_error", times=100)
    cycle()
    payment.refresh_from_db()
    assert (payment.problem, payment.state) == ("", PaymentState.OPEN)
    assert payment.next_check_at > timezone.now()


def test_a_person_may_still_ask(client, alice, simulator):
    payment = make_open_payment()
    simulator.pay(payment.reference)
    pause(client)
    change(payment, checked_at=None)
    client.post(reverse("payment_records:look", args=[payment.pk]))
    payment.refresh_from_db()
    assert payment.state == PaymentState.PAID


def test_everybody_can_see_it(client, alice, simulator, settings):
    settings.METRICS_TOKEN = "let-me-in-said-the-fox"
    make_beat()
    record_cycle(CycleKind.POLL, started_at=timezone.now())
    buyer = Client()
    order = buy(buyer, make_type(price="12.50"), 2)
    calm = buyer.get(order_url(order)).text
    pause(client)
    assert WorkerCycle.objects.count() == 1
    cycle()
    assert WorkerCycle.objects.count() == 2  # a worker that is told to wait is no dead worker
    health = client.get("/health/")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert health.json()["parts"]["polling"].startswith("paused since ")
    bearer = {"authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert "jersey_polling_paused 1.0" in client.get("/metrics", headers=bearer).text
    assert "Polling is paused: SumUp answers nonsense." in check_poll_cycle(Facts()).words
    for address in (ADDRESS, reverse("payments_health")):
        assert "Polling has been paused since" in client.get(address).text
    shown = buyer.get(order_url(order)).text
    assert "Confirming payments takes longer than usual" in shown
    assert "Confirming payments" not in calm
    assert "nothing expires meanwhile" in shown
    assert buyer.get(order_url(order, "order-status")).json()["view"].endswith("-paused")
    assert "SumUp answers nonsense." not in shown
    with pytest.raises(CommandError, match="Polling is paused: SumUp answers nonsense."):
        call_command("run_payment_polling")
    assert [told.title for told in Alert.objects.filter(key__startswith="polling-paused:")] == [
        "Polling is paused: no payment is looked at"
    ]


def test_one_pause_at_a_time_and_only_with_a_reason(client, alice):
    assert pause(client, " ").status_code == 422
    assert [pause(client).status_code for _ in range(2)] == [302, 302]
    assert PollingPause.objects.count() == 1
    resume(client)
    assert not polling_pause.is_paused()
    assert not polling_pause.end_pause()


def test_administrators_alone_pause_it(client):
    assert pause(client).status_code == 302  # to the sign-in page
    assert not PollingPause.objects.exists()
