from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import format_money, round_money


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
