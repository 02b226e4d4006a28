from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import PENNY, format_money, round_money, split_money, tax_included


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.005", "0.01"), ("2.675", "2.68"), ("-0.005", "-0.01"), (12, "12.00")]
)
def test_money_rounds_half_up(value, rounded):
    assert round_money(value) == Decimal(rounded)


def test_money_refuses_binary_fractions():
    with pytest.raises(TypeError):
        round_money(0.1)


@given(st.decimals(min_value=-1_000_000, max_value=1_000_000, places=4))
def test_rounding_moves_money_by_half_a_penny_at_most(value):
    assert abs(round_money(value) - value) <= Decimal("0.005")


def test_money_is_printed_as_pounds():
    assert format_money(Decimal("1234.5")) == "£1,234.50"


MONEY = st.decimals(min_value=-5000, max_value=5000, places=2)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=500, places=2), min_size=1, max_size=12)


@given(amount=MONEY, weights=WEIGHTS)
def test_shares_add_up_and_none_is_a_penny_off(amount, weights):
    shares, whole = split_money(amount, weights), sum(weights)
    assert sum(shares) == amount
    if whole:
        exact = [amount * weight / whole for weight in weights]
        assert all(abs(share - wanted) < PENNY for share, wanted in zip(shares, exact, strict=True))


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        ("0.10", [1, 1, 1], ["0.04", "0.03", "0.03"]),
        ("0.61", ["12.00", "24.50"], ["0.20", "0.41"]),
        ("1.00", [0, 5], ["0.00", "1.00"]),
        ("0.03", [0, 0], ["0.02", "0.01"]),
    ],
)
def test_shares_by_largest_remainder(amount, weights, shares):
    assert split_money(Decimal(amount), [Decimal(weight) for weight in weights]) == [Decimal(share) for share in shares]


def test_nothing_is_shared_with_nobody():
    with pytest.raises(ValueError, match="nobody"):
        split_money(Decimal("1.00"), [])


RATES = st.decimals(min_value=0, max_value=30, places=2)


@given(gross=MONEY, rate=RATES)
def test_tax_and_price_without_it_add_up(gross, rate):
    """And the tax is the rate of what is left, to half a penny of the tax itself."""
    tax = tax_included(gross, rate)
    assert round_money(tax) == tax
    assert tax + (gross - tax) == gross
    assert abs(tax - (gross - tax) * rate / 100) <= Decimal("0.005") * (1 + rate / 100)


@pytest.mark.parametrize(
    ("gross", "tax"), [("21.00", "1.00"), ("12.50", "0.60"), ("0.10", "0.00"), ("0.11", "0.01"), ("-21.00", "-1.00")]
)
def test_five_per_cent_is_one_twenty_first(gross, tax):
    assert tax_included(Decimal(gross), Decimal("5.00")) == Decimal(tax)
