"""How much one place and one e-mail address may take."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from common.http.network_addresses import neighbour_network
from tests.factories import make_order, make_sale, make_type
from ticketing.domain.abuse import abandonment, purchase_limits
from ticketing.domain.abuse.purchase_limits import Visitor
from ticketing.domain.errors import EnoughOrdered, NotProven, TooManyFromHere
from ticketing.domain.stock import holds
from ticketing.domain.stock.basket_contents import list_basket_lines
from ticketing.enums import OrderState, ProofReason
from ticketing.models import Basket, EventSale

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "9.9.9.9", "8.8.8.8"
AT = {"place": HERE, "network": "9.9.9.0"}


@pytest.fixture
def adult():
    return make_type(make_sale(capacity=1000, max_per_order=50), price="5.00")


def hold(ticket_type, number=1, place=HERE, *, is_proven=True, basket=None, step=0):
    visitor = Visitor(place, is_proven=is_proven, step=step)
    return holds.hold_seats(basket, sale=ticket_type.sale, quantities={ticket_type.pk: number}, visitor=visitor)


def hold_unproven(ticket_type, number=1, place=HERE):
    return hold(ticket_type, number, place, is_proven=False)


def test_the_first_hold_remembers_the_place(adult):
    basket = hold(adult)
    assert basket.address == HERE
    assert basket.lines.values_list("place", "network").get() == (HERE, "9.9.9.0")
    assert hold(adult, place=None).address is None


def test_a_place_with_many_seats_shows_that_there_are_people(adult):
    hold(adult, 39)
    hold_unproven(adult)
    with pytest.raises(NotProven):
        hold_unproven(adult)
    hold(adult)
    hold_unproven(adult, 2, ELSEWHERE)


def test_a_place_never_holds_a_whole_hall(adult):
    for _time in range(8):
        hold(adult, 50)
    with pytest.raises(TooManyFromHere):
        hold(adult)


def test_seats_whose_hold_has_ended_are_no_longer_counted(adult):
    hold(adult, 50)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        hold_unproven(adult)


@pytest.mark.parametrize(("begun", "error"), [(59, None), (60, NotProven), (600, TooManyFromHere)])
def test_baskets_begun_within_an_hour_are_bounded(adult, begun, error):
    Basket.objects.bulk_create(Basket(address=HERE) for _ in range(begun))
    if error is None:
        hold_unproven(adult)
        return
    with pytest.raises(error):
        hold_unproven(adult)
    Basket.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    hold_unproven(adult)


def test_one_question_of_the_indexes(adult, django_assert_num_queries):
    hold(adult, 50)
    make_order(adult, quantity=3, state=OrderState.PENDING_VERIFICATION, **AT)
    with django_assert_num_queries(1):
        assert purchase_limits.seats_held_by(HERE).seats == 53


@pytest.mark.parametrize("place", [None, ""])
def test_who_cannot_be_placed_is_not_counted(place, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert purchase_limits.seats_held_by(place).seats == 0


@pytest.mark.parametrize(
    ("capacity", "free", "place", "network"),
    [
        (1, 1, 1, 1),
        (4, 4, 4, 4),
        (5, 4, 4, 4),
        (8, 6, 6, 6),
        (10, 8, 8, 8),
        (13, 10, 10, 10),
        (30, 10, 20, 24),
        (100, 20, 40, 50),
        (600, 120, 240, 300),
    ],
)
def test_a_place_has_a_fifth_with_proof_two_and_its_network_half(capacity, free, place, network):
    share = purchase_limits.seat_share_of(EventSale(capacity=capacity, max_per_order=4))
    assert (share.free, share.place, share.network, share.email) == (free, place, network, free)


def test_what_one_order_may_have_and_what_is_sold_together_is_no_more_than_its_share():
    assert purchase_limits.seat_share_of(EventSale(capacity=100, max_per_order=50)).place == 50
    assert purchase_limits.seat_share_of(EventSale(capacity=100, max_per_order=90)).place == 80
    assert purchase_limits.seat_share_of(EventSale(capacity=10, max_per_order=10), together=10).place == 10


def test_switched_off_nothing_is_counted(settings, adult, django_assert_num_queries):
    settings.RATE_LIMITS = False
    with django_assert_num_queries(0):
        assert purchase_limits.seats_held_by(HERE).seats == 0
        assert not purchase_limits.is_trying_cards(HERE)


def test_a_rush_is_many_holds_of_one_sale_within_minutes(adult, monkeypatch):
    monkeypatch.setattr(purchase_limits, "RUSH_HOLDS", 3)
    other = make_type()
    for _time in range(3):
        assert not purchase_limits._has_many_new_holds(adult.sale_id)
        hold(adult)
    assert purchase_limits.is_in_rush(adult.sale_id)
    assert not purchase_limits.is_in_rush(other.sale_id)
    assert purchase_limits.find_proof_reason({other.sale_id, adult.sale_id}, Visitor(HERE)) == ProofReason.RUSH
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert not purchase_limits._has_many_new_holds(adult.sale_id)


def test_whether_it_is_busy_is_known_for_a_moment(adult, django_assert_num_queries):
    purchase_limits.is_in_rush(adult.sale_id)
    with django_assert_num_queries(0):
        purchase_limits.is_in_rush(adult.sale_id)


@pytest.mark.parametrize(
    ("state", "found"),
    [(OrderState.PENDING_VERIFICATION, True), (OrderState.FAILED, True), (OrderState.COMPLETED, False)],
)
def test_who_orders_and_never_pays_tries_cards(adult, state, found):
    for _time in range(5):
        assert not purchase_limits.is_trying_cards(HERE)
        make_order(adult, state=state, **AT)
    assert purchase_limits.is_trying_cards(HERE) is found
    assert not purchase_limits.is_trying_cards(ELSEWHERE)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert not purchase_limits.is_trying_cards(HERE)


# One e-mail address


def order(ticket_type, number=1, email="ana@example.je"):
    purchase_limits.refuse_excessive_order(
        list_basket_lines(hold(ticket_type, number)), email=email, visitor=purchase_limits.Visitor(HERE)
    )


def test_an_address_has_five_full_orders_of_a_performance(adult):
    make_order(adult, quantity=240, buyer_email="Ana@Example.je")
    order(adult, 10)
    with pytest.raises(EnoughOrdered, match="240 tickets were ordered"):
        order(adult, 11)
    order(adult, 11, "bob@example.je")
    order(make_type(), 2)


def test_an_address_has_ten_orders_of_a_performance(adult):
    for _time in range(10):
        order(adult)
        make_order(adult, quantity=1, buyer_email="ana@example.je")
    make_order(adult, state=OrderState.EXPIRED, buyer_email="bob@example.je", quantity=250)
    with pytest.raises(EnoughOrdered):
        order(adult)
    order(adult, email="bob@example.je")


def test_free_orders_of_an_address_are_few():
    free = make_type(price="0.00")
    for _time in range(3):
        order(free)
        make_order(free, buyer_email="ana@example.je", place=HERE, network=neighbour_network(HERE))
    with pytest.raises(EnoughOrdered):
        order(free)
    order(make_type(free.sale, name="Paid", price="5.00"))


def test_free_orders_from_one_place_are_a_classroom_not_a_script():
    free = make_type(make_sale(capacity=500), price="0.00")
    for number in range(20):
        order(free, email=f"b{number}@example.je")
        make_order(free, buyer_email=f"b{number}@example.je", **AT)
    with pytest.raises(TooManyFromHere):
        order(free, email="another@example.je")


def test_a_repeated_form_passes(adult):
    basket = hold(adult)
    make_order(adult, quantity=250, buyer_email="ana@example.je")
    holds.empty_basket(basket)
    purchase_limits.refuse_excessive_order(
        list_basket_lines(basket), email="ana@example.je", visitor=purchase_limits.Visitor(HERE)
    )


def test_an_order_asks_three_questions_at_most(adult, django_assert_max_num_queries):
    basket = hold(adult)
    with django_assert_max_num_queries(3):
        purchase_limits.refuse_excessive_order(
            list_basket_lines(basket), email="ana@example.je", visitor=purchase_limits.Visitor(HERE)
        )


def test_two_spellings_of_an_address_are_one_person():
    free = make_type(price="0.00")
    for email in ("ana@xn--bcher-kva.example", "ANA@bücher.example", "ana@xn--bcher-kva.example"):
        make_order(free, buyer_email=email, place=HERE, network=neighbour_network(HERE))
    with pytest.raises(EnoughOrdered):
        order(free, email="Ana <ana@BÜCHER.example>")
    assert abandonment._hash_names(None, "ana@BÜCHER.example") == abandonment._hash_names(
        None, "ana@xn--bcher-kva.example\u200b"
    )
