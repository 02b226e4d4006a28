"""Reading what SumUp says: unknown keys are fine, wrong types are an unreadable answer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.sumup.errors import Unreadable
from payments.sumup.types import evidence, read_checkout

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
        ("transactions", [ATTEMPT] * 51),
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
    assert evidence({"status": "PA\x00ID", "date": "\ud800"}) == {"status": "PAID", "date": ""}


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
