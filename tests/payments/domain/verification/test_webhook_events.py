"""SumUp's signed events: only SumUp's, only fresh, only once, and then only a look."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
import time_machine

from payments import tasks
from payments.enums import PaymentState
from payments.sumup import events
from tests.payments.factories import change, fresh, make_open_payment, make_payment
from tests.receiver import Receiver

ADDRESS = "/payments/sumup/events/"
SECRET = "local-sandbox-secret"
# The test vector of contract notes 4.2, accepted by SumUp's own SDK
T = 1795305600
CHECKOUT = "5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11"
BODY = (
    b'{"id":"evt_0001","type":"checkouts.paid","created_at":"2026-11-22T00:00:00Z","object":{"id":"5f1c2b9e-7d34-4a55-'
    b'9c0e-0d6b8f2a4e11","type":"checkout","url":"https://api.sumup.com/v0.1/checkouts/5f1c2b9e-7d34-4a55-9c0e-'
    b'0d6b8f2a4e11"}}'
)
V1 = "83936d86b2f8bc2f81e17bac71c208a8d5eabac3bb269f33ddee1a03968478e6"
SIGNED = f"t={T},v1={V1}"


@pytest.fixture(autouse=True)
def _secret(settings, db):
    settings.SUMUP_EVENTS_SECRET = SECRET
    tasks.verify_payment.huey.flush()


@pytest.fixture
def clock(monkeypatch):
    def stand_at(seconds):
        monkeypatch.setattr(events.timezone, "now", lambda: datetime.fromtimestamp(seconds, UTC))

    stand_at(T)
    return stand_at


@pytest.fixture
def payment(db):
    return change(make_payment(), checkout_id=CHECKOUT)


def send(client, body=BODY, signature=SIGNED):
    headers = {"X-SumUp-Webhook-Signature": signature} if signature is not None else {}
    return client.post(ADDRESS, body, "application/json", headers=headers)


def signed(document, t=T):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    mac = hmac.new(SECRET.encode(), f"v1:{t}:".encode() + body, hashlib.sha256).hexdigest()
    return {"body": body, "signature": f"t={t},v1={mac}"}


def event(**changes):
    return json.loads(BODY) | changes


def woken():
    return [task.args[0] for task in tasks.verify_payment.huey.pending()]


def test_it_works(client, clock, payment):
    response = send(client)
    assert (response.status_code, response.content) == (204, b"")
    assert woken() == [payment.pk]
    assert fresh(payment).state == PaymentState.CREATED


def test_off_while_no_secret_is_set(client, settings, clock):
    settings.SUMUP_EVENTS_SECRET = ""
    assert send(client).status_code == 404


@pytest.mark.parametrize(("apart", "status"), [(300, 204), (301, 400), (-300, 204), (-301, 400), (86_400, 400)])
def test_five_minutes_inclusive(client, clock, payment, apart, status):
    clock(T + apart)
    assert send(client).status_code == status


@pytest.mark.parametrize("signature", [f"  {SIGNED}\t", f"t={T},v1={V1.upper()}"])
def test_white_space_and_letter_case_do_not_matter(client, clock, payment, signature):
    assert send(client, signature=signature).status_code == 204


@pytest.mark.parametrize(
    "signature",
    [None, "", V1, f"v1={V1},t={T}", f"t={T}, v1={V1}", f"t={T},v1={V1[:-1]}0", f"t={T + 1},v1={V1}", f"t=0{T},v1={V1}",
     f"t=+{T},v1={V1}", f"t={T},v1={V1},v1={V1}", f"t={T},v1=", f"t=,v1={V1}", f"t={2**53},v1={V1}", "t=é,v1=é",
     f"t={'9' * 400},v1={V1}"],
)  # fmt: skip
def test_another_signature_is_refused(client, clock, payment, signature):
    assert send(client, signature=signature).status_code == 400
    assert woken() == []


def test_one_changed_byte_is_refused(client, clock, payment):
    assert send(client, BODY.replace(b"paid", b"Paid")).status_code == 400


def test_another_secret_is_refused(client, clock, payment, settings):
    settings.SUMUP_EVENTS_SECRET = "another"
    assert send(client).status_code == 400


@pytest.mark.parametrize("number", [0, 2**53])
def test_a_time_out_of_range_is_refused_even_signed(client, clock, payment, number):
    assert send(client, **signed(event(), t=number)).status_code == 400


def test_the_same_event_wakes_once(client, clock, payment):
    assert [send(client).status_code for _ in range(3)] == [204] * 3
    assert woken() == [payment.pk]
    tasks.verify_payment.huey.flush()
    change(payment, next_check_at=None)
    send(client, **signed(event(), t=T + 1))
    assert woken() == []
    send(client, **signed(event(id="evt_0002"), t=T + 1))
    assert woken() == [payment.pk]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "members.created", "object": {"id": CHECKOUT, "type": "member", "url": "x"}},
        {"object": {"id": "unknown", "type": "checkout", "url": "x"}},
        {"object": {"id": "", "type": "checkout"}, "expected": 400},
        {"object": {"id": "no\0text", "type": "checkout"}, "expected": 400},
        {"object": {"id": f"half{chr(0xD800)}", "type": "checkout"}, "expected": 400},
        {"type": "checkouts.something_new", "expected": 204, "wakes": True},
    ],
)
def test_only_checkouts_of_ours_wake_anybody(client, clock, payment, changes):
    expected, wakes = changes.pop("expected", 204), changes.pop("wakes", False)
    assert send(client, **signed(event(**changes))).status_code == expected
    assert woken() == ([payment.pk] if wakes else [])


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b"\xff\xfe", b'{"id": 1}', b'"x"', b"[" * 50_000, b'{"object": [1], "id": "x"}'],
)
def test_signed_nonsense_is_refused(client, clock, body):
    assert send(client, **signed(body)).status_code == 400


def test_a_huge_body_is_refused_unread(client, clock):
    assert send(client, **signed(b"x" * (64 * 1024 + 1))).status_code == 413


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_post(client, method):
    assert getattr(client, method)(ADDRESS).status_code == 405


@time_machine.travel(T, tick=False)  # no minute ends among the forgeries
def test_a_flood_of_forgeries_is_slowed_and_good_events_pass(client, payment):
    answers = [send(client, signature="t=1,v1=0").status_code for _ in range(130)]
    assert (answers[0], answers[-1]) == (400, 429)
    assert send(client).status_code == 204


def test_what_the_simulator_sends_is_taken_and_proves_nothing_by_itself(client, simulator):
    """Over the wire and back in: body and header exactly as they left; an old one and a forged one with them."""
    with Receiver() as hook:
        simulator.settings(events_url=hook.url, events_secret=SECRET)
        payment = make_open_payment()
        simulator.pay(payment.reference)
        simulator.event(payment.reference, id="old", timestamp=T - 86_400)
        simulator.event(payment.reference, id="forged", signature=f"t={T},v1={V1}")
        hook.ids(4)
    tasks.verify_payment.huey.flush()
    answers = {
        document["id"]: send(client, body, headers["X-SumUp-Webhook-Signature"]).status_code
        for body, (_, document, headers) in zip(hook.bodies, hook.calls, strict=True)
    }
    assert (answers.pop("old"), answers.pop("forged"), set(answers.values())) == (400, 400, {204})
    assert woken() == [payment.pk]
    assert fresh(payment).state == PaymentState.OPEN
