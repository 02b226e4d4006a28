"""The official SDK with an access token as with an API key: refunds, history, payouts, who the merchant is, events."""

import datetime as dt

import pytest
from sumup import Sumup, errors
from sumup.events import CheckoutCreatedEvent, CheckoutPaidEvent, EventSignatureError

from tests.receiver import Receiver

from .conftest import let_in

DAY = dt.timedelta(days=1)
SECRET = "whsec_sim"
KNOWN_EVENT = (
    b'{"id":"evt_0001","type":"checkouts.paid","created_at":"2026-11-22T00:00:00Z","object":'
    b'{"id":"5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11","type":"checkout",'
    b'"url":"https://api.sumup.com/v0.1/checkouts/5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11"}}'
)
KNOWN_SIGNATURE = "t=1795305600,v1=83936d86b2f8bc2f81e17bac71c208a8d5eabac3bb269f33ddee1a03968478e6"


@pytest.fixture(params=["api key", "access token"])
def new_key(request, simulator):
    """Opens MDEMO002: its own key, or what Ana's consent gives."""
    return (lambda: "sup_sk_demo2") if request.param == "api key" else (lambda: let_in(simulator, "Ana"))


@pytest.fixture
def sumup(simulator, new_key):
    with Sumup(api_key=new_key(), base_url=simulator.url, timeout=10) as client:
        yield client


def create(sumup, merchant_code="MDEMO002", currency="GBP"):
    return sumup.checkouts.create(
        checkout_reference="JE-1", amount=24.5, currency=currency, merchant_code=merchant_code, description="2 tickets"
    )


@pytest.fixture
def paid(sumup, simulator):
    checkout = create(sumup)
    simulator.pay("JE-1")
    return sumup.checkouts.get(checkout.id)


def test_a_refund_is_proved_by_events_and_history(sumup, paid):
    assert sumup.transactions.refund("MDEMO002", paid.transaction_id, amount=5) == {}
    found = sumup.transactions.get("MDEMO002", id=paid.transaction_id)
    assert [(event.amount, event.status) for event in found.events if event.type == "REFUND"] == [(5, "REFUNDED")]
    refunds = sumup.transactions.list("MDEMO002", types=["REFUND"]).items
    assert [(item.transaction_id, item.refunded_amount) for item in refunds] == [(paid.transaction_id, 5)]


def test_a_pending_refund_and_a_charge_back_are_read(sumup, simulator, paid):
    simulator.fault("refund_pending", seconds=60)
    sumup.transactions.refund("MDEMO002", paid.transaction_id, amount=5)
    simulator.chargeback("JE-1")
    found = sumup.transactions.get("MDEMO002", id=paid.transaction_id)
    assert [(event.type, event.status) for event in found.events[1:]] == [
        ("REFUND", "PENDING"),
        ("CHARGE_BACK", "SUCCESSFUL"),
    ]
    assert found.simple_status == "CHARGEBACK"
    (item,) = sumup.transactions.list("MDEMO002", statuses=["CHARGE_BACK"]).items
    assert (item.type, item.transaction_id) == ("CHARGE_BACK", paid.transaction_id)


def test_refunds_that_cannot_be_are_the_sdks_own_errors(sumup, simulator, paid):
    simulator.settings(balance={"MDEMO002": 1})
    with pytest.raises(errors.UnprocessableEntityError, match="insufficient balance"):
        sumup.transactions.refund("MDEMO002", paid.transaction_id)
    simulator.fault("refund_refused")
    with pytest.raises(errors.ConflictError):
        sumup.transactions.refund("MDEMO002", paid.transaction_id)


def test_history_tells_the_counter_from_our_own_sales(sumup, simulator, paid):
    simulator.sale(8, "MDEMO002", description="Programme")
    since = dt.datetime.now(dt.UTC) - DAY
    found = sumup.transactions.list("MDEMO002", changes_since=since, payment_types=["POS"]).items
    assert [(item.amount, item.product_summary) for item in found] == [(8, "Programme")]


def test_the_merchant_and_its_memberships_are_read(sumup):
    assert sumup.merchants.get("MDEMO002").default_currency == "GBP"
    found = sumup.memberships.list(resource_type="merchant", status="accepted")
    assert [each.resource_id for each in found.items] == ["MDEMO002"]


