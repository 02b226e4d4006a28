"""What a ticket costs, with its fee."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.catalogue import pricing
from ticketing.enums import FeePolicy
from ticketing.models import EventSale, TicketType

POUNDS = st.decimals(0, 9999, places=2)


def type_of(policy, *, price, fee):
    return TicketType(sale=EventSale(fee_policy=policy, booking_fee=fee), price=price)


@pytest.mark.parametrize(
    ("policy", "price", "fee", "all_in"),
    [
        (FeePolicy.ABSORB, "12.00", "0.75", ("12.00", "0.00")),
        (FeePolicy.PASS_ON, "12.00", "0.75", ("12.75", "0.75")),
        (FeePolicy.PASS_ON, "12.00", "0.00", ("12.00", "0.00")),
        (FeePolicy.PASS_ON, "0.00", "0.75", ("0.00", "0.00")),
    ],
)
def test_unit_price_is_all_in(policy, price, fee, all_in):
    ticket_type = type_of(policy, price=Decimal(price), fee=Decimal(fee))
    assert pricing.price_and_fee_of(ticket_type) == tuple(map(Decimal, all_in))


@given(price=POUNDS, fee=POUNDS, policy=st.sampled_from(FeePolicy))
def test_unit_price_is_the_price_and_the_fee_in_it(price, fee, policy):
    all_in, fee_in_it = pricing.price_and_fee_of(type_of(policy, price=price, fee=fee))
    assert all_in == price + fee_in_it
    assert fee_in_it in (0, fee)
    assert (all_in == 0) == (price == 0)
    assert all_in.as_tuple().exponent == fee_in_it.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("price", "label"), [("0", "Free"), ("12.00", "£12"), ("12.50", "£12.50"), ("1200.00", "£1,200")]
)
def test_price_label(price, label):
    assert pricing.format_price(Decimal(price)) == label
