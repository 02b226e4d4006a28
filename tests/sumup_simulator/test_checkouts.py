import re

import pytest

from .conftest import checkout_fields


def test_create_works(client):
    checkout = client.create(checkout_reference="JE-1", return_url="https://example.org/hook")
    assert checkout["status"] == "PENDING"
    assert checkout["checkout_reference"] == "JE-1"
    assert checkout["transactions"] == []
    assert checkout["hosted_checkout_url"] == f"{client.simulator.url}/pay/c-{checkout['id']}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", checkout["date"])
    assert "transaction_id" not in checkout
    assert "valid_until" not in checkout


def test_create_sends_keys_beyond_the_schema(client):
    assert {"checkout_type", "merchant_sandbox", "merchant_country", "pay_to_email"} <= client.create().keys()


@pytest.mark.parametrize(("asked", "spelled"), [(12, "12"), (12.0, "12"), (10, "10"), (24.5, "24.5")])
def test_create_spells_whole_amounts_without_decimals(client, asked, spelled):
    reply = client.ask("POST", "/v0.1/checkouts", checkout_fields(amount=asked))
    assert f'"amount":{spelled},' in reply.text


def test_create_without_hosted_checkout_has_no_page(client):
    checkout = client.create(hosted_checkout=None)
    assert "hosted_checkout_url" not in checkout
    assert client.open_page(checkout).status == 404


@pytest.mark.parametrize("field", ["checkout_reference", "amount", "currency", "merchant_code"])
def test_create_names_the_missing_field(client, field):
    fields = checkout_fields()
    del fields[field]
    reply = client.ask("POST", "/v0.1/checkouts", fields)
    assert reply.status == 400
    assert reply.data == {"message": "Validation error", "error_code": "MISSING", "param": field}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("checkout_reference", "x" * 65),
        ("checkout_reference", 7),
        ("amount", 0),
        ("amount", -1),
        ("amount", "24.50"),
        ("amount", 1.005),
        ("amount", True),
        ("amount", []),
        ("amount", 1e300),
        ("currency", "GBX"),
        ("currency", "EUR"),
        ("currency", ["GBP"]),
        ("merchant_code", {}),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "http://[broken"),
        ("redirect_url", "/relative"),
        ("hosted_checkout", True),
        ("hosted_checkout", {"enabled": "yes"}),
        ("purpose", "GIFT"),
        ("valid_until", "tomorrow"),
        ("valid_until", "2020-01-01T00:00:00Z"),
        ("valid_until", "2090-01-01T00:00:00"),
    ],
)
def test_create_names_the_wrong_field(client, field, value):
    reply = client.ask("POST", "/v0.1/checkouts", checkout_fields(**{field: value}))
    assert reply.status == 400
    assert reply.data == {"message": "Validation error", "error_code": "INVALID", "param": field}


def test_create_lists_several_errors(client):
    reply = client.ask("POST", "/v0.1/checkouts", {"amount": -1, "merchant_code": "MDEMO001"})
    assert reply.status == 400
    assert {(each["param"], each["error_code"]) for each in reply.data} == {
        ("checkout_reference", "MISSING"),
        ("currency", "MISSING"),
        ("amount", "INVALID"),
    }


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"amount": NaN}', "[" * 100_000])
def test_create_refuses_what_is_no_object(client, body):
    assert client.ask("POST", "/v0.1/checkouts", body=body).status == 400


def test_create_refuses_a_reference_used_before_even_if_dead(client):
    checkout = client.create(checkout_reference="JE-1")
    client.ask("DELETE", f"/v0.1/checkouts/{checkout['id']}")
    reply = client.ask("POST", "/v0.1/checkouts", checkout_fields(checkout_reference="JE-1"))
    assert reply.status == 409
    assert reply.data["error_code"] == "DUPLICATED_CHECKOUT"


def test_create_for_another_merchant_is_forbidden(client):
    reply = client.ask("POST", "/v0.1/checkouts", checkout_fields(merchant_code="MDEMO002"))
    assert reply.status == 403
    assert reply.data == {
        "error_message": "checkout_payments_not_allowed",
        "error_code": "FORBIDDEN",
        "status_code": "403",
    }


@pytest.mark.parametrize("key", [None, "sup_sk_wrong", "sup_pk_demo"])
def test_a_wrong_key_is_unauthorised(client, key):
    reply = client.ask("GET", "/v0.1/checkouts", key=key)
    assert reply.status == 401
    assert reply.data["type"] == "https://developer.sumup.com/problem/unauthorized"
    assert reply.headers["Content-Type"] == "application/json"


