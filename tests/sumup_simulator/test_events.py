"""Signed events: what is sent, how it is signed, how it goes wrong."""

import re
import time

import pytest

from sumup_simulator.notifications.events import sign_event
from sumup_simulator.sandbox.persistence import dump_sandbox, load_sandbox
from sumup_simulator.sandbox.state import Sandbox
from tests.simulator import SimulatorRefusal

SECRET = "whsec_sim"
BODY = (
    b'{"id":"evt_0001","type":"checkouts.paid","created_at":"2026-11-22T00:00:00Z","object":'
    b'{"id":"5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11","type":"checkout",'
    b'"url":"https://api.sumup.com/v0.1/checkouts/5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11"}}'
)


@pytest.fixture(autouse=True)
def _on(client, receiver):
    client.simulator.settings(events_url=receiver.url, events_secret=SECRET)


@pytest.fixture
def checkout(client):
    return client.create(checkout_reference="JE-1")


def types(receiver, number):
    receiver.ids(number)
    return [body["type"] for _, body, _ in receiver.calls]


def signature_of(call):
    match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", call[2]["X-SumUp-Webhook-Signature"])
    return match[1], match[2]


def test_the_signature_of_the_known_example():
    known = "83936d86b2f8bc2f81e17bac71c208a8d5eabac3bb269f33ddee1a03968478e6"
    assert len(BODY) == 232
    assert sign_event("local-sandbox-secret", "1795305600", BODY) == known


def test_created_failed_and_paid_are_told_once_each(client, receiver, checkout):
    client.simulator.decline("JE-1")
    client.simulator.decline("JE-1")
    client.simulator.pay("JE-1")
    assert sorted(types(receiver, 3)) == ["checkouts.created", "checkouts.failed", "checkouts.paid"]
    time.sleep(0.2)
    assert len(receiver.calls) == 3
    _, body, _ = receiver.calls[0]
    url = f"{client.simulator.url}/v0.1/checkouts/{checkout['id']}"
    assert body.keys() == {"id", "type", "created_at", "object"}
    assert body["object"] == {"id": checkout["id"], "type": "checkout", "url": url}


def test_every_event_is_signed_over_its_very_bytes_with_the_time_of_now(client, receiver, checkout):
    client.simulator.clock(7200)
    client.simulator.event("JE-1")
    receiver.ids(2)
    for call, raw in zip(receiver.calls, receiver.bodies, strict=True):
        timestamp, signature = signature_of(call)
        assert abs(int(timestamp) - time.time()) < 5
        assert signature == sign_event(SECRET, timestamp, raw)


def test_callbacks_stay_unsigned_and_come_as_well(client, receiver):
    client.create(checkout_reference="JE-2", return_url=receiver.url)
    client.simulator.pay("JE-2")
    receiver.ids(3)
    (unsigned,) = [call for call in receiver.calls if "X-SumUp-Webhook-Signature" not in call[2]]
    assert unsigned[1]["event_type"] == "CHECKOUT_STATUS_CHANGED"


def test_an_event_may_be_replayed_forged_or_old(client, receiver, checkout):
    first = client.simulator.event("JE-1")
    client.simulator.event("JE-1", id=first["id"], type="checkouts.paid", timestamp=1795305600)
    receiver.ids(3)
    client.simulator.event("JE-1", signature="0" * 64)
    receiver.ids(4)
    old = next(call for call in receiver.calls if call[1]["type"] == "checkouts.paid")
    assert (old[1]["id"], signature_of(old)[0]) == (first["id"], "1795305600")
    assert signature_of(receiver.calls[3])[1] == "0" * 64


@pytest.mark.parametrize(("statuses", "tries"), [([503, 500], [1, 2, 3]), ([400], [1]), ([404], [1])])
def test_an_event_comes_again_after_a_server_error_only(client, receiver, statuses, tries):
    client.simulator.settings(callback_retry_scale=0.00001)
    receiver.statuses = statuses
    client.create(checkout_reference="JE-2")
    receiver.ids(len(tries))
    time.sleep(0.2)
    log = client.simulator.state()["events"]
    assert [line["try"] for line in log] == tries
    assert len({line["id"] for line in log}) == 1


def test_faults_of_callbacks_hit_events_when_told_to(client, receiver):
    client.simulator.fault("double_callbacks")
    client.simulator.fault("double_callbacks", operation="event")
    client.create(checkout_reference="JE-2")
    ids = receiver.ids(2)
    assert ids[0] == ids[1]
    client.simulator.fault("drop_callbacks", operation="event")
    client.simulator.pay("JE-2")
    time.sleep(0.2)
    assert len(receiver.calls) == 2
    assert client.simulator.state()["events"][-1]["outcome"] == "dropped"
    assert [fault["operation"] for fault in client.simulator.faults()] == [None]


def test_nothing_is_sent_without_address_or_secret(client, receiver, checkout):
    receiver.ids(1)
    client.simulator.settings(events_url=None)
    client.simulator.pay("JE-1")
    with pytest.raises(SimulatorRefusal, match="409: Set events_url"):
        client.simulator.event("JE-1")
    time.sleep(0.2)
    assert len(receiver.calls) == 1


def test_the_secret_is_not_shown(client):
    assert client.simulator.settings()["events_secret"] is True
    assert SECRET not in str(client.simulator.state())


def test_a_restart_does_not_tell_twice(client, checkout):
    kept = Sandbox()
    load_sandbox(kept, dump_sandbox(client.simulator.server.application.sandbox))
    assert kept.checkouts[checkout["id"]].announced == ["checkouts.created"]
