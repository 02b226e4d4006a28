import time

import pytest


@pytest.fixture
def checkout(client, receiver):
    return client.create(checkout_reference="JE-1", return_url=receiver.url)


def settle():
    """Long enough for a callback that must not come."""
    time.sleep(0.3)


def test_a_payment_calls_back_with_two_keys_and_no_signature(client, receiver, checkout):
    client.simulator.pay("JE-1")
    receiver.ids(1)
    ((path, body, headers),) = receiver.calls
    assert path == "/hook/token?x=1"
    assert body == {"event_type": "CHECKOUT_STATUS_CHANGED", "id": checkout["id"]}
    assert not [name for name in headers if "signature" in name.lower() or name == "Authorization"]


def test_a_declined_attempt_calls_back_too(client, receiver, checkout):
    client.simulator.decline("JE-1")
    assert receiver.ids(1) == [checkout["id"]]


def test_without_return_url_nobody_is_called(client, receiver):
    client.create(checkout_reference="JE-2")
    client.simulator.pay("JE-2")
    settle()
    assert receiver.calls == []


def test_a_refused_callback_comes_four_times_more(client, receiver, checkout):
    client.simulator.settings(callback_retry_scale=0.00001)
    receiver.statuses = [500, 404, 302, 503, 500]
    client.simulator.pay("JE-1")
    assert receiver.ids(5) == [checkout["id"]] * 5
    settle()
    assert len(receiver.calls) == 5
    log = client.simulator.state()["callbacks"]
    assert [(line["try"], line["outcome"]) for line in log] == [(1, 500), (2, 404), (3, 302), (4, 503), (5, 500)]


def test_the_first_retry_waits_a_minute(client, receiver, checkout):
    receiver.statuses = [500]
    client.simulator.pay("JE-1")
    receiver.ids(1)
    settle()
    assert len(receiver.calls) == 1


def test_a_dead_receiver_does_no_harm(client):
    client.create(checkout_reference="JE-2", return_url="http://127.0.0.1:9/")
    assert client.simulator.pay("JE-2")["status"] == "PAID"
    settle()
    assert client.simulator.state()["callbacks"][0]["outcome"] == "ConnectionRefusedError"


def test_dropped_callbacks_never_come(client, receiver, checkout):
    client.simulator.fault("drop_callbacks")
    client.simulator.pay("JE-1")
    settle()
    assert receiver.calls == []


def test_delayed_callbacks_come_later(client, receiver, checkout):
    client.simulator.fault("delay_callbacks", seconds=0.3)
    started = time.monotonic()
    client.simulator.pay("JE-1")
    receiver.ids(1)
    assert time.monotonic() - started >= 0.3


def test_doubled_callbacks_come_twice(client, receiver, checkout):
    client.simulator.fault("double_callbacks")
    client.simulator.pay("JE-1")
    assert receiver.ids(2) == [checkout["id"]] * 2


def test_reordered_callbacks_are_overtaken(client, receiver, checkout):
    second = client.create(checkout_reference="JE-2", return_url=receiver.url)
    client.simulator.fault("reorder_callbacks")
    client.simulator.pay("JE-1")
    client.simulator.pay("JE-2")
    assert receiver.ids(2) == [second["id"], checkout["id"]]


def test_a_reordered_callback_comes_in_the_end_if_none_overtakes_it(client, receiver, checkout):
    client.simulator.fault("reorder_callbacks", seconds=0.2)
    client.simulator.pay("JE-1")
    assert receiver.ids(1) == [checkout["id"]]


def test_a_callback_may_name_an_id_nobody_knows(client, receiver, checkout):
    client.simulator.callback("JE-1", id="unknown", event_type="SOMETHING_NEW")
    receiver.ids(1)
    assert receiver.calls[0][1] == {"event_type": "SOMETHING_NEW", "id": "unknown"}
