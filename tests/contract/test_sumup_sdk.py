"""SumUp's official Python SDK, unchanged, against the simulator."""

import datetime as dt

import httpx
import pytest
from sumup import Sumup, errors
from sumup.types import HostedCheckoutInput

DAY = dt.timedelta(days=1)


@pytest.fixture
def sumup(simulator):
    with Sumup(api_key=simulator.api_key, base_url=simulator.url, timeout=10) as client:
        yield client


@pytest.fixture
def stranger(simulator):
    with Sumup(api_key="sup_sk_wrong", base_url=simulator.url, timeout=10) as client:
        yield client


def create(sumup, reference="JE-1", **fields):
    values = {"amount": 24.5, "currency": "GBP", "merchant_code": "MDEMO001", "description": "2 tickets"}
    return sumup.checkouts.create(checkout_reference=reference, **values | fields)


@pytest.fixture
def paid(sumup, simulator):
    checkout = create(sumup)
    simulator.pay("JE-1")
    return sumup.checkouts.get(checkout.id)


def test_a_checkout_is_created_paid_and_read(sumup, simulator):
    until = dt.datetime.now(dt.UTC) + DAY
    created = create(sumup, hosted_checkout=HostedCheckoutInput(enabled=True), valid_until=until)
    assert created.status == "PENDING"
    assert created.hosted_checkout_url == f"{simulator.url}/pay/c-{created.id}"
    assert abs(created.valid_until - until) < dt.timedelta(seconds=1)
    simulator.pay("JE-1")
    paid = sumup.checkouts.get(created.id)
    assert (paid.status, paid.amount, paid.currency) == ("PAID", 24.5, "GBP")
    assert paid.transaction_id == paid.transactions[0].id


def test_checkouts_are_listed_by_reference(sumup):
    created = create(sumup)
    assert [each.id for each in sumup.checkouts.list(checkout_reference="JE-1")] == [created.id]
    assert sumup.checkouts.list(checkout_reference="JE-2") == []


def test_a_checkout_is_changed_and_deactivated(sumup):
    created = create(sumup)
    assert sumup.checkouts.update(created.id, amount=30).amount == 30
    assert sumup.checkouts.deactivate(created.id).status == "EXPIRED"


def test_a_transaction_is_read_by_id_and_by_code(sumup, paid):
    by_id = sumup.transactions.get("MDEMO001", id=paid.transaction_id)
    by_code = sumup.transactions.get("MDEMO001", transaction_code=paid.transaction_code)
    assert by_id == by_code
    assert (by_id.amount, by_id.status, by_id.card.type) == (24.5, "SUCCESSFUL", "VISA")


def test_history_is_listed_with_filters(sumup, simulator, paid):
    create(sumup, "JE-2")
    simulator.decline("JE-2")
    page = sumup.transactions.list("MDEMO001", limit=1)
    assert [item.transaction_id for item in page.items] == [paid.transaction_id]
    assert [link.rel for link in page.links] == ["next"]
    failed = sumup.transactions.list("MDEMO001", statuses=["FAILED"], oldest_time=dt.datetime.now(dt.UTC) - DAY)
    assert [item.status for item in failed.items] == ["FAILED"]


def test_a_refund_is_proved_by_the_events(sumup, paid):
    assert sumup.transactions.refund("MDEMO001", paid.transaction_id, amount=5) == {}
    assert sumup.transactions.refund("MDEMO001", paid.transaction_id) == {}
    after = sumup.transactions.get("MDEMO001", id=paid.transaction_id)
    refunds = [event.amount for event in after.events if event.type == "REFUND"]
    assert refunds == [5, 19.5]


def test_the_merchant_and_its_memberships_are_read(sumup):
    assert sumup.merchants.get("MDEMO001").default_currency == "GBP"
    assert [each.resource_id for each in sumup.memberships.list(resource_type="merchant").items] == ["MDEMO001"]


def test_payouts_are_listed(sumup, simulator, paid):
    simulator.clock(3 * 86400)
    today = dt.datetime.now(dt.UTC).date()
    rows = sumup.payouts.list("MDEMO001", start_date=today, end_date=today + 5 * DAY)
    assert [(row.amount, row.fee) for row in rows] == [(23.89, 0.61)]


def test_payment_methods_are_listed(sumup):
    found = sumup.checkouts.list_available_payment_methods("MDEMO001")
    assert [method.id for method in found.available_payment_methods] == ["card"]


def test_a_wrong_key_is_an_authentication_error(stranger):
    with pytest.raises(errors.AuthenticationError, match="Unauthorized"):
        stranger.checkouts.list()


def test_wrong_fields_are_a_bad_request(sumup):
    with pytest.raises(errors.BadRequestError) as refusal:
        create(sumup, amount=-1)
    assert refusal.value.body.param == "amount"


def test_a_foreign_merchant_is_a_permission_error(sumup):
    with pytest.raises(errors.PermissionDeniedError, match="checkout_payments_not_allowed"):
        create(sumup, merchant_code="MDEMO002")


def test_a_used_reference_is_a_conflict(sumup):
    create(sumup)
    with pytest.raises(errors.ConflictError) as refusal:
        create(sumup)
    assert refusal.value.body.error_code == "DUPLICATED_CHECKOUT"


def test_a_paid_checkout_cannot_be_deactivated(sumup, paid):
    with pytest.raises(errors.ConflictError) as refusal:
        sumup.checkouts.deactivate(paid.id)
    assert refusal.value.body.error_code == "CHECKOUT_PROCESSED"


def test_unknown_things_are_not_found(sumup):
    with pytest.raises(errors.NotFoundError):
        sumup.checkouts.get("nothing")
    with pytest.raises(errors.NotFoundError):
        sumup.transactions.get("MDEMO001", id="nothing")
    with pytest.raises(errors.NotFoundError):
        sumup.transactions.refund("MDEMO001", "nothing")


def test_refunds_beyond_the_payment_are_refused(sumup, paid):
    with pytest.raises(errors.UnprocessableEntityError):
        sumup.transactions.refund("MDEMO001", paid.transaction_id, amount=100)
    with pytest.raises(errors.BadRequestError):
        sumup.transactions.refund("MDEMO001", paid.transaction_id, amount=0)


def test_faults_reach_the_sdk_as_its_own_errors(sumup, simulator):
    simulator.fault("server_error", status=503)
    with pytest.raises(errors.InternalServerError):
        sumup.checkouts.list()
    simulator.fault("too_many_requests")
    with pytest.raises(errors.RateLimitError):
        sumup.checkouts.list()
    simulator.fault("drop")
    with pytest.raises(errors.APIConnectionError) as lost:
        sumup.checkouts.list()
    assert isinstance(lost.value.__cause__, httpx.RemoteProtocolError | httpx.ReadError)
