"""Buying tickets of a page behind a password, a sign-in or a group: for whoever has passed it, and nobody else."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from tests.events_pages.test_private_pages import RESTRICTED_TYPES, admit, restrict
from tests.factories import make_event, make_index, make_sale, make_type
from tests.ticketing.views.shop import buy, check_out, hold, order_url
from ticketing.models import Basket, BasketLine, Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return make_type(make_sale(make_event("Members only night")), price="0")


def page_of(kind):
    return kind.sale.page


@pytest.mark.parametrize("restriction_type", RESTRICTED_TYPES)
def test_strangers_take_no_tickets(client, kind, restriction_type):
    restrict(page_of(kind), restriction_type)
    assert hold(client, kind).status_code == 404
    assert client.get(reverse("ticketing:live", args=[kind.sale_id])).status_code == 404
    assert client.get(reverse("ticketing:sale", args=[kind.sale_id])).status_code == 404
    assert not BasketLine.objects.exists()
    assert not Basket.objects.exists()


def test_a_restriction_of_the_list_counts_for_each_event(client, kind):
    restrict(make_index())
    assert hold(client, kind).status_code == 404


@pytest.mark.parametrize("restriction_type", RESTRICTED_TYPES)
def test_whoever_passed_buys_as_before(client, kind, restriction_type):
    admit(client, restrict(page_of(kind), restriction_type))
    assert client.get(reverse("ticketing:live", args=[kind.sale_id])).status_code == 200
    order = buy(client, kind)
    assert "Members only night" in client.get(order_url(order)).text


def test_every_restriction_above_it_has_to_be_passed(client, kind):
    own, above = restrict(page_of(kind)), restrict(make_index(), PageViewRestriction.LOGIN)
    admit(client, own)
    assert hold(client, kind).status_code == 404
    admit(client, above)
    admit(client, own)
    assert hold(client, kind).status_code == 303


def test_a_stranger_may_still_buy_of_another_page(client, kind):
    restrict(page_of(kind))
    other = make_type(make_sale(make_event("Open to all")), price="0")
    assert buy(client, other).lines.get().event_title == "Open to all"


def test_what_was_held_before_is_not_sold_to_who_may_not_read_the_page(client, kind):
    hold(client, kind)
    restrict(page_of(kind))
    refused = check_out(client)
    assert refused.status_code == 409
    assert "This event is private now" in refused.text
    assert not Order.objects.exists()
    kind.sale.refresh_from_db()
    assert kind.sale.allocated == 2


def test_a_basket_takes_no_more_of_it_but_gives_back(client, kind):
    hold(client, kind)
    restrict(page_of(kind))
    line = BasketLine.objects.get()
    change = reverse("ticketing:change")
    assert client.post(change, {"line": line.pk, "quantity": 5}).status_code == 409
    assert client.post(change, {"line": line.pk, "quantity": 1}).status_code == 303
    assert BasketLine.objects.get().quantity == 1
    assert client.post(change, {"line": line.pk, "remove": ""}).status_code == 303
    assert not BasketLine.objects.exists()


def test_an_ended_hold_is_not_taken_again(client, kind):
    hold(client, kind)
    BasketLine.objects.update(expires_at=timezone.now() - timezone.timedelta(minutes=1))
    restriction = restrict(page_of(kind))
    assert client.post(reverse("ticketing:rehold")).status_code == 409
    admit(client, restriction)
    assert client.post(reverse("ticketing:rehold")).status_code == 303


def test_orders_that_were_placed_stay_with_their_buyers(client, kind):
    order = buy(client, kind)
    restrict(page_of(kind))
    client.cookies.clear()
    assert "Members only night" in client.get(order_url(order)).text
    for name in ("order-pdf", "order-calendar"):
        assert client.get(order_url(order, name)).status_code == 200


def test_a_form_that_is_sent_twice_still_leads_to_its_order(client, kind):
    order = buy(client, kind)
    restrict(page_of(kind))
    assert check_out(client).url == order.get_absolute_url()


def test_restrictions_elsewhere_cost_a_buyer_no_statement(client, kind, django_assert_num_queries):
    other = make_event("Behind a door")
    live = reverse("ticketing:live", args=[kind.sale_id])
    restrict(other)
    with django_assert_num_queries(2):
        assert client.get(live).status_code == 200
