from urllib.parse import urlencode

import pytest

TRANSACTIONS = "/v2.1/merchants/MDEMO001/transactions"
HISTORY = f"{TRANSACTIONS}/history"


@pytest.fixture
def paid(client):
    client.create(checkout_reference="JE-1")
    return client.simulator.pay("JE-1")


def refund(client, paid, data=None, **options):
    return client.ask("POST", f"/v1.0/merchants/MDEMO001/payments/{paid['transaction_id']}/refunds", data, **options)


def transaction(client, paid):
    return client.ask("GET", f"{TRANSACTIONS}?id={paid['transaction_id']}").data


def test_a_transaction_is_found_by_id_and_by_code(client, paid):
    by_id = transaction(client, paid)
    by_code = client.ask("GET", f"{TRANSACTIONS}?transaction_code={paid['transaction_code']}").data
    assert by_id == by_code
    assert (by_id["amount"], by_id["status"], by_id["product_summary"]) == (
        24.5,
        "SUCCESSFUL",
        "2 tickets, Spring Concert",
    )
    assert by_id["card"] == {"last_4_digits": "0091", "type": "VISA"}
    assert by_id["timestamp"].endswith("Z")
    assert "checkout_reference" not in by_id


@pytest.mark.parametrize(("query", "status"), [("", 400), ("?id=a&transaction_code=b", 400), ("?id=nothing", 404)])
def test_a_transaction_needs_exactly_one_known_name(client, paid, query, status):
    assert client.ask("GET", TRANSACTIONS + query).status == status


def test_another_merchant_sees_nothing(client, paid):
    query = f"?id={paid['transaction_id']}"
    assert client.ask("GET", TRANSACTIONS + query, key="sup_sk_demo2").status == 404
    own = client.ask("GET", f"/v2.1/merchants/MDEMO002/transactions{query}", key="sup_sk_demo2")
    assert own.status == 404
    assert client.ask("GET", HISTORY, key="sup_sk_demo2").status == 404
    assert refund(client, paid, key="sup_sk_demo2").status == 404


# History


def pay_many(client, number):
    for each in range(number):
        client.create(checkout_reference=f"JE-{each}")
        client.simulator.pay(f"JE-{each}")


def codes(page):
    return [item["transaction_code"] for item in page["items"]]


def test_history_comes_in_pages_of_ten_with_a_query_string_as_link(client):
    pay_many(client, 12)
    first = client.ask("GET", HISTORY).data
    assert len(first["items"]) == 10
    (link,) = first["links"]
    assert link["rel"] == "next"
    assert not link["href"].startswith(("http", "/", "?"))
    second = client.ask("GET", f"{HISTORY}?{link['href']}").data
    assert second["links"] == []
    assert codes(first) + codes(second) == [f"TSIM{number:06d}" for number in range(1, 13)]


def test_history_descends_and_takes_a_limit(client):
    pay_many(client, 3)
    first = client.ask("GET", f"{HISTORY}?order=descending&limit=2").data
    assert codes(first) == ["TSIM000003", "TSIM000002"]
    second = client.ask("GET", f"{HISTORY}?{first['links'][0]['href']}").data
    assert codes(second) == ["TSIM000001"]


def test_history_filters_with_brackets(client, paid):
    client.create(checkout_reference="JE-2")
    client.simulator.decline("JE-2")
    refund(client, paid, {"amount": 5})
    assert len(client.ask("GET", HISTORY).data["items"]) == 3
    failed = client.ask("GET", f"{HISTORY}?{urlencode({'statuses[]': 'FAILED'})}").data
    assert codes(failed) == ["TSIM000002"]
    refunds = client.ask("GET", f"{HISTORY}?types[]=REFUND&types[]=CHARGE_BACK").data
    assert [(item["type"], item["amount"]) for item in refunds["items"]] == [("REFUND", 5)]
    assert client.ask("GET", f"{HISTORY}?transaction_code=none").data["items"] == []


def test_history_keeps_filters_over_pages(client):
    pay_many(client, 3)
    page = client.ask("GET", f"{HISTORY}?limit=1&types[]=PAYMENT").data
    assert "types[]=PAYMENT" in page["links"][0]["href"]


def test_history_by_time_and_by_change(client, paid):
    created = transaction(client, paid)["timestamp"]
    client.simulator.clock(3600)
    later = client.simulator.state()["now"]
    assert codes(client.ask("GET", f"{HISTORY}?{urlencode({'oldest_time': created})}").data) == ["TSIM000001"]
    assert codes(client.ask("GET", f"{HISTORY}?{urlencode({'newest_time': created})}").data) == []
    since = f"{HISTORY}?{urlencode({'changes_since': later, 'types[]': 'PAYMENT'})}"
    assert codes(client.ask("GET", since).data) == []
    refund(client, paid, {"amount": 5})
    changed = client.ask("GET", since).data
    assert [(item["transaction_code"], item["refunded_amount"]) for item in changed["items"]] == [("TSIM000001", 5)]