def test_list_finds_by_reference_or_answers_empty(client):
    checkout = client.create(checkout_reference="JE-1")
    client.create()
    found = client.ask("GET", "/v0.1/checkouts?checkout_reference=JE-1").data
    assert [each["id"] for each in found] == [checkout["id"]]
    assert client.ask("GET", "/v0.1/checkouts?checkout_reference=JE-2").data == []
    assert len(client.ask("GET", "/v0.1/checkouts").data) == 2


def test_a_merchant_never_sees_the_checkouts_of_another(client):
    checkout = client.create(checkout_reference="JE-1")
    other = {"key": "sup_sk_demo2"}
    assert client.ask("GET", f"/v0.1/checkouts/{checkout['id']}", **other).status == 404
    assert client.ask("DELETE", f"/v0.1/checkouts/{checkout['id']}", **other).status == 404
    assert client.ask("GET", "/v0.1/checkouts?checkout_reference=JE-1", **other).data == []


def test_get_of_an_unknown_checkout_is_not_found(client):
    reply = client.ask("GET", "/v0.1/checkouts/nothing")
    assert reply.status == 404
    assert reply.data["error_code"] == "NOT_FOUND"


def test_a_trailing_slash_is_an_error(client):
    assert client.ask("GET", "/v0.1/checkouts/").status == 404
    assert client.ask("GET", "/v1/merchants/MDEMO001/").status == 404


def test_deactivate_expires_an_open_checkout(client):
    checkout = client.create()
    reply = client.ask("DELETE", f"/v0.1/checkouts/{checkout['id']}")
    assert (reply.status, reply.data["status"]) == (200, "EXPIRED")
    assert "valid_until" in reply.data
    assert client.open_page(checkout).status == 410


def test_deactivate_refuses_a_paid_checkout(client):
    checkout = client.create(checkout_reference="JE-1")
    client.simulator.pay("JE-1")
    reply = client.ask("DELETE", f"/v0.1/checkouts/{checkout['id']}")
    assert reply.status == 409
    assert reply.data["error_code"] == "CHECKOUT_PROCESSED"


def test_failed_then_paid_keeps_both_attempts(client):
    checkout = client.create(checkout_reference="JE-1")
    assert client.simulator.decline("JE-1")["status"] == "FAILED"
    assert "transaction_id" not in client.get(checkout)
    client.simulator.pay("JE-1")
    paid = client.get(checkout)
    assert paid["status"] == "PAID"
    assert [each["status"] for each in paid["transactions"]] == ["FAILED", "SUCCESSFUL"]
    assert paid["transaction_id"] == paid["transactions"][1]["id"]
    assert paid["transaction_code"] == paid["transactions"][1]["transaction_code"]


@pytest.mark.parametrize("amount", [11, 42.01, 42.76, 42.91])
def test_some_amounts_fail_with_every_card(client, amount):
    client.create(checkout_reference="JE-1", amount=amount)
    assert client.simulator.pay("JE-1")["status"] == "FAILED"


def test_valid_until_ends_the_checkout(client):
    checkout = client.create(checkout_reference="JE-1", valid_until="2090-01-01T00:00:00Z")
    client.simulator.clock(100 * 365 * 86400)
    assert client.get(checkout)["status"] == "EXPIRED"


def test_without_valid_until_only_the_page_dies_after_half_an_hour(client):
    checkout = client.create()
    client.simulator.clock(29 * 60)
    assert client.open_page(checkout).status == 200
    client.simulator.clock(31 * 60)
    assert client.open_page(checkout).status == 410
    assert client.get(checkout)["status"] == "PENDING"


def test_update_changes_an_open_checkout(client):
    checkout = client.create(checkout_reference="JE-1")
    path = f"/v0.1/checkouts/{checkout['id']}"
    changed = client.ask("PATCH", path, {"amount": 30, "description": "3 tickets"}).data
    assert (changed["amount"], changed["description"]) == (30, "3 tickets")
    assert client.ask("PATCH", path, {"amount": -1}).status == 400
    client.simulator.pay("JE-1")
    assert client.ask("PATCH", path, {"amount": 40}).status == 409


def test_update_refuses_a_reference_used_before(client):
    client.create(checkout_reference="JE-1")
    second = client.create(checkout_reference="JE-2")
    path = f"/v0.1/checkouts/{second['id']}"
    assert client.ask("PATCH", path, {"checkout_reference": "JE-1"}).status == 409
    client.ask("PATCH", path, {"checkout_reference": "JE-3"})
    assert client.ask("GET", "/v0.1/checkouts?checkout_reference=JE-2").data == []
    assert client.ask("POST", "/v0.1/checkouts", checkout_fields(checkout_reference="JE-2")).status == 409
