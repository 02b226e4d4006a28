"""More buyers than seats, all at once, over HTTP against gunicorn on PostgreSQL: every seat is sold, none twice."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from tests import factories
from tests.buyers import Buyer, crowd
from tests.harness import until
from ticketing.domain.stock import allocation
from ticketing.enums import OrderState
from ticketing.models import BasketLine, Order, OrderLine, Ticket

SEATS, BUYERS, AT_ONCE = 200, 400, 32


@pytest.fixture(scope="module")
def shop(make_stacks):
    factories.make_home()
    factories.make_legal_page()
    return make_stacks


@pytest.fixture(scope="module")
def stack(shop):
    """Without the worker: the rush alone must be right, whatever tidies up later."""
    stack = shop()
    stack.web.start()
    return stack


@pytest.fixture(scope="module")
def broken_stack(shop):
    """The negative control: allocation takes seats without asking whether there are any."""
    stack = shop(OVERSELL="true")
    stack.web.start()
    return stack


def make_free_sale(*, types=1, capacity=SEATS, **fields):
    sale = factories.make_sale(capacity=capacity, **fields)
    return sale, [factories.make_type(sale, name=f"Type {number}", price="0.00") for number in range(types)]


def buy_one(stack, sale, types):
    def visit(number):
        buyer = Buyer(stack.url, email=f"buyer{number}@example.je")
        try:
            return buyer.buy(sale.pk, {types[number % len(types)].pk: 1}).status
        finally:
            buyer.close()

    return visit


def assert_exactly_sold(sale, seats):
    sale.refresh_from_db()
    assert Ticket.objects.filter(sale=sale).count() == seats
    assert sale.allocated == seats
    assert OrderLine.objects.filter(sale=sale).aggregate(seats=Sum("allocated"))["seats"] == seats
    orders = Order.objects.filter(lines__sale=sale)
    assert set(orders.values_list("state", flat=True)) == {OrderState.COMPLETED}
    assert allocation.audit_counters() == []


def test_400_buyers_for_200_seats_buy_exactly_200(stack):
    sale, types = make_free_sale()
    statuses, _ = crowd(BUYERS, buy_one(stack, sale, types), at_once=AT_ONCE)
    assert Counter(statuses) == {200: SEATS, 409: BUYERS - SEATS}
    assert_exactly_sold(sale, SEATS)
    assert not BasketLine.objects.filter(expires_at__isnull=False).exists(), "a seat is stuck in a basket"


def test_three_types_share_one_capacity(stack):
    sale, types = make_free_sale(types=3)
    statuses, _ = crowd(BUYERS, buy_one(stack, sale, types), at_once=AT_ONCE)
    assert Counter(statuses) == {200: SEATS, 409: BUYERS - SEATS}
    assert_exactly_sold(sale, SEATS)


def test_holds_that_expire_meanwhile_are_sold_once_to_somebody_else(stack):
    """Half the seats lie in baskets whose hold ends during the rush: each is either kept or taken, never both."""
    sale, types = make_free_sale()
    walkers, _ = crowd(SEATS // 2, lambda number: hold_and_leave(stack, sale, types), at_once=AT_ONCE)
    assert Counter(walkers) == {303: SEATS // 2}
    soon = timezone.now() + timedelta(seconds=2)
    BasketLine.objects.filter(ticket_type__sale=sale).update(expires_at=soon)
    statuses, _ = crowd(BUYERS, patient(buy_one(stack, sale, types)), at_once=AT_ONCE)
    assert Counter(statuses)[200] == SEATS
    assert_exactly_sold(sale, SEATS)


def hold_and_leave(stack, sale, types):
    buyer = Buyer(stack.url)
    try:
        return buyer.hold(sale.pk, {types[0].pk: 1}).status
    finally:
        buyer.close()


def patient(visit):
    """Who is told "sold out" while others only hold looks again a little later, as people do."""

    def again(number):
        status = visit(number)
        if status == 409 and BasketLine.objects.filter(expires_at__gt=timezone.now()).exists():
            until(lambda: not BasketLine.objects.filter(expires_at__gt=timezone.now()).exists(), seconds=20)
            status = visit(number)
        return status

    return again


def test_one_basket_from_two_tabs_at_once_becomes_one_order(stack):
    """The same form sent eight times at the same moment: one order, one set of tickets."""
    sale, types = make_free_sale(capacity=20)
    first = Buyer(stack.url)
    assert first.hold(sale.pk, {types[0].pk: 2}).status == 303

    def send(_):
        tab = Buyer(stack.url, cookies=dict(first.cookies))
        try:
            return tab.check_out().location
        finally:
            tab.close()

    locations, _ = crowd(8, send, at_once=8)
    assert len({location for location in locations if location.startswith("/tickets/orders/")}) == 1
    assert Order.objects.filter(lines__sale=sale).count() == 1
    assert_exactly_sold(sale, 2)


def test_without_allocation_s_condition_the_database_still_refuses(broken_stack):
    """The CHECK constraint is the last line: whoever comes too late gets an error, never a seat."""
    sale, types = make_free_sale(capacity=20)
    statuses, _ = crowd(60, buy_one(broken_stack, sale, types), at_once=AT_ONCE)
    assert Counter(statuses) == {200: 20, 500: 40}
    assert_exactly_sold(sale, 20)


def test_without_the_constraint_too_this_test_would_see_the_oversale(broken_stack):
    """Proof that the tests above can fail: with both guards gone, more is sold than there is, and they notice."""
    sale, types = make_free_sale(capacity=20)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ticketing_eventsale DROP CONSTRAINT sale_never_oversold")
    statuses, _ = crowd(60, buy_one(broken_stack, sale, types), at_once=AT_ONCE)
    assert Counter(statuses)[200] > 20
    with pytest.raises(AssertionError):
        assert_exactly_sold(sale, 20)
