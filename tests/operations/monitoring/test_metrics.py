"""What Prometheus reads."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from operations import tasks
from operations.enums import TaskOutcome
from operations.monitoring import metrics
from payments.domain.monitoring import alerts, health
from payments.enums import CycleKind, PaymentState
from tests import factories
from tests.operations.factories import make_beat, make_run, selects
from tests.payments.factories import change, make_payment
from ticketing.enums import CheckInResult, DeliveryKind, OrderState
from ticketing.models import CheckIn, Delivery

pytestmark = pytest.mark.django_db

TOKEN = "let-me-in-said-the-fox"


@pytest.fixture
def scrape(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def scrape(*, counted=True):
        """{(name, label=value, …): number}, the worker having counted just now."""
        if counted:
            tasks.count_figures.call_local()
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    return scrape


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", TOKEN, "Basic " + TOKEN, "Bearer ü"])
def test_only_the_token_opens_it(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"authorization": given})
    assert (answer.status_code, answer.content) == (401, b"")


def test_without_a_token_there_is_no_such_address(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_it_works(scrape):
    now = timezone.now()
    order = factories.make_order()
    factories.make_order(state=OrderState.FAILED)
    ticket = order.lines.get().tickets.first()
    CheckIn.objects.create(ticket=ticket, performance=ticket.sale.performance, result=CheckInResult.ACCEPTED)
    minutes = timedelta(minutes=5)
    Delivery.objects.create(order=order, kind=DeliveryKind.TICKETS, requested_at=now - minutes, next_attempt_at=now)
    alerts.raise_alert("x:1", "Look here")
    change(make_payment(), next_check_at=now - minutes)
    change(make_payment(), state=PaymentState.PAID, paid_at=now, transacted_at=now - timedelta(seconds=7))
    wish = factories.make_wish(order.lines.get().ticket_type, quantity=3)
    type(wish).objects.update(expires_at=now + minutes)
    health.record_cycle(CycleKind.WATCH, started_at=now, calls=5, errors=2)
    make_beat(ago=timedelta(seconds=30))
    found = scrape()
    assert found["jersey_database_answers",] == 1
    assert found["jersey_orders", "state=completed"] == 1
    assert found["jersey_orders", "state=failed"] == 1
    assert found["jersey_tickets", "state=valid"] == 2
    assert found["jersey_check_ins_total", "result=accepted"] == 1
    assert (found["jersey_holds",], found["jersey_held_seats",]) == (1, 3)
    assert (found["jersey_payments_due",], round(found["jersey_payments_due_oldest_seconds",], -1)) == (1, 300)
    assert (found["jersey_mails_owed",], round(found["jersey_mails_owed_oldest_seconds",], -1)) == (1, 300)
    assert found["jersey_alerts_owed",] == 1
    assert found["jersey_sumup_calls", "last=hour", "result=answered"] == 3
    assert found["jersey_sumup_calls", "last=day", "result=unanswered"] == 2
    assert 30 <= found["jersey_silence_seconds", "of=worker"] < 40
    within = [found["jersey_verification_seconds_bucket", f"le={limit}"] for limit in ("5.0", "10.0", "+Inf")]
    assert (within, found["jersey_verification_seconds_sum",]) == ([0, 1, 1], 7)


def test_runs_of_tasks_are_counted_even_when_they_share_a_row(scrape):
    make_run("payments.tasks.poll_payments", runs=60, took=timedelta(minutes=5))
    make_run("payments.tasks.poll_payments", runs=30, took=timedelta(minutes=1))
    make_run("payments.tasks.poll_payments", TaskOutcome.FAILED)
    found = scrape()
    done = ("outcome=done", "task=payments.tasks.poll_payments")
    assert found["jersey_task_runs_total", *done] == 90
    assert found["jersey_task_seconds_total", *done] == 360
    assert found["jersey_task_runs_total", "outcome=failed", done[1]] == 1


def test_any_number_of_rows_asks_the_same(scrape):
    asked = []
    for _ in range(3):
        factories.make_order()
        make_payment()
        make_run()
        with CaptureQueriesContext(connection) as queries:
            scrape()
        asked.append(selects(queries))
    assert asked[0] == asked[2] <= 22


def test_what_is_added_up_over_many_rows_is_counted_by_the_worker_alone(scrape):
    """A scrape reads it with its age, and what is due as it is now."""
    factories.make_order()
    found = scrape(counted=False)
    assert ("jersey_orders", "state=completed") not in found
    assert ("jersey_counted_age_seconds",) not in found
    tasks.count_figures.call_local()
    factories.make_order()
    change(make_payment(), next_check_at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        found = scrape(counted=False)
    assert (found["jersey_orders", "state=completed"], found["jersey_payments_due",]) == (1, 1)
    assert 0 <= found["jersey_counted_age_seconds",] < 60
    assert not [each["sql"] for each in queries if "ticketing_order" in each["sql"]]


def test_nothing_is_counted_where_nobody_may_ask(settings):
    settings.METRICS_TOKEN = ""
    with CaptureQueriesContext(connection) as queries:
        tasks.count_figures.call_local()
    assert len(queries) == 0


def test_a_lost_database_is_a_figure_too(scrape, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(CursorWrapper, "execute", refuse)
    found = scrape(counted=False)
    assert found["jersey_database_answers",] == 0
    assert ("jersey_orders", "state=completed") not in found


def test_requests_are_counted_by_view_and_never_by_address(client, scrape):
    factories.make_home()
    order = factories.make_order()
    counted = ("jersey_requests_total", "method=GET", "status=2xx", "view=ticketing:order")
    before = scrape().get(counted, 0)
    client.get(order.get_absolute_url())
    client.get("/admin/login/")
    client.generic("BREW", "/tickets/basket/")
    found = scrape()
    assert found[counted] == before + 1
    assert found["jersey_request_seconds_count", "view=ticketing:order"] >= 1
    assert "method=BREW" not in str(found)
    assert order.token not in str(found)
    assert [key for key in found if "wagtailadmin" in str(key)] == []


def test_counting_costs_microseconds():
    """The pages from the cache take half a millisecond: 50 µs would be a tenth of it."""
    request, response = RequestFactory().get("/events/"), HttpResponse()
    times = []
    for _ in range(200):
        began = timezone.now()
        metrics.count_request(request, response, 0.01)
        times.append((timezone.now() - began).total_seconds())
    assert sorted(times)[100] < 0.000_05
