"""Money after the sale: balance, slow and refused refunds, SumUp's own dashboard, charge backs, the counter."""

import datetime as dt
import time
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from sumup_simulator.api.history import history_page
from sumup_simulator.sandbox.cards import GOOD_CARD
from sumup_simulator.sandbox.persistence import Keeper
from sumup_simulator.sandbox.state import Sandbox
from tests.simulator import RunningSimulator, SimulatorRefusal

from .conftest import Client
from .test_transactions import HISTORY, PAYOUTS, refund, transaction

DAY = 86400


@pytest.fixture
def paid(client):
    client.create(checkout_reference="JE-1")
    return client.simulator.pay("JE-1")


def refund_events(client, paid):
    return [
        (each["amount"], each["status"]) for each in transaction(client, paid)["events"] if each["type"] == "REFUND"
    ]


def items(client, **query):
    return client.ask("GET", f"{HISTORY}?{urlencode(query)}").data["items"]


def balance(client):
    return client.simulator.settings()["balance"]["MDEMO001"]


# Balance


def test_a_refund_above_the_balance_is_refused_and_leaves_no_event(client, paid):
    client.simulator.settings(balance={"MDEMO001": 12.5})
    reply = refund(client, paid)
    assert (reply.status, reply.data["errors"]) == (422, [])
    assert "insufficient balance" in reply.data["detail"]
    assert refund_events(client, paid) == []
    assert refund(client, paid, {"amount": 12.5}).status == 201
    assert balance(client) == 0


def test_a_sale_adds_to_the_balance_less_its_fee(client, paid):
    client.simulator.settings(balance={"MDEMO001": 1})
    client.create(checkout_reference="JE-2")
    client.simulator.decline("JE-2")
    assert balance(client) == 1
    client.simulator.pay("JE-2")
    assert balance(client) == 24.89
    assert refund(client, paid).status == 201
    assert balance(client) == 0.39


def test_a_balance_is_without_limit_until_set_and_again_with_null(client, paid):
    assert refund(client, paid, {"amount": 1}).status == 201
    client.simulator.settings(balance={"MDEMO001": 0, "MDEMO002": 3})
    client.simulator.settings(balance={"MDEMO001": None})
    assert client.simulator.settings()["balance"] == {"MDEMO001": None, "MDEMO002": 3}
    assert refund(client, paid).status == 201


def test_too_much_is_told_before_too_little_balance(client, paid):
    client.simulator.settings(balance={"MDEMO001": 0})
    assert refund(client, paid, {"amount": 100}).data["errors"][0]["reason"] == "amount_too_high"


def test_a_failed_refund_costs_no_balance(client, paid):
    client.simulator.settings(balance={"MDEMO001": 30})
    client.simulator.fault("refund_fails")
    refund(client, paid)
    assert balance(client) == 30


# Slow and refused refunds


def test_a_pending_refund_is_done_later_and_only_then_in_the_history(client, paid):
    client.simulator.settings(balance={"MDEMO001": 30})
    client.simulator.fault("refund_pending", seconds=60)
    assert refund(client, paid, {"amount": 20}).status == 201
    assert refund_events(client, paid) == [(20, "PENDING")]
    assert items(client, **{"types[]": "REFUND"}) == []
    assert transaction(client, paid)["links"][0]["max_amount"] == 4.5
    assert refund(client, paid, {"amount": 5}).status == 422
    since = client.simulator.state()["now"]
    client.simulator.clock(61)
    assert [each["refunded_amount"] for each in items(client, changes_since=since)] == [20, 20]
    assert refund_events(client, paid) == [(20, "REFUNDED")]
    assert balance(client) == 10


def test_a_refused_refund_is_a_conflict_and_the_next_one_works(client, paid):
    client.simulator.fault("refund_refused")
    assert refund(client, paid).status == 409
    assert refund_events(client, paid) == []
    assert refund(client, paid).status == 201


def test_a_refund_whose_answer_is_lost_happened(client, paid):
    client.simulator.fault("lost_answer", operation="refund")
    with pytest.raises(ConnectionError):
        refund(client, paid)
    assert refund_events(client, paid) == [(24.5, "REFUNDED")]


# Elsewhere


def test_a_refund_in_the_dashboard_looks_like_any_other(client, paid):
    client.simulator.refund("JE-1", amount=5)
    assert client.simulator.refund(transaction_id=paid["transaction_id"])["links"] == []
    assert refund_events(client, paid) == [(5, "REFUNDED"), (19.5, "REFUNDED")]
    assert [(each["type"], each["amount"]) for each in items(client)] == [
        ("PAYMENT", 24.5),
        ("REFUND", 5),
        ("REFUND", 19.5),
    ]
    with pytest.raises(SimulatorRefusal, match="409: NotRefundable"):
        client.simulator.refund("JE-1")


def test_a_charge_back_shows_in_events_history_and_payouts(client, paid):
    client.simulator.settings(balance={"MDEMO001": 10})
    client.simulator.chargeback("JE-1")
    found = transaction(client, paid)
    assert (found["status"], found["simple_status"], found["links"]) == ("SUCCESSFUL", "CHARGEBACK", [])
    for name, events in (("type", found["events"]), ("event_type", found["transaction_events"])):
        last = events[-1]
        assert (last[name], last["status"], last["amount"]) == ("CHARGE_BACK", "SUCCESSFUL", 24.5)
    (item,) = items(client, **{"statuses[]": "CHARGE_BACK"})
    assert (item["type"], item["transaction_id"]) == ("CHARGE_BACK", paid["transaction_id"])
    assert items(client, **{"types[]": "CHARGE_BACK"}) == [item]
    assert refund(client, paid).status == 409
    assert balance(client) == -14.5
    client.simulator.clock(3 * DAY)
    rows = client.ask("GET", f"{PAYOUTS}?start_date=2020-01-01&end_date=2099-01-01").data
    assert [(row["type"], row["amount"]) for row in rows] == [("PAYOUT", 23.89), ("CHARGE_BACK_DEDUCTION", 24.5)]