def test_payouts_show_charge_backs(simulator, new_key, paid):
    simulator.chargeback("JE-1", amount=5)
    simulator.clock(3 * 86400)
    today = dt.datetime.now(dt.UTC).date()
    with Sumup(api_key=new_key(), base_url=simulator.url, timeout=10) as later:
        rows = later.payouts.list("MDEMO002", start_date=today, end_date=today + 5 * DAY)
    assert [(row.type, row.amount) for row in rows] == [("PAYOUT", 23.89), ("CHARGE_BACK_DEDUCTION", 5)]


def test_another_merchant_stays_closed(sumup):
    with pytest.raises(errors.NotFoundError):
        sumup.merchants.get("MDEMO003")
    with pytest.raises(errors.PermissionDeniedError):
        create(sumup, "MDEMO003")


def test_a_token_opens_every_merchant_of_its_person(simulator):
    with Sumup(api_key=let_in(simulator, "Ben"), base_url=simulator.url, timeout=10) as ben:
        found = ben.memberships.list(resource_type="merchant", limit=1, offset=1)
        assert ([each.resource_id for each in found.items], found.total_count) == (["MDEMO004"], 2)
        assert create(ben, "MDEMO004", "EUR").currency == "EUR"


def test_a_token_without_payments_and_a_dead_token_are_the_sdks_own_errors(simulator):
    reading = let_in(simulator, "Ana", "transactions.history user.profile_readonly")
    with Sumup(api_key=reading, base_url=simulator.url, timeout=10) as narrow:
        with pytest.raises(errors.PermissionDeniedError, match="checkout_payments_not_allowed"):
            create(narrow)
        with pytest.raises(errors.PermissionDeniedError):
            narrow.transactions.refund("MDEMO002", "any")
        assert narrow.transactions.list("MDEMO002").items == []
        simulator.revoke("MDEMO002")
        with pytest.raises(errors.AuthenticationError):
            narrow.transactions.list("MDEMO002")


# Events


@pytest.fixture
def receiver(simulator):
    with Receiver() as running:
        simulator.settings(events_url=running.url, events_secret=SECRET)
        yield running


def delivered(receiver, number):
    receiver.ids(number)
    pairs = zip(receiver.bodies, receiver.calls, strict=True)
    return [(raw, headers["X-SumUp-Webhook-Signature"]) for raw, (_, _, headers) in pairs]


def test_the_sdk_takes_our_events_and_fetches_what_they_are_about(sumup, simulator, receiver):
    checkout = create(sumup)
    receiver.ids(1)
    simulator.pay("JE-1")
    created, paid = (sumup.parse_event_notification(*each, SECRET) for each in delivered(receiver, 2))
    assert isinstance(created, CheckoutCreatedEvent)
    assert isinstance(paid, CheckoutPaidEvent)
    assert created.created_at.isoformat(timespec="milliseconds") == checkout.date.isoformat(timespec="milliseconds")
    assert (paid.fetch_object().id, paid.fetch_object().status) == (checkout.id, "PAID")


@pytest.mark.parametrize("forged", [{"signature": "0" * 64}, {"timestamp": 1}, {"timestamp": "soon"}])
def test_the_sdk_refuses_forged_and_old_events(simulator, receiver, forged):
    with Sumup(api_key="sup_sk_demo2", base_url=simulator.url, timeout=10) as sumup:
        create(sumup)
        receiver.ids(1)
        simulator.event("JE-1", **forged)
        with pytest.raises(EventSignatureError):
            sumup.parse_event_notification(*delivered(receiver, 2)[1], SECRET)


@pytest.mark.parametrize(("age", "good"), [(0, True), (300, True), (301, False)])
def test_the_sdk_takes_the_known_event_for_five_minutes(sumup, monkeypatch, age, good):
    monkeypatch.setattr("sumup._events.time.time", lambda: 1795305600 + age)

    def parse():
        return sumup.parse_event_notification(KNOWN_EVENT, KNOWN_SIGNATURE, "local-sandbox-secret")

    if good:
        assert parse().id == "evt_0001"
    else:
        with pytest.raises(EventSignatureError):
            parse()
