"""The acceptance check: a pure function, one line per way to be wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest

from payments.domain.verification.acceptance import find_problem
from payments.models import MerchantAccount, Payment
from payments.provider import Checkout, Transaction

OURS = Payment(
    reference="JE-TEST0001-ABCDEF",
    merchant=MerchantAccount(merchant_code="MDEMO001"),
    amount=Decimal("24.50"),
    currency="GBP",
    checkout_id="checkout-1",
)
SUCCESS = Transaction(id="tx-2", code="TCODE2", status="SUCCESSFUL", amount=Decimal("24.5"), currency="GBP")
DECLINED = replace(SUCCESS, id="tx-1", code="TCODE1", status="FAILED")
PAID = Checkout(
    id="checkout-1",
    reference="JE-TEST0001-ABCDEF",
    merchant_code="MDEMO001",
    amount=Decimal("24.5"),
    currency="GBP",
    status="PAID",
    transaction_id="tx-2",
    transaction_code="TCODE2",
    attempts=(DECLINED, SUCCESS),
)


def test_it_accepts_what_we_asked_for():
    assert find_problem(OURS, PAID) == ""


@pytest.mark.parametrize(
    ("difference", "problem"),
    [
        ({"id": "checkout-9"}, "The checkout differs: we expected checkout-1, SumUp says checkout-9."),
        ({"reference": "X"}, "The reference differs: we expected JE-TEST0001-ABCDEF, SumUp says X."),
        ({"merchant_code": "MX"}, "The merchant differs: we expected MDEMO001, SumUp says MX."),
        ({"currency": "EUR"}, "The currency differs: we expected GBP, SumUp says EUR."),
        ({"amount": Decimal("25.5")}, "The amount differs: we expected 24.50, SumUp says 25.5."),
        ({"amount": Decimal("24.504")}, "The amount differs: we expected 24.50, SumUp says 24.504."),
        ({"status": "PENDING"}, "The status differs: we expected PAID, SumUp says PENDING."),
        ({"attempts": ()}, "SumUp calls the checkout paid but shows no successful transaction."),
        ({"attempts": (DECLINED,)}, "SumUp calls the checkout paid but shows no successful transaction."),
        (
            {"attempts": (SUCCESS, replace(SUCCESS, id="tx-3", code="TCODE3"))},
            "SumUp shows more than one successful transaction: TCODE2, TCODE3.",
        ),
        ({"transaction_id": "tx-1"}, "The successful transaction is not the one SumUp names in the checkout."),
        ({"transaction_id": ""}, "The successful transaction is not the one SumUp names in the checkout."),
    ],
)
def test_it_names_what_differs(difference, problem):
    assert find_problem(OURS, replace(PAID, **difference)) == problem


def test_it_names_everything_that_differs():
    problem = find_problem(OURS, replace(PAID, amount=Decimal(1), currency="EUR"))
    assert "currency" in problem
    assert "amount" in problem


def test_a_whole_amount_without_decimals_is_the_same_amount():
    ours = Payment(**{field: getattr(OURS, field) for field in ("reference", "merchant", "currency", "checkout_id")})
    ours.amount = Decimal("24.00")
    assert find_problem(ours, replace(PAID, amount=Decimal(24))) == ""
