import re
import threading
import time
from http.client import RemoteDisconnected

import pytest

from sumup_simulator import faults

from .conftest import checkout_fields


@pytest.fixture
def checkout(client):
    return client.create(checkout_reference="JE-1")


def path(checkout):
    return f"/v0.1/checkouts/{checkout['id']}"


def test_every_fault_is_described():
    described = re.findall(r"^  (\w+) {2,}", faults.__doc__, re.MULTILINE)
    assert set(faults.CATALOGUE) <= set(described)


def test_slow_waits_once(client, checkout):
    client.simulator.fault("slow", seconds=0.3)
    started = time.monotonic()
    client.get(checkout)
    assert time.monotonic() - started >= 0.3
    started = time.monotonic()
    client.get(checkout)
    assert time.monotonic() - started < 0.3


def test_latency_stays_until_removed(client, checkout):
    client.simulator.fault("latency", seconds=0.1)
    started = time.monotonic()
    for _ in range(3):
        client.get(checkout)
    assert time.monotonic() - started >= 0.3
    client.simulator.clear_faults()
    assert client.simulator.faults() == []


@pytest.mark.parametrize(
    ("name", "status"),
    [("429", 429), ("too_many_requests", 429), ("500", 500), ("503", 503), ("token_revoked", 401), ("forbidden", 403)],
)
def test_refusals_hit_one_call(client, checkout, name, status):
    client.simulator.fault(name)
    reply = client.ask("GET", path(checkout))
    assert reply.status == status
    assert "Retry-After" not in reply.headers
    assert client.ask("GET", path(checkout)).status == 200


def test_html_error_comes_from_the_edge(client, checkout):
    client.simulator.fault("html_error")
    reply = client.ask("GET", path(checkout))
    assert (reply.status, reply.headers["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_drop_closes_before_the_effect(client):
    client.simulator.fault("drop", operation="create")
    with pytest.raises(RemoteDisconnected):
        client.create(checkout_reference="JE-2")
    assert client.simulator.checkout("JE-2") is None


def test_lost_answer_closes_after_the_effect(client):
    client.simulator.fault("lost_answer", operation="create")
    with pytest.raises(RemoteDisconnected):
        client.create(checkout_reference="JE-2")
    assert client.simulator.checkout("JE-2")["status"] == "PENDING"


def test_duplicate_reference_is_claimed_though_nothing_is_stored(client):
    client.simulator.fault("duplicate_reference")
    reply = client.ask("POST", "/v0.1/checkouts", checkout_fields(checkout_reference="JE-2"))
    assert (reply.status, reply.data["error_code"]) == (409, "DUPLICATED_CHECKOUT")
    assert client.ask("GET", "/v0.1/checkouts?checkout_reference=JE-2").data == []


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("wrong_amount", "amount", 25.5),
        ("wrong_currency", "currency", "EUR"),
        ("wrong_merchant", "merchant_code", "MOTHER01"),
        ("wrong_reference", "checkout_reference", "JE-1-other"),
    ],
)
def test_wrong_answers(client, checkout, name, field, value):
    client.simulator.fault(name, times=2)
    assert client.get(checkout)[field] == value
    assert client.ask("GET", "/v0.1/checkouts?checkout_reference=JE-1").data[0][field] == value
    assert client.get(checkout)[field] == checkout[field]


def test_bad_json_and_empty_body_keep_the_status(client, checkout):
    client.simulator.fault("bad_json")
    reply = client.ask("GET", path(checkout))
    assert reply.status == 200
    with pytest.raises(ValueError, match="Unterminated|Expecting|delimiter"):
        reply.data  # noqa: B018
    client.simulator.fault("empty_body")
    reply = client.ask("GET", path(checkout))
    assert (reply.status, reply.text) == (200, "")


def test_two_successes_are_really_there(client, checkout):
    client.simulator.fault("two_successes")
    client.simulator.pay("JE-1")
    paid = client.get(checkout)
    assert [each["status"] for each in paid["transactions"]] == ["SUCCESSFUL", "SUCCESSFUL"]
    history = client.ask("GET", "/v2.1/merchants/MDEMO001/transactions/history").data
    assert len(history["items"]) == 2


def test_paid_after_looks_hides_the_payment(client, checkout):
    client.simulator.fault("paid_after_looks", looks=2)
    assert client.simulator.pay("JE-1")["status"] == "PAID"
    seen = [client.get(checkout) for _ in range(3)]
    assert [each["status"] for each in seen] == ["PENDING", "PENDING", "PAID"]
    assert seen[0]["transactions"] == []


