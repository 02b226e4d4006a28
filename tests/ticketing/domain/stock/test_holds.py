"""Holding seats, changing one's mind, and letting them go."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import forget_edits, make_merchant, make_sale, make_type, make_wish
from ticketing.domain.errors import CannotExtend, LimitExceeded, NothingToOrder, NotOnSale, SoldOut
from ticketing.domain.stock import allocation, basket_contents, holds
from ticketing.models import Basket, BasketLine, TicketType

MINUTE = timedelta(minutes=1)


@pytest.fixture
def adult(db):
    return make_type(make_sale(capacity=20))


@pytest.fixture
def child(adult):
    return make_type(adult.sale, name="Child", price="6.00")


@pytest.fixture(autouse=True)
def _stock_agrees(request):
    yield
    assert allocation.audit_counters() == []


def hold(basket=None, code="", **by_name):
    types = {one.name.lower(): one for one in TicketType.objects.select_related("sale")}
    sale = types[next(iter(by_name))].sale
    return holds.hold_seats(
        basket, sale=sale, quantities={types[name].pk: number for name, number in by_name.items()}, code=code
    )


def quantities(basket):
    return {line.ticket_type.name.lower(): line.quantity for line in basket.lines.select_related("ticket_type")}


def allocated():
    return {name.lower(): number for name, number in TicketType.objects.values_list("name", "allocated")}


def later(minutes):
    return time_machine.travel(timezone.now() + minutes * MINUTE)


# Holding


def test_hold_takes_seats_for_fifteen_minutes(adult, child):
    basket = hold(adult=2, child=1)
    assert quantities(basket) == allocated() == {"adult": 2, "child": 1}
    left = basket.lines.first().expires_at - timezone.now()
    assert 14 * MINUTE < left <= 15 * MINUTE


def test_hold_sets_rather_than_adds(adult, child):
    basket = hold(adult=2, child=1)
    hold(basket, adult=3)
    assert quantities(basket) == allocated() == {"adult": 3, "child": 1}


def test_hold_of_nothing_removes(adult, child):
    basket = hold(adult=2, child=1)
    hold(basket, adult=0)
    assert quantities(basket) == {"child": 1}
    assert allocated() == {"adult": 0, "child": 1}


def test_hold_swaps_the_last_seats_between_types(adult, child):
    basket = hold(adult=10)
    type(adult.sale).objects.update(capacity=10)
    hold(basket, adult=4, child=6)
    assert allocated() == {"adult": 4, "child": 6}


def test_a_repeated_hold_changes_nothing_and_prolongs_nothing(adult):
    basket = hold(adult=2)
    before = basket.lines.get()
    with later(5):
        hold(basket, adult=2)
    after = basket.lines.get()
    assert (after.pk, after.quantity, after.expires_at) == (before.pk, 2, before.expires_at)
    assert allocated() == {"adult": 2}


def test_more_seats_start_the_hold_afresh_and_fewer_do_not(adult):
    basket = hold(adult=2)
    first = basket.lines.get().expires_at
    with later(5):
        hold(basket, adult=1)
        assert basket.lines.get().expires_at == first
        hold(basket, adult=2)
    assert basket.lines.get().expires_at > first


def test_an_ended_hold_is_taken_again_by_the_same_form(adult):
    basket = hold(adult=2)
    with later(16):
        hold(basket, adult=2)
        assert basket.lines.get().expires_at > timezone.now()
    with later(60):
        allocation.reclaim_expired_holds()
        assert allocated() == {"adult": 0}
        hold(basket, adult=2)
        assert allocated() == {"adult": 2}


def test_hold_keeps_the_price_shown_until_more_is_taken(adult):
    basket = hold(adult=3)
    TicketType.objects.update(price=Decimal("20.00"))
    hold(basket, adult=2)
    assert basket.lines.get().unit_price == Decimal("12.00")
    hold(basket, adult=3)
    assert basket.lines.get().unit_price == Decimal("20.00")


def test_hold_with_the_code_shows_hidden_types(adult):
    make_type(adult.sale, name="Friend", access_code="Gorse")
    basket = hold(friend=1, code=" gorse ")
    hold(basket, friend=2)  # the code was given once
    assert quantities(basket) == {"friend": 2}


# Refusing


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"adult": -1}, LimitExceeded),
        ({"adult": 11}, LimitExceeded),
        ({"adult": 10**12}, LimitExceeded),
        ({"adult": 6, "child": 5}, LimitExceeded),
        ({"adult": "2"}, LimitExceeded),
        ({"adult": 1.5}, LimitExceeded),
    ],
)
def test_hold_refuses_nonsense_and_changes_nothing(adult, child, wanted, error):
    with pytest.raises(error):
        hold(**wanted)
    assert allocated() == {"adult": 0, "child": 0}
    assert not Basket.objects.exists()


@pytest.mark.parametrize("number", [1, 4])
def test_hold_refuses_fewer_or_more_than_the_type_allows(adult, number):
    make_type(adult.sale, name="Family", min_per_order=2, max_per_order=3)
    with pytest.raises(LimitExceeded):
        hold(family=number)
    assert hold(family=3)


def test_hold_refuses_a_type_of_another_sale(adult):
    foreign = make_type(name="Foreign")
    with pytest.raises(NotOnSale):
        holds.hold_seats(None, sale=adult.sale, quantities={foreign.pk: 1})
    with pytest.raises(NotOnSale):
        holds.hold_seats(None, sale=adult.sale, quantities={10**15: 1})
    assert not BasketLine.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"opens_at": timezone.now() + timedelta(days=1)},
        {"closes_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_hold_refuses_a_closed_sale_but_lets_go(adult, fields):
    basket = hold(adult=2)
    type(adult.sale).objects.update(**fields)
    with pytest.raises(NotOnSale):
        hold(basket, adult=3)
    assert quantities(basket) == {"adult": 2}
    hold(basket, adult=1)
    hold(basket, adult=0)
    assert allocated() == {"adult": 0}


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"opens_at": timezone.now() + timedelta(days=1)},
        {"closes_at": timezone.now() - timedelta(days=1)},
        {"access_code": "gorse"},
    ],
)
def test_hold_refuses_a_closed_type(adult, fields):
    TicketType.objects.update(**fields)
    with pytest.raises(NotOnSale):
        hold(adult=1)


def test_hold_refuses_an_unpublished_page(adult):
    adult.sale.page.unpublish()
    with pytest.raises(NotOnSale):
        hold(adult=1)


def test_hold_refuses_what_is_sold_out_and_keeps_what_there_was(adult):
    type(adult.sale).objects.update(capacity=4)
    basket = hold(adult=2)
    with pytest.raises(SoldOut) as refusal:
        hold(basket, adult=5)
    assert refusal.value.remaining == 2
    assert quantities(basket) == allocated() == {"adult": 2}


# Extending and letting go


def test_extend_three_times(adult):
    basket = hold(adult=2)
    for minutes in (10, 20, 30):
        with later(minutes):
            assert holds.extend_holds(basket) == basket.lines.get().expires_at
    with later(40), pytest.raises(CannotExtend):
        holds.extend_holds(basket)


def test_extend_needs_something_held(adult):
    with pytest.raises(CannotExtend):
        holds.extend_holds(make_wish(adult).basket)


def test_release_gives_everything_back_and_is_harmless_twice(adult, child):
    basket = hold(adult=2, child=1)
    make_wish(make_type(name="Elsewhere"), basket=basket)
    holds.empty_basket(basket)
    holds.empty_basket(basket)
    assert quantities(basket) == {}
    assert set(allocated().values()) == {0}


def test_release_line_gives_back_one_line(adult, child):
    basket = hold(adult=2, child=1)
    line = basket.lines.get(ticket_type=adult)
    holds.remove_line(line)
    holds.remove_line(line)
    assert quantities(basket) == {"child": 1}
    assert allocated() == {"adult": 0, "child": 1}


# Taking the same seats again


def test_rehold_takes_the_same_seats_again_at_todays_price(adult):
    basket = hold(adult=2)
    with later(20):
        allocation.reclaim_expired_holds()
        TicketType.objects.update(price=Decimal("15.00"))
        until = holds.renew_ended_holds(basket)
        assert until == basket.lines.get().expires_at
        assert until > timezone.now()
    assert basket.lines.get().unit_price == Decimal("15.00")
    assert allocated() == {"adult": 2}


def test_rehold_leaves_live_holds_as_they_are(adult):
    basket = hold(adult=2)
    other = make_type(name="Other")
    make_wish(other, basket=basket)
    before = basket.lines.get(ticket_type=adult).expires_at
    holds.renew_ended_holds(basket)
    assert basket.lines.get(ticket_type=adult).expires_at == before
    assert allocated() == {"adult": 2, "other": 2}


def test_rehold_is_all_or_nothing(adult):
    basket = make_wish(adult).basket
    make_wish(make_type(make_sale(capacity=1), name="Gone"), basket=basket)
    with pytest.raises(SoldOut):
        holds.renew_ended_holds(basket)
    assert set(allocated().values()) == {0}


def test_rehold_refuses_what_is_no_longer_sold(adult):
    basket = make_wish(adult).basket
    type(adult.sale).objects.update(is_active=False)
    with pytest.raises(NotOnSale):
        holds.renew_ended_holds(basket)


def test_rehold_of_an_empty_basket(db):
    with pytest.raises(NothingToOrder):
        holds.renew_ended_holds(holds.create_basket())


# Reading


def test_contents_by_merchant(adult, child):
    theirs = make_type(make_sale(merchant=make_merchant("MTHEIRS", "Theirs")), name="Theirs", price="0.00")
    basket = hold(adult=2, child=1)
    holds.hold_seats(basket, sale=theirs.sale, quantities={theirs.pk: 1})
    contents = basket_contents.read_basket(basket, timezone.now())
    assert [(group.key, group.total, group.is_free) for group in contents.groups] == [
        ("site", Decimal("30.00"), False),
        ("MTHEIRS", Decimal(0), True),
    ]
    assert [group.merchant and group.merchant.merchant_code for group in contents.groups] == ["MDEMO001", None]
    assert (contents.total, contents.count, contents.expired, contents.extensions_left) == (30, 4, False, 3)
    assert contents.expires_at == min(line.expires_at for line in contents.lines)


def test_contents_say_when_the_hold_has_ended(adult):
    basket = hold(adult=2)
    with later(16):
        assert basket_contents.read_basket(basket, timezone.now()).expired
        allocation.reclaim_expired_holds()
        contents = basket_contents.read_basket(basket, timezone.now())
    assert contents.expired
    assert contents.expires_at is None
    assert contents.count == 2


def test_contents_show_the_fee(adult):
    type(adult.sale).objects.update(fee_policy="pass_on", booking_fee=Decimal("0.50"))
    adult.sale.refresh_from_db()
    [group] = basket_contents.read_basket(hold(adult=2), timezone.now()).groups
    assert (group.subtotal, group.fees, group.total) == (Decimal("24.00"), Decimal("1.00"), Decimal("25.00"))


def test_contents_of_nothing(db):
    contents = basket_contents.read_basket(None, timezone.now())
    assert not contents
    assert (contents.total, contents.count, contents.expires_at, contents.expired) == (0, 0, None, False)


@pytest.mark.parametrize("number", [1, 3, 30])
def test_contents_take_one_query_however_many_lines(db, number):
    basket = holds.create_basket()
    make_merchant()
    for index in range(number):
        make_wish(make_type(name=str(index)), basket=basket)
    forget_edits()
    basket_contents.read_basket(basket, timezone.now())  # what surrounds the sales is read once after each edit
    with CaptureQueriesContext(connection) as queries:
        for line in basket_contents.read_basket(basket, timezone.now()).lines:
            assert line.ticket_type.sale.page.place
    assert len(queries) == 1


@pytest.mark.parametrize("token", [None, "", "x" * 33, "nobody"])
def test_get_of_nonsense_is_nothing(db, token):
    assert basket_contents.find_basket(token) is None


def test_get_and_remember(db):
    basket = holds.create_basket()
    holds.save_buyer_details(basket, name="Ana" * 100, email="ana@example.je")
    found = basket_contents.find_basket(basket.token)
    assert (found.buyer_name[:3], len(found.buyer_name), found.buyer_email) == ("Ana", 120, "ana@example.je")
