"""What the simulator takes and answers, against SumUp's own OpenAPI document."""

import datetime as dt
import json
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from .conftest import let_in

DOCUMENT = json.loads((Path(__file__).parent / "sumup-openapi.json").read_text())
FORMATS = FormatChecker(formats=())

CHECKOUTS = "/v0.1/checkouts"
CHECKOUT = "/v0.1/checkouts/{checkout_id}"
TRANSACTION = "/v2.1/merchants/{merchant_code}/transactions"
HISTORY = "/v2.1/merchants/{merchant_code}/transactions/history"
REFUNDS = "/v1.0/merchants/{merchant_code}/payments/{transaction_id}/refunds"
PAYOUTS = "/v1.0/merchants/{merchant_code}/payouts"
MERCHANT = "/v1/merchants/{merchant_code}"
MEMBERSHIPS = "/v0.1/memberships"
METHODS = "/v0.1/merchants/{merchant_code}/payment-methods"

# Keys that real answers carry although the document does not know them
BEYOND_THE_SCHEMA = {
    "checkout_type",
    "hosted_checkout",
    "merchant_country",
    "merchant_sandbox",
    "pay_to_email",
    "purpose",
}


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value):
    return dt.datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def is_date(value):
    return bool(dt.date.fromisoformat(value))


@FORMATS.checks("uri", raises=ValueError)
def is_uri(value):
    return bool(urlsplit(value).scheme)


@pytest.fixture
def ask(simulator):
    """Asks, checks the answer against the document, and gives it back."""

    def asking(method, path, *, status, data=None, query="", key="sup_sk_demo", **names):
        names = {"merchant_code": "MDEMO001"} | names
        reply, content_type, body = send(simulator, method, path.format(**names) + query, data, key)
        assert reply == status, body
        if status < 400:
            check_request(method, path, query, data)
        check(method, path, status, content_type, body)
        return body

    return asking


def send(simulator, method, path, data, key):
    connection = HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    headers = {"Authorization": f"Bearer {key}"}
    try:
        connection.request(method, path, json.dumps(data) if data is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], json.loads(answer.read())
    finally:
        connection.close()