def test_a_hidden_payment_already_refuses_deactivation(client, checkout):
    client.simulator.fault("paid_after_looks", looks=2)
    client.simulator.pay("JE-1")
    assert client.ask("DELETE", path(checkout)).status == 409


def test_paid_after_seconds_hides_it_for_a_while(client, checkout):
    client.simulator.fault("paid_after_seconds", seconds=60)
    client.simulator.pay("JE-1")
    assert client.get(checkout)["status"] == "PENDING"
    client.simulator.clock(61)
    assert client.get(checkout)["status"] == "PAID"


def test_transactions_404_only_hits_transactions(client, checkout):
    paid = client.simulator.pay("JE-1")
    client.simulator.fault("transactions_404")
    url = f"/v2.1/merchants/MDEMO001/transactions?id={paid['transaction_id']}"
    assert client.get(checkout)["status"] == "PAID"
    assert [client.ask("GET", url).status for _ in range(2)] == [404, 200]


def test_refund_fails_although_the_answer_is_201(client, checkout):
    paid = client.simulator.pay("JE-1")
    client.simulator.fault("refund_fails")
    url = f"/v1.0/merchants/MDEMO001/payments/{paid['transaction_id']}/refunds"
    assert client.ask("POST", url).status == 201
    found = client.ask("GET", f"/v2.1/merchants/MDEMO001/transactions?id={paid['transaction_id']}").data
    assert [event["status"] for event in found["events"] if event["type"] == "REFUND"] == ["FAILED"]
    assert client.ask("POST", url).status == 201


def test_refusals_scripted_in_a_row_hit_calls_in_a_row(client, checkout):
    client.simulator.fault("server_error")
    client.simulator.fault("too_many_requests", times=2)
    assert [client.ask("GET", path(checkout)).status for _ in range(4)] == [500, 429, 429, 200]


def test_a_fault_may_be_kept_to_one_operation_or_reference(client, checkout):
    other = client.create(checkout_reference="JE-2")
    client.simulator.fault("server_error", operation="delete", times=None)
    client.simulator.fault("server_error", status=503, reference="JE-2", times=None)
    assert client.ask("GET", path(checkout)).status == 200
    assert client.ask("DELETE", path(checkout)).status == 500
    assert client.ask("GET", path(other)).status == 503


def test_probability_throws_the_same_dice_for_the_same_seed(client):
    def run():
        client.simulator.reset(seed=7)
        checkout = client.create()
        client.simulator.fault("server_error", probability=0.5, times=None)
        return [client.ask("GET", path(checkout)).status for _ in range(12)]

    assert run() == run()
    assert set(run()) == {200, 500}


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({"name": "gremlin"}, "There is no fault 'gremlin'"),
        ({"name": ["slow"]}, "There is no fault"),
        ({}, "There is no fault None"),
        ({"name": "slow", "minutes": 3}, "slow takes no minutes"),
        ({"name": "slow", "operation": "dance"}, "slow cannot hit 'dance'"),
        ({"name": "two_successes", "operation": "get"}, "two_successes cannot hit 'get'"),
        ({"name": "slow", "times": 0}, "times"),
        ({"name": "slow", "seconds": "3"}, "seconds"),
        ({"name": "slow", "probability": 2}, "probability"),
    ],
)
def test_a_wrong_script_is_refused_with_a_sentence(client, script, message):
    reply = client.ask("POST", "/_sim/faults", script)
    assert reply.status == 400
    assert message in reply.data["error"]


def test_a_fault_can_be_one_merchant_s(client):
    client.simulator.fault("503", merchant="MDEMO002", times=None)
    mine = checkout_fields(merchant_code="MDEMO002")
    assert client.ask("POST", "/v0.1/checkouts", mine, key="sup_sk_demo2").status == 503
    assert client.ask("GET", "/v0.1/checkouts?checkout_reference=x", key="sup_sk_demo2").status == 503
    assert client.ask("GET", "/v1/merchants/MDEMO002", key="sup_sk_demo2").status == 503
    assert client.create()["status"] == "PENDING"
    assert client.ask("GET", "/v0.1/checkouts", key="nobody's").status == 401


def test_hang_answers_when_it_is_removed(client, checkout):
    fault = client.simulator.fault("hang", operation="get")
    began = time.monotonic()
    threading.Timer(0.4, client.simulator.control, ("DELETE", f"faults/{fault['id']}")).start()
    assert client.get(checkout)["status"] == "PENDING"
    assert 0.35 < time.monotonic() - began < 2


def test_hang_lasts_so_many_seconds_at_most(client, checkout):
    client.simulator.fault("hang", operation="get", seconds=0.3)
    began = time.monotonic()
    client.get(checkout)
    assert 0.3 <= time.monotonic() - began < 1
