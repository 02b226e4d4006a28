"""Reading what SumUp says: unknown keys are fine, wrong types are an unreadable answer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.provider import Unreadable
from payments.sumup.answers import build_evidence, read_checkout, read_whole_transaction

ATTEMPT = {"id": "tx-1", "transaction_code": "T1", "amount": 24, "currency": "GBP", "status": "FAILED"}
DOCUMENT = {
    "id": "5f1c2b9e-7d34-4a55-9c0e-0d6b8f2a4e11",
    "checkout_reference": "JE-TEST0001-ABCDEF",
    "merchant_code": "MDEMO001",
    "amount": 24,
    "currency": "GBP",
    "status": "PENDING",
    "transactions": [],
}


def test_it_works():
    checkout = read_checkout(DOCUMENT | {"transactions": [ATTEMPT], "hosted_checkout_url": "https://pay.sumup.com/x"})
    assert (checkout.id, checkout.status) == (DOCUMENT["id"], "PENDING")
    assert checkout.amount == Decimal(24)
    assert checkout.attempts[0].code == "T1"


def test_unknown_keys_are_fine():
    assert read_checkout(DOCUMENT | {"merchant_sandbox": True, "checkout_type": "checkout", "new": {"a": [1]}})


@pytest.mark.parametrize("key", ["transactions", "transaction_id", "transaction_code", "hosted_checkout_url"])
def test_what_may_be_missing_may_be_null(key):
    assert read_checkout(DOCUMENT | {key: None})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None),
        ("id", 7),
        ("id", "../merchants"),
        ("id", "x" * 65),
        ("checkout_reference", ""),
        ("merchant_code", []),
        ("amount", None),
        ("amount", "24.50"),
        ("amount", True),
        ("amount", -1),
        ("amount", 10**9),
        ("amount", Decimal("1e999999")),
        ("amount", Decimal("NaN")),
        ("currency", None),
        ("currency", "GB\x00"),
        ("merchant_code", "\ud800"),
        ("hosted_checkout_url", "https://pay.sumup.com/" + "x" * 500),
        ("transaction_id", "x" * 65),
        ("status", "SOMETHING_NEW"),
        ("status", None),
        ("transactions", {}),
        ("transactions", [None]),
        ("transactions", [ATTEMPT | {"status": 1}]),
        ("transactions", [ATTEMPT] * 1001),
        ("hosted_checkout_url", 5),
    ],
)
def test_wrong_types_are_unreadable(key, value):
    with pytest.raises(Unreadable) as caught:
        read_checkout(DOCUMENT | {key: value})
    assert caught.value.permanent is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(DOCUMENT)), inner, max_size=7),
)


@given(json_values)
def test_nonsense_is_never_anything_but_unreadable(value):
    with pytest.raises(Unreadable):
        read_checkout(value)


def test_evidence_keeps_no_character_that_a_database_refuses():
    assert build_evidence({"status": "PA\x00ID", "date": "\ud800"}) == {"status": "PAID", "date": ""}


def test_evidence_keeps_no_person_and_no_instrument():
    answer = DOCUMENT | {
        "pay_to_email": "box@example.je",
        "payment_instrument": {"token": "secret-token"},
        "mandate": {"type": "recurrent"},
        "card": {"last_4_digits": "1111"},
        "description": "x" * 5000,
        "transactions": [ATTEMPT | {"auth_code": "053201", "user": "a@example.je"}] * 20,
    }
    kept = read_checkout(answer).document
    assert "secret-token" not in str(kept)
    assert "@" not in str(kept)
    assert "053201" not in str(kept)
    assert len(str(kept)) < 2000
    assert kept["amount"] == "24"


def test_a_page_on_which_hundreds_of_cards_are_tried_stays_readable_and_every_decline_is_counted():
    paid = ATTEMPT | {"id": "the-last-one", "status": "SUCCESSFUL"}
    checkout = read_checkout(DOCUMENT | {"transactions": [ATTEMPT | {"status": "FAILED"}] * 300 + [paid]})
    assert [success.id for success in checkout.successes] == ["the-last-one"]
    assert checkout.document["declines"] == 300
    assert len(checkout.document["transactions"]) == 5


# A transaction and its story

SALE = ATTEMPT | {"status": "SUCCESSFUL", "timestamp": "2026-11-22T10:18:02.450Z", "fee_amount": Decimal("0.61")}
REFUND = {"id": 90000002, "amount": 5, "status": "REFUNDED", "timestamp": "2026-11-22T11:00:00Z"}
PAYOUT = {"id": 90000001, "event_type": "PAYOUT", "status": "SCHEDULED", "amount": Decimal("23.39")}


def story(*events, **fields):
    named = [{"event_type": "REFUND"} | event for event in events]
    return read_whole_transaction(SALE | {"transaction_events": [PAYOUT, *named]} | fields)


def test_refunds_are_read_from_either_list_and_counted_once():
    both = story(REFUND, events=[REFUND | {"type": "REFUND"}, REFUND | {"type": "REFUND", "id": 7}])
    alone = read_whole_transaction(SALE | {"events": [REFUND | {"type": "REFUND", "amount": -5}]})
    for found in (both, alone):
        assert [(event.id, event.amount) for event in found.events] == [("90000002", Decimal(5))]
        assert (found.refunded, found.left, found.fee) == (Decimal(5), Decimal(19), Decimal("0.61"))


@pytest.mark.parametrize(
    ("event", "refunded", "left"),
    [
        ({"status": "SUCCESSFUL"}, 5, 19),
        ({"status": "PENDING"}, 0, 19),
        ({"status": "FAILED"}, 0, 24),
        ({"status": "SUCCESSFUL", "event_type": "CHARGE_BACK"}, 0, 19),
    ],
)
def test_only_what_is_done_counts_and_what_is_on_its_way_is_not_left(event, refunded, left):
    found = story(REFUND | event)
    assert (found.refunded, found.left) == (refunded, left)


@pytest.mark.parametrize(
    "event", [{"id": None}, {"id": True}, {"id": "../x"}, {"amount": "5"}, {"amount": None}, {"status": None}]
)
def test_a_refund_that_cannot_be_read_is_no_proof_of_anything(event):
    with pytest.raises(Unreadable):
        story(REFUND | event)
