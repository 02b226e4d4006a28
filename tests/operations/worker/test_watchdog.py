"""The web process notices that no worker runs, and says so itself."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as outbox

from operations.worker import watchdog
from payments.domain.monitoring import alerts
from payments.enums import Severity
from payments.models import Alert
from tests import factories
from tests.operations.factories import make_beat

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(watchdog, "_started", watchdog._started - watchdog.GRACE)
    with time_machine.travel("2027-03-13T18:00:00Z", tick=False) as clock:
        yield clock


def test_it_works(clock):
    make_beat(ago=5 * MINUTE)
    alerts.raise_alert("review:1", "Order 1 needs a person", severity=Severity.CRITICAL)
    watchdog.watch_worker()
    assert [message.subject for message in outbox.outbox] == [
        "CRITICAL: Order 1 needs a person",
        "CRITICAL: No worker for 5 minutes",
    ]
    clock.shift(MINUTE)
    watchdog.watch_worker()
    assert len(outbox.outbox) == 2


def test_a_beating_worker_is_nobody_s_concern():
    make_beat(ago=2 * MINUTE)
    watchdog.watch_worker()
    assert not Alert.objects.exists()


def test_a_worker_that_comes_back_is_a_notice(clock):
    make_beat(ago=5 * MINUTE)
    watchdog.watch_worker()
    make_beat()
    for _ in range(2):
        watchdog.watch_worker()
    rows = list(Alert.objects.order_by("pk").values_list("severity", "title"))
    assert rows == [(Severity.CRITICAL, "No worker for 5 minutes"), (Severity.NOTICE, "The worker is back")]


def test_the_next_silence_is_told_again(clock):
    for _ in range(2):
        make_beat(ago=5 * MINUTE)
        watchdog.watch_worker()
        make_beat()
        watchdog.watch_worker()
        clock.shift(60 * MINUTE)
    assert Alert.objects.filter(severity=Severity.CRITICAL).count() == 2


def test_no_worker_ever_is_told_once_the_start_is_over(monkeypatch):
    monkeypatch.setattr(watchdog, "_started", time.monotonic())
    watchdog.watch_worker()
    assert not Alert.objects.exists()
    monkeypatch.setattr(watchdog, "_started", time.monotonic() - watchdog.GRACE)
    watchdog.watch_worker()
    assert Alert.objects.get().title == "No worker has run yet"


@pytest.fixture
def looks(monkeypatch, settings):
    settings.WATCHDOG = True
    monkeypatch.setattr(watchdog, "_next_check", 0)
    seen = []
    monkeypatch.setattr(watchdog, "watch_worker", lambda: seen.append(1))
    monkeypatch.setattr(watchdog.connection, "close", lambda: None)
    return seen


def test_requests_are_the_occasion_to_look_once_a_minute(client, looks):
    for _ in range(3):
        client.get("/health/live/")
    watchdog._next_check = 0
    thread = watchdog.watch_worker_in_background()
    thread.join()
    assert len(looks) == 2
    assert watchdog.watch_worker_in_background() is None


@pytest.mark.django_db(transaction=True)
def test_the_thread_looks_by_itself(monkeypatch):
    """Its own connection: on PostgreSQL it is closed again, and on SQLite in memory it shares the test's."""
    make_beat(ago=5 * MINUTE)
    monkeypatch.setattr(watchdog, "_next_check", 0)
    watchdog.watch_worker_in_background().join()
    assert Alert.objects.get().title == "No worker for 5 minutes"
    assert len(outbox.outbox) == 1


def test_buyers_download_their_tickets_while_no_worker_runs(client):
    make_beat(ago=60 * MINUTE)
    order = factories.make_order()
    answer = client.get(f"{order.get_absolute_url()}tickets.pdf")
    content = answer.getvalue()
    assert (answer.status_code, content[:5]) == (200, b"%PDF-")
