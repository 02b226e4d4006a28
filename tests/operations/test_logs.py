"""A request can be followed through the log, and a person cannot."""

import io
import json
import logging

import pytest

from common.logs import log_format
from operations import tasks
from payments.domain.verification import payment_checks
from payments.models import Payment
from tests import factories
from tests.operations.factories import run
from tests.ticketing.views.shop import DETAILS, buy, order_url
from ticketing import mail
from ticketing.domain.orders import fulfilment
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """Everything that is logged meanwhile, by whomever, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_format.JsonLineFormatter())
    loggers = [logging.getLogger(), logging.getLogger("payments"), logging.getLogger("huey")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(handler)
        each.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for each, level in zip(loggers, levels, strict=True):
        each.removeHandler(handler)
        each.setLevel(level)


def test_a_purchase_can_be_followed_and_names_nobody(client, simulator, log):
    order = buy(client, factories.make_type(price="12.50"))
    simulator.pay(Payment.objects.get().reference)
    payment_checks.verify_payment(Payment.objects.get().pk, min_gap=payment_checks.timedelta())
    fulfilment.settle_order(order.reference)
    mail.deliver_owed_mail(Delivery.objects.get().pk)
    client.get(order_url(order))
    client.get("/tickets/orders/none/none/")
    events = {line.get("event") for line in log() if line.get("order") == order.reference}
    assert {"order.placed", "order.state", "delivery.sent"} <= events
    refused = next(line for line in log() if line["message"].startswith("Not Found"))
    assert len(refused["request"]) == 16
    placed = next(line for line in log() if line.get("event") == "order.placed")
    assert len(placed["request"]) == 16
    everything = json.dumps(log())
    for hidden in (*DETAILS["name"].split(), DETAILS["email"], order.token, "Bearer"):
        assert hidden not in everything


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("4f1c2a90-7d", True),
        ("a" * 64, True),
        ("short", False),
        ("a" * 65, False),
        ("drop table;--", False),
        ("line\nbreak-12345", False),
    ],
)
def test_a_request_is_named_as_the_platform_does_if_that_is_sane(client, given, kept):
    answer = client.get("/health/live/", headers={"x-request-id": given})
    assert (answer["X-Request-Id"] == given) == kept
    assert log_format.request_id.get() == ""


def test_a_page_from_the_cache_has_a_name_of_its_own(client):
    factories.make_index()
    first, second = (client.get("/events/") for _ in range(2))
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_what_a_task_logs_tells_the_task(log, monkeypatch):
    logger = logging.getLogger("operations")
    monkeypatch.setattr("operations.worker.task_history.summarise_old_runs", lambda: logger.info("night.fell"))
    task = tasks.forget_old_runs.s()
    run(task)
    [line] = [line for line in log() if line.get("event") == "night.fell"]
    assert line["task"] == task.id
    assert log_format.task_id.get() == ""
