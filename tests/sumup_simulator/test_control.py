import pytest

from tests.simulator import SimulatorRefusal


def test_pay_works_by_reference_and_by_id(client):
    first, second = client.create(checkout_reference="JE-1"), client.create()
    assert client.simulator.pay("JE-1")["id"] == first["id"]
    assert client.simulator.pay(checkout_id=second["id"], card="5555 4444 3333 1111")["status"] == "PAID"


def test_pay_with_a_challenge_card_approves_it(client):
    client.create(checkout_reference="JE-1")
    assert client.simulator.pay("JE-1", card="4200000000000042")["status"] == "PAID"


def test_pay_with_a_declined_card_fails(client):
    client.create(checkout_reference="JE-1")
    assert client.simulator.pay("JE-1", card="4000000000000002")["status"] == "FAILED"


@pytest.mark.parametrize(
    ("options", "status"), [({"reference": "JE-9"}, 404), ({"checkout_id": "x"}, 404), ({"card": "1"}, 400), ({}, 404)]
)
def test_pay_refuses_what_it_cannot_find(client, options, status):
    with pytest.raises(SimulatorRefusal) as refusal:
        client.simulator.pay(**options)
    assert refusal.value.status == status


def test_pay_refuses_twice_and_too_late(client):
    client.create(checkout_reference="JE-1")
    client.simulator.pay("JE-1")
    with pytest.raises(SimulatorRefusal, match="409: AlreadyProcessed"):
        client.simulator.pay("JE-1")
    client.create(checkout_reference="JE-2")
    client.simulator.clock(31 * 60)
    with pytest.raises(SimulatorRefusal, match="409: SessionOver"):
        client.simulator.pay("JE-2")


def test_forced_money_arrives_after_the_end(client):
    checkout = client.create(checkout_reference="JE-1")
    client.ask("DELETE", f"/v0.1/checkouts/{checkout['id']}")
    assert client.simulator.pay("JE-1", force=True)["status"] == "PAID"
    assert client.get(checkout)["status"] == "PAID"


def test_state_shows_checkouts_transactions_and_requests(client):
    checkout = client.create(checkout_reference="JE-1")
    client.get(checkout)
    client.get(checkout)
    client.simulator.pay("JE-1")
    state = client.simulator.state()
    assert [each["checkout_reference"] for each in state["checkouts"]] == ["JE-1"]
    assert [each["status"] for each in state["transactions"]] == ["SUCCESSFUL"]
    assert state["requests"] == {"POST /v0.1/checkouts": 1, "GET /v0.1/checkouts/{checkout_id}": 2}
    assert state["busiest_second"] >= 1
    assert client.simulator.requests() == state["requests"]


def test_looking_at_the_state_is_not_a_look(client):
    checkout = client.create(checkout_reference="JE-1")
    client.simulator.fault("paid_after_looks", looks=1)
    client.simulator.pay("JE-1")
    assert client.simulator.checkout("JE-1")["status"] == "PAID"
    assert client.get(checkout)["status"] == "PENDING"


def test_reset_forgets_everything(client):
    client.create(checkout_reference="JE-1")
    client.simulator.fault("drop")
    client.simulator.clock(3600)
    client.simulator.reset()
    state = client.simulator.state()
    assert (state["checkouts"], state["faults"], state["requests"]) == ([], [], {})
    client.create(checkout_reference="JE-1")


def test_one_fault_may_be_removed(client):
    first = client.simulator.fault("slow")
    client.simulator.fault("drop")
    client.ask("DELETE", f"/_sim/faults/{first['id']}")
    assert [each["name"] for each in client.simulator.faults()] == ["drop"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/_sim/nothing", None, 404),
        ("GET", "/_sim/pay", None, 404),
        ("POST", "/_sim/clock", "{", 400),
        ("POST", "/_sim/clock", "[1]", 400),
        ("POST", "/_sim/clock", '{"offset_seconds": "soon"}', 400),
        ("POST", "/_sim/clock", "{}", 400),
        ("DELETE", "/_sim/faults/first", None, 400),
    ],
)
def test_nonsense_gets_a_sentence(client, method, path, body, status):
    reply = client.ask(method, path, body=body, key=None)
    assert reply.status == status
    assert reply.data["error"].endswith(".")
