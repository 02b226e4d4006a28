"""The client against the simulator over real HTTP: what works, and every way it goes wrong."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from payments import time_limits
from payments.provider import (
    AlreadyProcessed,
    Busy,
    Duplicate,
    NotAllowed,
    NotFound,
    ProviderError,
    Unauthorised,
    Unreachable,
    Unreadable,
)
from payments.sumup import client as client_module
from payments.sumup.bulkhead import RateLimit
from payments.sumup.client import is_payer_page
from tests.payments.factories import make_client

LIVE = "https://api.sumup.com"
READS = {
    "get": lambda client, checkout: client.checkout(checkout.id),
    "list": lambda client, checkout: client.checkouts(checkout.reference),
}


def create(client, reference="JE-1-ABCDEF", **changes):
    order = {
        "reference": reference,
        "amount": Decimal("24.50"),
        "currency": "GBP",
        "merchant_code": "MDEMO001",
        "description": "2 tickets",
        "valid_until": datetime.now(UTC) + timedelta(minutes=15),
        "redirect_url": "http://testserver/back/",
        "return_url": "http://127.0.0.1:9/callback/",
    }
    return client.create_checkout(**(order | changes))


# What works


def test_it_works(client):
    checkout = create(client)
    assert (checkout.status, checkout.amount, checkout.reference) == ("PENDING", Decimal("24.5"), "JE-1-ABCDEF")
    assert checkout.hosted_url.startswith(client.url)
    assert client.checkout(checkout.id) == checkout
    assert client.checkouts("JE-1-ABCDEF") == [checkout]


def test_list_of_an_unknown_reference_is_empty(client):
    assert client.checkouts("JE-UNKNOWN") == []


def test_deactivated_checkout_is_expired(client):
    assert client.deactivate(create(client).id).status == "EXPIRED"


def test_paid_checkout_names_its_transaction(client, simulator):
    checkout = create(client)
    simulator.decline(checkout.reference)
    simulator.pay(checkout.reference)

    paid = client.checkout(checkout.id)

    assert [attempt.status for attempt in paid.attempts] == ["FAILED", "SUCCESSFUL"]
    found = client.transaction(merchant_code="MDEMO001", transaction_id=paid.transaction_id)
    assert (found.id, found.status, found.amount) == (paid.transaction_id, "SUCCESSFUL", Decimal("24.5"))


@pytest.mark.parametrize("amount", ["0.01", "0.10", "19.99", "24.00", "1234567.89", "99999999.99"])
def test_amounts_arrive_exactly(client, amount):
    assert create(client, amount=Decimal(amount)).amount == Decimal(amount)


@pytest.mark.parametrize("reference", ["JE-1&x=2", "JE-ü", "JE 1/2?#%"])
def test_odd_references_arrive_unchanged(client, reference):
    checkout = create(client, reference)
    assert client.checkouts(reference) == [checkout]


def test_the_amount_is_sent_as_a_number(stub):
    stub.say(400)
    with pytest.raises(ProviderError):
        create(stub.client)
    assert '"amount": 24.5,' in stub.seen[0][3]


# Errors of SumUp


def test_reference_used_before_is_a_duplicate(client):
    create(client)
    with pytest.raises(Duplicate) as caught:
        create(client)
    assert (caught.value.permanent, caught.value.code) == (True, "DUPLICATED_CHECKOUT")


def test_reference_of_a_dead_checkout_is_a_duplicate_too(client):
    client.deactivate(create(client).id)
    with pytest.raises(Duplicate):
        create(client)


def test_paid_checkout_cannot_be_deactivated(client, simulator):
    checkout = create(client)
    simulator.pay(checkout.reference)
    with pytest.raises(AlreadyProcessed):
        client.deactivate(checkout.id)


def test_unknown_checkout_is_not_found(client):
    with pytest.raises(NotFound):
        client.checkout("5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11")


@pytest.mark.parametrize("checkout_id", ["../merchants", "a/b", "x?y=1", "%2e%2e"])
def test_an_id_never_leaves_its_place_in_the_path(stub, checkout_id):
    stub.say(404)
    with pytest.raises(NotFound):
        stub.client.checkout(checkout_id)
    assert stub.seen[0][1].count("/") == 3
    assert "?" not in stub.seen[0][1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"merchant_code": ""}, "merchant_code"),
        ({"reference": "x" * 65}, "checkout_reference"),
        ({"amount": Decimal("-1"), "currency": "XXX"}, "amount"),
    ],
)
def test_invalid_fields_are_named(client, changes, words):
    with pytest.raises(ProviderError) as caught:
        create(client, **changes)
    assert caught.value.permanent
    assert words in str(caught.value)


def test_wrong_key_is_unauthorised(simulator):
    with pytest.raises(Unauthorised):
        create(make_client(url=simulator.url, key="sup_sk_wrong"))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("token_revoked", Unauthorised), ("forbidden", NotAllowed), ("html_error", NotAllowed)],
)
def test_refusals_are_not_tried_again(client, simulator, fault, kind):
    checkout = create(client)
    simulator.fault(fault, operation="get")
    with pytest.raises(kind) as caught:
        client.checkout(checkout.id)
    assert caught.value.permanent
    assert client.checkout(checkout.id)


# Trouble on the way


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("fault", ["429", "500", "503", "drop", "lost_answer", "bad_json", "empty_body"])
def test_reads_survive_two_faults(client, simulator, fault, read):
    checkout = create(client)
    simulator.fault(fault, operation=read, times=2)
    assert READS[read](client, checkout)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("429", Busy), ("503", Busy), ("drop", Unreachable), ("bad_json", Unreadable), ("empty_body", Unreadable)],
)
def test_reads_give_up_after_three_tries(client, simulator, fault, kind):
    checkout = create(client)
    simulator.fault(fault, operation="get", times=4)
    with pytest.raises(kind) as caught:
        client.checkout(checkout.id)
    assert caught.value.permanent is False
    assert simulator.faults()[0]["used"] == 3


@pytest.mark.parametrize("fault", ["429", "500", "503", "drop", "lost_answer", "bad_json", "empty_body"])
@pytest.mark.parametrize("operation", ["create", "delete"])
def test_writes_are_tried_once(client, simulator, fault, operation):
    checkout = create(client)
    simulator.fault(fault, operation=operation, times=2)
    with pytest.raises((Busy, Unreachable, Unreadable)):
        create(client, "JE-2-ABCDEF") if operation == "create" else client.deactivate(checkout.id)
    assert simulator.faults()[0]["used"] == 1


def test_transaction_may_be_unknown_at_first(client, simulator):
    checkout = create(client)
    simulator.pay(checkout.reference)
    paid = client.checkout(checkout.id)
    simulator.fault("transactions_404")
    with pytest.raises(NotFound):
        client.transaction(merchant_code="MDEMO001", transaction_id=paid.transaction_id)
    assert client.transaction(merchant_code="MDEMO001", transaction_id=paid.transaction_id)


def test_slow_answers_time_out(client, simulator, monkeypatch):
    monkeypatch.setattr(time_limits, "CALL_SECONDS", 0.2)
    checkout = create(client)
    simulator.fault("slow", operation="get", seconds=0.6)
    with pytest.raises(Unreachable, match="ReadTimeout"):
        client.checkout(checkout.id)


def test_nobody_listens():
    with pytest.raises(Unreachable):
        create(make_client(url="http://127.0.0.1:1", key="sup_sk_demo"))


def test_no_further_try_when_patience_is_over(client, simulator, monkeypatch):
    monkeypatch.setattr(client_module, "RETRY_SECONDS", -1)
    checkout = create(client)
    simulator.fault("503", operation="get", times=3)
    with pytest.raises(Busy):
        client.checkout(checkout.id)
    assert simulator.faults()[0]["used"] == 1


def test_retry_after_is_honoured(stub):
    stub.say(429, Retry_After="7")
    with pytest.raises(Busy) as caught:
        stub.client.checkout("x")
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("header", ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 40, "²"])
def test_odd_retry_after_is_ignored(stub, header):
    stub.answers.append((429, b"", {"Retry-After": header.encode().decode("latin-1")}))
    with pytest.raises(Busy) as caught:
        stub.client.checkout("x")
    assert caught.value.retry_after is None


def test_redirects_are_not_followed(stub):
    stub.say(302, Location="https://example.com/steal")
    with pytest.raises(Unreadable):
        stub.client.checkout("x")
    assert {path for _, path, _, _ in stub.seen} == {"/v0.1/checkouts/x"}


@pytest.mark.parametrize(
    "body", ["[]", "null", '"PAID"', "{}", '{"id": "x", "amount": NaN}', "[" * 100_000, "9" * 9999]
)
def test_nonsense_with_status_200_is_unreadable(stub, body):
    stub.say(200, body)
    with pytest.raises(Unreadable):
        stub.client.checkout("x")


def test_list_that_is_no_list_is_unreadable(stub):
    stub.say(200, {"items": []})
    with pytest.raises(Unreadable):
        stub.client.checkouts("x")


# Secrets and addresses


def test_no_secret_in_errors_logs_or_repr(stub, caplog):
    caplog.set_level(logging.DEBUG)
    stub.say(401, {"message": "sup_sk_demo_very_secret is not valid", "error_code": "BAD"})
    client = stub.client
    with pytest.raises(Unauthorised) as caught:
        create(client)
    with pytest.raises(Unreachable) as unreachable:
        create(make_client(url="http://127.0.0.1:1", key="sup_sk_demo_very_secret"))
    everything = f"{caught.value!r} {caught.value} {unreachable.value!r} {client!r} {vars(caught.value)} {caplog.text}"
    assert "very_secret" not in everything
    assert unreachable.value.__cause__ is None


def test_a_netrc_of_the_machine_does_not_replace_the_key(stub, tmp_path, monkeypatch):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    stub.say(404)
    with pytest.raises(NotFound):
        stub.client.checkout("x")
    assert stub.seen[0][2]["Authorization"] == "Bearer sup_sk_demo_very_secret"


def test_trailing_slash_is_refused_before_it_is_sent(stub):
    with pytest.raises(ValueError, match="trailing slash"):
        stub.client._call("GET", "/v0.1/checkouts/")
    assert stub.seen == []


@pytest.mark.parametrize(
    ("page", "api", "trusted"),
    [
        ("https://checkout.sumup.com/pay/c-1", LIVE, True),
        ("https://pay.sumup.com/1", LIVE, True),
        ("https://sumup.com/1", LIVE, True),
        ("http://checkout.sumup.com/pay/c-1", LIVE, False),
        ("https://sumup.com.evil.example/pay", LIVE, False),
        ("https://evilsumup.com/pay", LIVE, False),
        ("https://checkout.sumup.com@evil.example/", LIVE, False),
        ("https://user@checkout.sumup.com/", LIVE, False),
        ("javascript:alert(1)", LIVE, False),
        ("//checkout.sumup.com/pay", LIVE, False),
        ("http://127.0.0.1:8091/pay/c-1", LIVE, False),
        ("http://[::1", LIVE, False),
        ("http://127.0.0.1:8091/pay/c-1", "http://127.0.0.1:8091", True),
        ("http://127.0.0.1:9999/pay/c-1", "http://127.0.0.1:8091", True),
        ("http://evil.example/pay/c-1", "http://127.0.0.1:8091", False),
        ("javascript:alert(1)", "http://127.0.0.1:8091", False),
    ],
)
def test_buyers_are_only_sent_to_sumup(page, api, trusted):
    assert is_payer_page(page, api_url=api) is trusted


def test_a_foreign_page_is_dropped_but_the_checkout_is_read(stub):
    document = {
        "id": "c-1",
        "checkout_reference": "JE-1",
        "merchant_code": "MDEMO001",
        "amount": 1,
        "currency": "GBP",
        "status": "PAID",
        "hosted_checkout_url": "https://evil.example/pay",
    }
    stub.say(200, json.dumps(document))
    checkout = stub.client.checkout("c-1")
    assert (checkout.hosted_url, checkout.status) == ("", "PAID")


# Pace


def test_pace_is_shared_by_threads():
    pace, began = RateLimit(200), time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: pace.wait(), range(60)))
    assert time.monotonic() - began >= 59 / 200


def test_no_second_sees_more_calls_than_allowed(simulator):
    client = make_client(url=simulator.url, key=simulator.api_key, pace=RateLimit(40))
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client.checkouts, ["JE-X"] * 40))
    assert time.monotonic() - began >= 39 / 40
