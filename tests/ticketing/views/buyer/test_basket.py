"""The basket page and everything that can be done on it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_event, make_sale, make_type
from tests.ticketing.views.shop import check_out, hold
from ticketing.domain.stock import holds as baskets
from ticketing.models import Basket, BasketLine, Order

pytestmark = pytest.mark.django_db

BASKET = "/tickets/basket/"


@pytest.fixture
def seat():
    return make_type(price="0.00")


def post(client, name, **data):
    return client.post(reverse(f"ticketing:{name}"), data)


def after(minutes):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def test_an_empty_basket_says_so_and_sets_no_cookie(client):
    page = client.get(BASKET)
    assert "There is nothing in it yet" in page.text
    assert not page.cookies


def test_the_basket_shows_lines_of_several_events(client, seat):
    other = make_type(make_sale(make_event("Lighthouse Tales")), name="Bench", price="0.00")
    hold(client, seat, 2)
    hold(client, other, 1)
    page = client.get(BASKET).text
    for words in ("Sea Shanties", "Lighthouse Tales", "2 × Adult", "1 × Bench", "3 tickets", "Held for you until"):
        assert words in page


@pytest.mark.parametrize("lines", [1, 3])
def test_the_basket_needs_the_same_queries_for_any_number_of_lines(client, lines, django_assert_max_num_queries):
    sale = make_sale()
    for number in range(lines):
        hold(client, make_type(sale, name=f"Type {number}"), 1)
    client.get(BASKET)  # the site's own merchant is made on first use
    with django_assert_max_num_queries(3):
        client.get(BASKET)


def test_the_status_counts_what_is_held(client, seat):
    assert client.get("/tickets/basket/status.json").json() == {"count": 0}
    hold(client, seat, 3)
    assert client.get("/tickets/basket/status.json").json() == {"count": 3}


def test_a_line_is_changed_and_removed(client, seat):
    hold(client, seat, 2)
    line = BasketLine.objects.get()
    assert post(client, "change", line=line.pk, quantity="5").status_code == 303
    line.refresh_from_db()
    assert line.quantity == 5
    assert post(client, "change", line=line.pk, remove="1").status_code == 303
    assert not BasketLine.objects.exists()
    seat.sale.refresh_from_db()
    assert seat.sale.allocated == 0


@pytest.mark.parametrize(
    ("quantity", "status", "words"),
    [("many", 422, "Write a number of tickets"), ("-2", 422, "Write a number"), ("99", 422, "at most 10 tickets")],
)
def test_a_wrong_number_changes_nothing(client, seat, quantity, status, words):
    hold(client, seat, 2)
    response = post(client, "change", line=BasketLine.objects.get().pk, quantity=quantity)
    assert response.status_code == status
    assert words in response.text
    assert BasketLine.objects.get().quantity == 2


@pytest.mark.parametrize("line", ["", "x", "-1", "9" * 30, "4294967296"])
def test_a_line_that_is_not_there(client, seat, line):
    hold(client, seat, 2)
    response = post(client, "change", line=line, quantity="1")
    assert response.status_code == 409
    assert "no longer in your basket" in response.text


def test_somebody_elses_line_is_out_of_reach(client, seat):
    hold(client, seat, 2)
    line = BasketLine.objects.get()
    stranger = Client()
    hold(stranger, seat, 1)
    assert post(stranger, "change", line=line.pk, remove="1").status_code == 409
    assert post(stranger, "change", line=line.pk, quantity="9").status_code == 409
    line.refresh_from_db()
    assert line.quantity == 2


def test_a_hold_is_extended_three_times_and_no_more(client, seat):
    hold(client, seat, 2)
    for _time in range(3):
        assert post(client, "extend").status_code == 303
    assert "It was extended three times" in client.get(BASKET).text
    response = post(client, "extend")
    assert response.status_code == 409
    assert "cannot be extended any further" in response.text


def test_extending_moves_the_end_of_the_hold(client, seat):
    hold(client, seat, 2)
    before = BasketLine.objects.get().expires_at
    with after(10):
        assert post(client, "extend", checkout="1").url == reverse("ticketing:checkout")
    assert BasketLine.objects.get().expires_at >= before + timedelta(minutes=9)


def test_release_gives_everything_back(client, seat):
    hold(client, seat, 2)
    assert post(client, "release").status_code == 303
    seat.sale.refresh_from_db()
    assert seat.sale.allocated == 0
    assert client.cookies["basket_until"].value == ""


def test_the_same_seats_are_taken_again_after_the_end(client, seat):
    hold(client, seat, 2)
    with after(20):
        baskets.reclaim_expired_holds()
        page = client.get(BASKET).text
        assert "Your hold has ended" in page
        assert "2 × Adult" in page
        response = check_out(client)
        assert response.status_code == 409
        assert "Ana Vautier" in response.text
        assert not Order.objects.exists()
        assert post(client, "rehold").url == reverse("ticketing:checkout")
        assert "Ana Vautier" in client.get(reverse("ticketing:checkout")).text
        assert check_out(client).status_code == 303


def test_seats_that_went_to_somebody_else_are_said_to_be_gone(client):
    seat = make_type(make_sale(capacity=2), price="0.00")
    hold(client, seat, 2)
    with after(20):
        assert hold(Client(), seat, 1).status_code == 303
        response = post(client, "rehold")
        assert response.status_code == 409
        assert "Only 1 ticket is left" in response.text


@pytest.mark.parametrize("name", ["change", "extend", "release", "rehold"])
def test_without_a_basket_nothing_happens(client, name):
    assert post(client, name).url == BASKET
    assert client.get(reverse(f"ticketing:{name}")).status_code == 405
    assert not Basket.objects.exists()


@pytest.mark.parametrize("name", ["change", "extend", "release", "rehold"])
def test_other_sites_cannot_touch_the_basket(name):
    assert Client(enforce_csrf_checks=True).post(reverse(f"ticketing:{name}")).status_code == 403
