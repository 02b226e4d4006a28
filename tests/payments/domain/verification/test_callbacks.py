"""The address SumUp calls: only a token we made costs anything, and then only a look."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payments import tasks
from payments.domain.verification import references
from payments.enums import PaymentState
from tests.payments.factories import change, fresh, make_open_payment, make_payment


@pytest.fixture
def payment(db):
    tasks.verify_payment.huey.flush()
    return make_payment()


def path_of(payment):
    return reverse("payments:callback", args=[references.make_callback_token(payment)])


def queued():
    return [task.args[0] for task in tasks.verify_payment.huey.pending()]


def test_it_works(client, payment):
    response = client.post(path_of(payment), {"event_type": "CHECKOUT_STATUS_CHANGED"}, "application/json")

    assert (response.status_code, response.content) == (204, b"")
    assert queued() == [payment.pk]


def test_many_callbacks_are_one_look(client, payment):
    for _ in range(10):
        assert client.post(path_of(payment)).status_code == 204
    assert queued() == [payment.pk]


def test_the_body_is_not_believed(client, payment):
    client.post(path_of(payment), '{"status": "PAID", "id": "whatever"}', "application/json")
    assert fresh(payment).state == PaymentState.CREATED


@pytest.mark.parametrize("body", ["", "{", "\x00\xff", "x" * 64 * 1024])
def test_any_body_is_fine(client, payment, body):
    assert client.post(path_of(payment), body, "text/plain").status_code == 204


def test_a_huge_body_is_refused(client, payment):
    assert client.post(path_of(payment), "x" * (64 * 1024 + 1), "text/plain").status_code == 413
    assert queued() == []


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
def test_only_post(client, payment, method):
    assert getattr(client, method)(path_of(payment)).status_code == 405


@pytest.mark.parametrize(
    "token",
    ["x", "1", "1-", "-", "0-abc", "9" * 40 + "-abc", "1-" + "0" * 32, "²-abc", "1-ü", "1_000-abc", " 1-abc"],
)
def test_foreign_tokens_are_unknown_and_cost_nothing(client, payment, token):
    assert client.post(reverse("payments:callback", args=[token])).status_code == 404
    assert queued() == []


def test_a_token_of_another_payment_is_unknown(client, payment):
    other = make_payment("JE-OTHER001")
    _, mac = references.make_callback_token(other).split("-")
    assert references.find_payment_by_token(f"{payment.pk}-{mac}") is None
    assert references.find_payment_by_token(references.make_callback_token(other)) == other


def test_token_needs_our_key(payment, settings):
    ours = references.make_callback_token(payment)
    settings.SECRET_KEY = "another"
    assert references.make_callback_token(payment) != ours


def test_address_is_on_our_site(payment):
    expected = f"{settings.SITE_URL}/payments/sumup/callback/{payment.pk}-"
    assert references.build_callback_url(payment).startswith(expected)


def test_guesses_are_slowed_and_true_calls_pass(client, payment):
    guess = reverse("payments:callback", args=["1-guess"])
    with time_machine.travel(timezone.now(), tick=False):  # no minute ends among the guesses
        answers = [client.post(guess).status_code for _ in range(125)]
        assert (answers[0], answers[119], answers[124]) == (404, 404, 429)
        assert client.post(path_of(payment)).status_code == 204


def test_any_number_of_calls_is_one_look_in_two_seconds(client, simulator, db):
    """Also when every one of them finds a worker of its own."""
    payment = make_open_payment()
    tasks.verify_payment.huey.flush()
    change(payment, checked_at=None)
    path, before, began = path_of(payment), looks(simulator), time.monotonic()
    for _ in range(30):
        assert client.post(path).content == b""
        tasks.verify_payment.call_local(payment.pk)
    assert 1 <= looks(simulator) - before <= most_looks_since(began)


def most_looks_since(began):
    return 1 + (time.monotonic() - began) // 2


def looks(simulator):
    return simulator.requests().get("GET /v0.1/checkouts/{checkout_id}", 0)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads share one memory database there")
def test_many_callers_at_once_are_one_look(simulator, transactional_db):
    payment = make_open_payment()
    change(payment, checked_at=None)
    path, before, began = path_of(payment), looks(simulator), time.monotonic()

    def call(_):
        status = Client().post(path).status_code
        tasks.verify_payment.call_local(payment.pk)
        connection.close()
        return status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(call, range(24))) == {204}
    assert 1 <= looks(simulator) - before <= most_looks_since(began)


@pytest.mark.parametrize("fault", [None, "double_callbacks"])
def test_simulator_calls_back_and_a_worker_settles_it(live_server, simulator, settings, fault):
    """SumUp's own call, over real HTTP, then the task it asked for."""
    settings.SITE_URL = live_server.url
    tasks.verify_payment.huey.flush()
    payment = make_open_payment()
    tasks.verify_payment.huey.flush()
    change(payment, checked_at=None)
    if fault:
        simulator.fault(fault)

    simulator.pay(payment.reference)

    assert set(wait_for(queued)) == {payment.pk}
    tasks.verify_payment.call_local(payment.pk)
    assert fresh(payment).state == PaymentState.PAID


def wait_for(find, seconds=5):
    ends = time.monotonic() + seconds
    while not (found := find()) and time.monotonic() < ends:
        time.sleep(0.02)
    return found