def check_request(method, path, query, data):
    """Every name in the query and the body is in the document, and every value fits."""
    operation = DOCUMENT["paths"][path][method.lower()]
    known = {each["name"]: each["schema"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    for name, values in parse_qs(query.removeprefix("?")).items():
        validate([typed(value, known[name]) for value in values], listed(known[name]))
    if data is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert data.keys() <= names_of(schema) | BEYOND_THE_SCHEMA
        validate(data, schema)


def typed(text, schema):
    return {"integer": int, "boolean": json.loads}.get(schema.get("type"), str)(text)


def listed(schema):
    return schema if schema.get("type") == "array" else {"type": "array", "items": schema}


def check(method, path, status, content_type, body):
    content = DOCUMENT["paths"][path][method.lower()]["responses"][str(status)]["content"]
    validate(body, content[content_type]["schema"])


def validate(body, schema):
    whole = schema | {"components": DOCUMENT["components"]}
    Draft202012Validator(whole, format_checker=FORMATS).validate(body)


def names_of(schema):
    """Every property a schema knows, through references and allOf."""
    if "$ref" in schema:
        return names_of(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return set(schema.get("properties", ())).union(*(names_of(each) for each in schema.get("allOf", ())))


def schema_named(name):
    return {"$ref": f"#/components/schemas/{name}"}


def new(reference="JE-1", **fields):
    return {
        "checkout_reference": reference,
        "amount": 24.5,
        "currency": "GBP",
        "merchant_code": "MDEMO001",
        "description": "2 tickets",
        "return_url": "http://127.0.0.1:9/hook",
        "redirect_url": "https://example.org/back",
        "valid_until": "2090-01-01T00:00:00Z",
        "hosted_checkout": {"enabled": True},
    } | fields


@pytest.fixture
def paid(ask, simulator):
    ask("POST", CHECKOUTS, data=new(), status=201)
    simulator.decline("JE-1")
    return simulator.pay("JE-1")


def test_checkouts_keep_the_contract(ask, simulator):
    created = ask("POST", CHECKOUTS, data=new(), status=201)
    ask("GET", CHECKOUTS, query="?checkout_reference=JE-1", status=200)
    ask("GET", CHECKOUT, checkout_id=created["id"], status=200)
    ask("PATCH", CHECKOUT, checkout_id=created["id"], data={"amount": 30}, status=200)
    ask("DELETE", CHECKOUT, checkout_id=created["id"], status=200)


def test_a_paid_checkout_keeps_the_contract(ask, paid):
    found = ask("GET", CHECKOUT, checkout_id=paid["id"], status=200)
    assert len(found["transactions"]) == 2
    assert found.keys() - names_of(schema_named("CheckoutSuccess")) == BEYOND_THE_SCHEMA
    known = names_of(schema_named("TransactionBase")) | names_of(schema_named("TransactionCheckoutInfo"))
    assert found["transactions"][1].keys() <= known


def test_refusals_of_checkouts_keep_the_contract(ask, paid):
    ask("POST", CHECKOUTS, data=new(amount=-1), status=400)
    ask("POST", CHECKOUTS, data=new(), key="wrong", status=401)
    ask("POST", CHECKOUTS, data=new("JE-2", merchant_code="MDEMO002"), status=403)
    ask("POST", CHECKOUTS, data=new(), status=409)
    ask("GET", CHECKOUTS, key="wrong", status=401)
    ask("GET", CHECKOUT, checkout_id="nothing", status=404)
    ask("DELETE", CHECKOUT, checkout_id="nothing", status=404)
    ask("DELETE", CHECKOUT, checkout_id=paid["id"], status=409)


def test_several_errors_are_an_array_of_what_the_document_knows_one_of(simulator):
    status, _, body = send(simulator, "POST", CHECKOUTS, {}, "sup_sk_demo")
    assert (status, len(body)) == (400, 4)
    for each in body:
        validate(each, schema_named("ErrorExtended"))


def test_a_wrong_answer_would_be_noticed(simulator):
    with pytest.raises(ValidationError):
        check("GET", CHECKOUT, 200, "application/json", {"amount": "24.50"})
    with pytest.raises(ValidationError):
        check("GET", CHECKOUT, 200, "application/json", {"date": "yesterday"})


def test_transactions_and_history_keep_the_contract(ask, paid):
    refund = {"transaction_id": paid["transaction_id"]}
    ask("POST", REFUNDS, data={"amount": 5}, status=201, **refund)
    for attempt in paid["transactions"]:
        found = ask("GET", TRANSACTION, query=f"?id={attempt['id']}", status=200)
        assert found.keys() <= names_of(schema_named("TransactionFull"))
    page = ask("GET", HISTORY, query="?limit=2", status=200)
    assert page["links"]
    for item in page["items"]:
        assert item.keys() <= names_of(schema_named("TransactionHistory"))
    ask("GET", TRANSACTION, query="?id=nothing", status=404)
    ask("GET", TRANSACTION, query="?id=nothing", key="wrong", status=401)
    ask("GET", HISTORY, query="?limit=0", status=400)


def test_refusals_of_refunds_keep_the_contract(ask, paid):
    good = {"transaction_id": paid["transaction_id"]}
    ask("POST", REFUNDS, data={"amount": 0}, status=400, **good)
    ask("POST", REFUNDS, data={"amount": 100}, status=422, **good)
    ask("POST", REFUNDS, status=404, transaction_id="nothing")
    ask("POST", REFUNDS, status=409, transaction_id=paid["transactions"][0]["id"])


def test_payouts_keep_the_contract(ask, simulator, paid):
    simulator.clock(3 * 86400)
    assert ask("GET", PAYOUTS, query="?start_date=2020-01-01&end_date=2099-01-01", status=200)
    ask("GET", PAYOUTS, status=400)
    ask("GET", PAYOUTS, key="wrong", status=401)


def test_the_merchant_and_its_memberships_keep_the_contract(ask):
    merchant = ask("GET", MERCHANT, status=200)
    assert merchant.keys() <= names_of(schema_named("Merchant")) | {"business_type", "business_profile"}
    ask("GET", MERCHANT, status=404, merchant_code="MDEMO002")
    ask("GET", MEMBERSHIPS, query="?resource.type=merchant&status=accepted", status=200)


def test_what_happens_to_money_later_keeps_the_contract(ask, simulator, paid):
    refund = {"transaction_id": paid["transaction_id"]}
    simulator.settings(balance={"MDEMO001": 1})
    ask("POST", REFUNDS, status=422, **refund)
    simulator.fault("refund_refused")
    ask("POST", REFUNDS, status=409, **refund)
    simulator.settings(balance={"MDEMO001": None})
    simulator.fault("refund_pending", seconds=60)
    ask("POST", REFUNDS, data={}, status=201, **refund)
    simulator.chargeback("JE-1", amount=5)
    sold = simulator.sale(8)
    for transaction_id in (paid["transaction_id"], sold["id"]):
        found = ask("GET", TRANSACTION, query=f"?id={transaction_id}", status=200)
        assert found.keys() <= names_of(schema_named("TransactionFull"))
        for event in found["events"]:
            assert event.keys() <= names_of(schema_named("Event"))
        for event in found["transaction_events"]:
            assert event.keys() <= names_of(schema_named("TransactionEvent"))
    simulator.clock(3 * 86400)
    items = ask("GET", HISTORY, query="?" + urlencode(every_filter(paid), doseq=True), status=200)["items"]
    assert [item["type"] for item in items] == ["PAYMENT", "CHARGE_BACK", "REFUND"]
    rows = ask("GET", PAYOUTS, query="?start_date=2020-01-01&end_date=2099-01-01&order=desc&limit=10", status=200)
    assert {row["type"] for row in rows} == {"PAYOUT", "CHARGE_BACK_DEDUCTION", "REFUND_DEDUCTION"}


def every_filter(paid):
    return {
        "transaction_code": paid["transaction_code"],
        "order": "ascending",
        "limit": 50,
        "users[]": "box-office@demo.example",
        "statuses[]": ["SUCCESSFUL", "REFUNDED", "CHARGE_BACK"],
        "payment_types[]": ["ECOM", "POS"],
        "entry_modes[]": "CUSTOMER_ENTRY",
        "types[]": ["PAYMENT", "REFUND", "CHARGE_BACK"],
        "changes_since": "2026-01-01T00:00:00Z",
        "oldest_time": "2026-01-01T00:00:00Z",
        "newest_time": "2090-01-01T00:00:00Z",
    }


def test_access_tokens_keep_the_contract(ask, simulator):
    token = let_in(simulator, "Ben")
    query = "?resource.type=merchant&status=accepted&resource.attributes.sandbox=true&limit=25&offset=0"
    assert len(ask("GET", MEMBERSHIPS, query=query, key=token, status=200)["items"]) == 2
    ask("GET", MEMBERSHIPS, query="?limit=26", key=token, status=400)
    ask("GET", MERCHANT, merchant_code="MDEMO004", key=token, status=200)
    ask("POST", CHECKOUTS, data=new(merchant_code="MDEMO003"), key=token, status=201)
    ask("GET", HISTORY, merchant_code="MDEMO003", key=token, status=200)
    reading = let_in(simulator, "Ben", "transactions.history")
    ask("POST", CHECKOUTS, data=new("JE-2", merchant_code="MDEMO003"), key=reading, status=403)
    simulator.revoke("MDEMO003")
    ask("GET", CHECKOUTS, key=token, status=401)
    ask("GET", HISTORY, merchant_code="MDEMO003", key=token, status=401)


def test_a_wrong_request_would_be_noticed():
    with pytest.raises(ValidationError):
        check_request("POST", REFUNDS, "", {"amount": "5"})
    with pytest.raises(ValidationError):
        check_request("GET", HISTORY, "?statuses[]=SURPRISED", None)
    with pytest.raises(KeyError):
        check_request("GET", HISTORY, "?statuses=FAILED", None)


def test_payment_methods_keep_the_contract(ask):
    ask("GET", METHODS, status=200)
    ask("GET", METHODS, query="?amount=5", status=400)