def test_a_charge_back_may_hit_what_was_already_refunded_but_never_more_than_was_paid(client, paid):
    client.simulator.refund("JE-1")
    with pytest.raises(SimulatorRefusal, match="409"):
        client.simulator.chargeback("JE-1")
    client.simulator.chargeback("JE-1", amount=24.5)
    with pytest.raises(SimulatorRefusal, match="409"):
        client.simulator.chargeback("JE-1", amount=0.01)


def test_a_sale_at_the_counter_is_in_the_history_and_no_checkout_knows_it(client):
    sold = client.simulator.sale(8, description="Programme")
    (item,) = items(client, **{"payment_types[]": "POS"})
    assert (item["transaction_id"], item["amount"], item["product_summary"]) == (sold["id"], 8, "Programme")
    assert items(client, **{"entry_modes[]": "CONTACTLESS"}) == [item]
    assert items(client, **{"payment_types[]": "ECOM"}) == []
    assert client.ask("GET", "/v0.1/checkouts").data == []
    assert refund(client, {"transaction_id": sold["id"]}).status == 201
    assert client.simulator.sale(8, "MDEMO004")["currency"] == "EUR"


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("refund", {"reference": "JE-9"}, 404),
        ("refund", {"transaction_id": "nothing"}, 404),
        ("refund", {"reference": "JE-1", "amount": 100}, 409),
        ("refund", {"reference": "JE-1", "amount": 0}, 400),
        ("chargeback", {"reference": "JE-1", "amount": "all"}, 400),
        ("sale", {"merchant_code": "MNOBODY", "amount": 1}, 404),
        ("sale", {"merchant_code": "MDEMO001"}, 400),
        ("settings", {"balance": 5}, 400),
        ("settings", {"balance": {"MDEMO001": "much"}}, 400),
        ("settings", {"gravity": 0}, 400),
        ("settings", {"payments_scope": "no"}, 400),
        ("settings", {"redirect_uris": "http://testserver/"}, 400),
    ],
)
def test_nonsense_is_refused(client, paid, action, body, status):
    with pytest.raises(SimulatorRefusal) as refusal:
        client.simulator.control("POST", action, body)
    assert refusal.value.status == status


def test_infinity_is_no_amount(client, paid):
    body = '{"reference": "JE-1", "amount": Infinity}'
    assert client.ask("POST", "/_sim/refund", body=body, key=None).status == 400


# History


def test_an_item_has_an_id_of_its_own_and_names_the_sale(client, paid):
    refund(client, paid, {"amount": 5})
    client.simulator.chargeback("JE-1", amount=1)
    found = items(client)
    assert len({each["id"] for each in found}) == 3
    assert {each["transaction_id"] for each in found} == {paid["transaction_id"]}


def test_the_clock_moves_the_days_of_the_history(client):
    client.simulator.sale(1)
    client.simulator.clock(DAY)
    client.simulator.sale(2)
    middle = client.simulator.state()["now"][:10] + "T00:00:00+00:00"
    assert [each["amount"] for each in items(client, newest_time=middle)] == [1]
    assert [each["amount"] for each in items(client, oldest_time=middle)] == [2]


def test_history_can_be_kept_to_users(client, paid):
    assert len(items(client, **{"users[]": "box-office@demo.example"})) == 1
    assert items(client, **{"users[]": "nobody@demo.example"}) == []


def test_a_foreign_anchor_is_no_anchor(client, paid):
    client.simulator.sale(1, "MDEMO002")
    theirs = client.ask("GET", HISTORY.replace("MDEMO001", "MDEMO002"), key="sup_sk_demo2").data
    foreign = theirs["items"][0]["id"]
    assert len(items(client, oldest_ref=foreign)) == 1


def test_asking_for_changes_is_quick_with_twenty_thousand_transactions():
    sandbox = Sandbox()
    for _ in range(20_000):
        sandbox.sell("MDEMO001", Decimal(5), card=GOOD_CARD)
    sandbox.offset = dt.timedelta(hours=1)
    since = sandbox.now().isoformat()
    latest = sandbox.sell("MDEMO001", Decimal(5), card=GOOD_CARD)
    started = time.process_time()
    page, following = history_page(sandbox, sandbox.merchants["MDEMO001"], {"changes_since": [since]})
    assert time.process_time() - started < 0.03
    assert ([entry.transaction_id for entry in page], following) == ([latest.id], None)


def test_a_restart_keeps_balance_charge_backs_and_refunds_on_their_way(tmp_path):
    path = tmp_path / "simulator.json"
    with RunningSimulator() as running:
        running.settings(balance={"MDEMO001": 100, "MDEMO002": None})
        client = Client(running)
        client.create(checkout_reference="JE-1")
        paid = running.pay("JE-1")
        running.chargeback("JE-1", amount=1)
        running.fault("refund_pending", seconds=60)
        refund(client, paid, {"amount": 20})
        before, settings = transaction(client, paid), running.settings()
        Keeper(running.server.application.sandbox, path).save()
    with RunningSimulator() as running:
        Keeper(running.server.application.sandbox, path)
        client = Client(running)
        after = transaction(client, paid)
        assert after["events"] == before["events"]
        assert running.settings() == settings
        running.clock(61)
        assert refund_events(client, paid) == [(20, "REFUNDED")]
        assert running.sale(1)["transaction_code"] != paid["transaction_code"]