@pytest.mark.parametrize("query", ["limit=0", "limit=ten", "order=sideways", "changes_since=yesterday"])
def test_history_refuses_nonsense(client, paid, query):
    reply = client.ask("GET", f"{HISTORY}?{query}")
    assert (reply.status, reply.data["error_code"]) == (400, "INVALID")


# Refunds


def test_a_full_refund_shows_only_in_the_events(client, paid):
    reply = refund(client, paid)
    assert (reply.status, reply.data) == (201, {})
    after = transaction(client, paid)
    assert (after["status"], after["simple_status"]) == ("SUCCESSFUL", "SUCCESSFUL")
    events = [(event["type"], event["status"], event["amount"]) for event in after["events"]]
    assert ("REFUND", "REFUNDED", 24.5) in events
    assert after["links"] == []
    assert client.ask("GET", f"/v0.1/checkouts/{paid['id']}").data["status"] == "PAID"


def test_partial_refunds_add_up_to_the_payment(client, paid):
    assert refund(client, paid, {"amount": 20}).status == 201
    assert transaction(client, paid)["links"][0]["max_amount"] == 4.5
    too_high = refund(client, paid, {"amount": 5})
    assert too_high.status == 422
    assert too_high.headers["Content-Type"] == "application/problem+json"
    assert too_high.data["errors"][0]["max_refundable_amount"] == 450
    assert refund(client, paid, {}).status == 201
    assert refund(client, paid, {"amount": 1}).status == 409


def test_a_refund_refuses_what_makes_no_sense(client, paid):
    assert refund(client, paid, {"amount": 0}).status == 400
    assert refund(client, paid, {"amount": "5"}).status == 400
    assert refund(client, paid, body="nonsense").status == 400
    assert refund(client, {"transaction_id": "nothing"}).status == 404


def test_a_failed_payment_cannot_be_refunded(client):
    client.create(checkout_reference="JE-1")
    failed = client.simulator.decline("JE-1")
    assert refund(client, {"transaction_id": failed["transactions"][0]["id"]}).status == 409


def test_a_setting_marks_the_transaction_refunded(client, paid):
    client.simulator.settings(mark_refunded=True)
    refund(client, paid, {"amount": 5})
    assert transaction(client, paid)["status"] == "REFUNDED"
    assert refund(client, paid).status == 201


# Payouts, merchant, memberships, payment methods

PAYOUTS = "/v1.0/merchants/MDEMO001/payouts"


def test_payouts_come_two_days_later_less_the_fee(client, paid):
    period = "?start_date=2020-01-01&end_date=2099-01-01"
    assert client.ask("GET", PAYOUTS + period).data == []
    refund(client, paid, {"amount": 5})
    client.simulator.clock(3 * 86400)
    rows = client.ask("GET", PAYOUTS + period).data
    assert [(row["type"], row["amount"], row["fee"]) for row in rows] == [
        ("PAYOUT", 23.89, 0.61),
        ("REFUND_DEDUCTION", 5, 0),
    ]
    assert rows[0]["transaction_code"] == paid["transaction_code"]
    assert transaction(client, paid)["events"][0]["status"] == "PAID_OUT"
    assert len(client.ask("GET", f"{PAYOUTS}{period}&limit=1").data) == 1


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("", [("start_date", "MISSING"), ("end_date", "MISSING")]),
        ("?start_date=2026-01-01", [("end_date", "MISSING")]),
        ("?start_date=soon&end_date=2026-01-01", [("start_date", "INVALID")]),
        ("?start_date=2026-02-01&end_date=2026-01-01", [("end_date", "INVALID")]),
        ("?start_date=2026-01-01&end_date=2026-02-01&limit=0", [("limit", "INVALID")]),
    ],
)
def test_payouts_answer_nonsense_with_a_list_of_errors(client, query, errors):
    reply = client.ask("GET", PAYOUTS + query)
    assert reply.status == 400
    assert [(each["param"], each["error_code"]) for each in reply.data] == errors


def test_the_merchant_says_it_is_a_sandbox(client):
    merchant = client.ask("GET", "/v1/merchants/MDEMO001").data
    assert (merchant["merchant_code"], merchant["default_currency"], merchant["sandbox"]) == ("MDEMO001", "GBP", True)
    assert client.ask("GET", "/v1/merchants/MDEMO002").status == 404


def test_memberships_lead_to_the_merchant(client):
    found = client.ask("GET", "/v0.1/memberships?resource.type=merchant&status=accepted").data
    assert [item["resource_id"] for item in found["items"]] == ["MDEMO001"]
    assert found["total_count"] == 1
    assert client.ask("GET", "/v0.1/memberships?status=pending").data["items"] == []


def test_payment_methods_take_amount_and_currency_together(client):
    path = "/v0.1/merchants/MDEMO001/payment-methods"
    assert client.ask("GET", path).data == {"available_payment_methods": [{"id": "card"}]}
    assert client.ask("GET", f"{path}?amount=5&currency=GBP").status == 200
    reply = client.ask("GET", f"{path}?amount=5")
    assert (reply.status, reply.data["failed_constraints"][0]["reference"]) == (400, "currency")
