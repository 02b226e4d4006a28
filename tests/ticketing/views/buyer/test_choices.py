"""The holder of a postponed date asks for the money back on the order's own page."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from tests.factories import make_event, make_sale, make_type
from tests.stories import find_open_choice, make_paid_order
from ticketing.domain.changes import dispatch
from ticketing.models import ChangeNotice, OrderRefund

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(clock):
    order = make_paid_order(make_type(make_sale(make_event()), price="12.00"))
    clock.shift(timedelta(minutes=1))
    change_performance(order.lines.get().sale.performance, status=PerformanceStatus.POSTPONED)
    ChangeNotice.objects.update(choice_days=14)
    dispatch.start_sending(ChangeNotice.objects.get(), by=None)
    return order


def choose(client, order, key=None):
    address = reverse("ticketing:order-choice", args=[order.reference, order.token])
    return client.post(address, {"choice": find_open_choice(order).key if key is None else key})


def test_it_works(client, order):
    response = choose(client, order)
    assert (response.status_code, response.url) == (303, order.get_absolute_url())
    assert OrderRefund.objects.get().notice == ChangeNotice.objects.get()


def test_pressed_twice_it_is_asked_for_once_and_said_so(client, order):
    key = find_open_choice(order).key
    first, second = (choose(client, order, key) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "This can no longer be chosen" in second.text
    assert OrderRefund.objects.count() == 1


@pytest.mark.parametrize("key", ["1-99999", "x", "-", "9" * 400])
def test_a_choice_that_is_none_asks_for_nothing(client, order, key):
    assert choose(client, order, key).status_code == 409
    assert not OrderRefund.objects.exists()


def test_only_who_has_the_link_may_choose(client, order):
    address = reverse("ticketing:order-choice", args=[order.reference, "x" * 40])
    assert client.post(address).status_code == 404
    assert client.get(reverse("ticketing:order-choice", args=[order.reference, order.token])).status_code == 405


def test_the_orders_page_offers_it_until_it_is_chosen(client, order):
    page = client.get(order.get_absolute_url()).text
    assert "Keep your tickets to Sea Shanties, or give them back?" in page
    assert "Give me £24.00 back" in page
    key = re.search(r'name="choice" value="([\d-]+)"', page)[1]
    assert choose(client, order, key).status_code == 303
    assert "Give me £24.00 back" not in client.get(order.get_absolute_url()).text


def test_after_the_last_day_it_is_offered_no_more(client, order, clock):
    clock.shift(timedelta(days=15))
    assert "Give me £24.00 back" not in client.get(order.get_absolute_url()).text
