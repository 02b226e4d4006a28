"""SumUp's lists: pages, filters, and what is believed of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from payments.provider import NotFound, Unreadable
from payments.sumup import client as client_module
from payments.sumup.lists import read_history_item, read_payout_row
from tests.payments.factories import make_client

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ITEM = {
    "id": "item-1",
    "transaction_id": "tx-1",
    "transaction_code": "T1",
    "amount": Decimal("24.5"),
    "currency": "GBP",
    "timestamp": "2026-03-14T12:00:00.000Z",
    "status": "SUCCESSFUL",
    "type": "PAYMENT",
}
ROW = {
    "id": 700001,
    "type": "PAYOUT",
    "amount": Decimal("23.89"),
    "date": "2026-03-16",
    "currency": "GBP",
    "fee": Decimal("0.61"),
    "status": "SUCCESSFUL",
    "reference": "payout-2026-03-16",
    "transaction_code": "T1",
}


def history(client, **options):
    return list(client.history(merchant_code="MDEMO001", **options))


def sell(client, simulator, *references):
    for reference in references:
        client.create_checkout(
            reference=reference,
            amount=Decimal("24.50"),
            currency="GBP",
            merchant_code="MDEMO001",
            description=f"Tickets, order {reference}",
            valid_until=datetime.now(UTC) + timedelta(minutes=15),
            redirect_url="http://testserver/",
            return_url="http://testserver/hook",
        )
        simulator.pay(reference)


def test_it_works(client, simulator):
    sell(client, simulator, "JE-1")
    (item,) = history(client)
    assert (item.amount, item.currency, item.kind, item.status) == (Decimal("24.5"), "GBP", "PAYMENT", "SUCCESSFUL")
    assert item.transaction_id == simulator.checkout("JE-1")["transaction_id"]
    assert item.summary == "Tickets, order JE-1"
    assert datetime.now(UTC) - timedelta(minutes=1) < item.at <= datetime.now(UTC)


def test_history_follows_every_page_and_gives_each_item_once(client, simulator):
    references = [f"JE-{number}" for number in range(7)]
    sell(client, simulator, *references)
    found = history(client, limit=2)
    assert [item.summary.rpartition(" ")[2] for item in found] == references
    assert simulator.requests()["GET /v2.1/merchants/{merchant_code}/transactions/history"] == 4


def test_filters_hold_on_every_page(client, simulator):
    sell(client, simulator, *(f"JE-{number}" for number in range(4)))
    future = datetime.now(UTC) + timedelta(minutes=1)
    assert len(history(client, limit=1, statuses=["SUCCESSFUL"], types=["PAYMENT"])) == 4
    assert history(client, limit=1, statuses=["FAILED"]) == []
    assert history(client, types=["REFUND", "CHARGE_BACK"]) == []
    assert history(client, changes_since=future) == history(client, oldest_time=future) == []
    assert len(history(client, newest_time=future)) == 4


def test_brackets_and_times_are_sent_as_sumup_writes_them(stub):
    stub.say(200, {"items": []})
    jersey_summer = datetime.fromisoformat("2026-07-01T00:00:00+01:00")
    history(stub.client, oldest_time=jersey_summer, statuses=["SUCCESSFUL", "REFUNDED"])
    (_, path, _, _) = stub.seen[0]
    assert "statuses%5B%5D=SUCCESSFUL&statuses%5B%5D=REFUNDED" in path
    assert "oldest_time=2026-06-30T23%3A00%3A00.000Z" in path


def test_a_next_link_never_leads_to_another_host(stub):
    item = ITEM | {"amount": 24.5}
    stub.say(200, {"items": [item], "links": [{"rel": "next", "href": "https://elsewhere.example/x?oldest_ref=a"}]})
    stub.say(200, {"items": []})
    assert len(history(stub.client)) == 1
    assert stub.seen[1][1] == "/v2.1/merchants/MDEMO001/transactions/history?oldest_ref=a"


@pytest.mark.parametrize("following", [{"rel": "next", "href": "page=again"}, {"rel": "next", "href": "?page=again"}])
def test_a_list_without_an_end_is_unreadable(stub, following):
    stub.say(200, {"items": [ITEM | {"amount": 1}], "links": [following]})
    with pytest.raises(Unreadable, match="circles"):
        history(stub.client)


def test_pages_are_bounded_and_half_a_list_is_no_list(client, simulator):
    sell(client, simulator, "JE-1", "JE-2", "JE-3")
    with pytest.raises(Unreadable, match="more than 2 pages"):
        history(client, limit=1, most_pages=2)


@pytest.mark.parametrize("answer", [[], {}, {"items": None}, {"items": [1]}, {"items": [], "links": [5]}, {"items": 5}])
def test_nonsense_is_unreadable(stub, answer, monkeypatch):
    monkeypatch.setattr(client_module, "TRIES", 1)
    stub.say(200, answer)
    with pytest.raises(Unreadable):
        history(stub.client)


@pytest.mark.parametrize("key", ["transaction_id", "amount", "currency", "timestamp", "status", "type"])
@pytest.mark.parametrize("value", [None, [], True, "x" * 600])
def test_an_item_without_its_facts_is_unreadable(key, value):
    with pytest.raises(Unreadable):
        read_history_item(ITEM | {key: value})


def test_what_nobody_needs_may_be_missing_or_new():
    item = read_history_item(ITEM | {"id": None, "type": "SOMETHING_NEW", "product_summary": "a\x00b", "user": "x@y"})
    assert (item.id, item.kind, item.summary, item.payout_date) == ("tx-1", "SOMETHING_NEW", "ab", None)
    assert "x@y" not in repr(item)


def test_payouts_tell_fee_and_transfer(client, simulator):
    sell(client, simulator, "JE-1")
    today = datetime.now(UTC).date()
    assert client.payouts(merchant_code="MDEMO001", first=today, last=today + timedelta(days=3)) == []
    simulator.clock(3 * 86_400)
    (row,) = client.payouts(merchant_code="MDEMO001", first=today, last=today + timedelta(days=3))
    assert (row.kind, row.amount + row.fee, row.date) == ("PAYOUT", Decimal("24.5"), today + timedelta(days=2))
    assert row.transaction_code == simulator.checkout("JE-1")["transaction_code"]


def test_more_payouts_than_fit_are_asked_for_in_halves(stub, monkeypatch):
    monkeypatch.setattr(client_module, "MOST_PAYOUTS", 2)
    full, half = [ROW | {"id": each, "amount": 1, "fee": 0} for each in (1, 2)], [ROW | {"amount": 1, "fee": 0}]
    stub.say(200, full)
    stub.say(200, half)
    stub.say(200, half)
    rows = stub.client.payouts(merchant_code="M", first=date(2026, 3, 1), last=date(2026, 3, 4))
    assert len(rows) == 2
    asked = [path.partition("?")[2].partition("&limit")[0] for _, path, _, _ in stub.seen]
    assert asked[1:] == [
        "start_date=2026-03-01&end_date=2026-03-02",
        "start_date=2026-03-03&end_date=2026-03-04",
    ]


@pytest.mark.parametrize(("key", "value"), [("id", None), ("id", True), ("amount", "1"), ("date", "soon"), ("type", 1)])
def test_a_payout_without_its_facts_is_unreadable(key, value):
    with pytest.raises(Unreadable):
        read_payout_row(ROW | {key: value})


def test_payouts_of_a_foreign_merchant_are_not_found(client, simulator):
    with pytest.raises(NotFound):
        client.payouts(merchant_code="MNOBODY1", first=NOW.date(), last=NOW.date())


def test_the_client_repeats_no_key(stub):
    assert "secret" not in repr(make_client(url=stub.url, key="sup_sk_demo_very_secret"))
