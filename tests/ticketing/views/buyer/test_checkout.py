"""The checkout page: what it asks, what it refuses, what it keeps."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from tests.factories import make_legal_page, make_sale, make_type
from tests.ticketing.views.shop import buy, check_out, hold, order_url
from ticketing.models import Basket, Order

pytestmark = pytest.mark.django_db

CHECKOUT = "/tickets/checkout/"
EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)


@pytest.fixture
def seat():
    return make_type(price="0.00")


def test_without_a_basket_it_leads_to_the_events(client):
    page = client.get(CHECKOUT)
    assert page.status_code == 200
    assert "There is nothing to check out" in page.text
    assert not page.cookies
    assert "There is nothing to check out" in check_out(client).text
    assert not Order.objects.exists()


def test_it_shows_the_sum_the_fee_and_the_merchant(client):
    sale = make_sale(fee_policy="pass_on", booking_fee="1.00")
    hold(client, make_type(sale, price="12.00"), 2)
    page = client.get(CHECKOUT).text
    for words in ("£24.00", "£2.00", "£26.00", "You pay <strong>Jersey Events</strong> through SumUp"):
        assert words in page


def test_it_names_the_version_of_the_terms(client, seat):
    make_legal_page(version="2026-07")
    hold(client, seat)
    assert "terms (version 2026-07" in client.get(CHECKOUT).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": " "}, "Tell us your name."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"email": ""}, "Tell us where to send your tickets."),
        ({"email": "ana at example"}, "Write the whole address"),
        ({"email": "ana@example.je\r\nBcc: all@example.je"}, "Write the whole address"),
        ({"terms": ""}, "Tick the box"),
        ({"name": "Ana\0"}, "Null characters"),
        ({"name": "\u200b"}, "Tell us your name."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(client, seat, data, words):
    hold(client, seat)
    response = check_out(client, **data)
    assert response.status_code == 422
    assert words in response.text
    assert "Please check these before you go on" in response.text
    assert not Order.objects.exists()
    kept = {"name": "Ana Vautier", "email": "ana@example.je"} | data
    if kept["name"] == "Ana Vautier":
        assert "Ana Vautier" in client.get(CHECKOUT).text


def test_a_doubtful_address_is_asked_about_once(client, seat):
    hold(client, seat)
    response = check_out(client, email="ana@gmial.com")
    assert response.status_code == 422
    assert "Did you mean ana@gmail.com?" in response.text
    assert 'name="insisted" value="ana@gmial.com"' in response.text
    assert check_out(client, email="ana@gmial.com", insisted="ana@gmial.com").status_code == 303
    assert Order.objects.get().buyer_email == "ana@gmial.com"


def test_markup_in_a_name_stays_text(client, seat):
    order = buy(client, seat, name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(order.get_absolute_url()).text


@pytest.mark.parametrize("group", ["", "x", "MDEMO999", "\0"])
def test_a_wrong_group_orders_nothing(client, seat, group):
    hold(client, seat)
    response = check_out(client, group=group)
    assert response.status_code == 409
    assert not Order.objects.exists()


def test_prices_from_the_browser_are_ignored(client, simulator):
    hold(client, make_type(price="12.50"), 1, price="0.01", total="0.01")
    check_out(client, price="0", total="0", state="completed")
    assert Order.objects.get().total == 12.5


def test_somebody_elses_basket_cannot_be_ordered(client, seat):
    hold(client, seat)
    stranger = Client()
    stranger.cookies["basket"] = "A" * 32
    assert check_out(stranger).status_code == 200
    assert "There is nothing to check out" in check_out(stranger).text
    assert not Order.objects.exists()


def test_an_ended_hold_is_said_and_the_form_kept(client, seat):
    hold(client, seat)
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=False):
        page = client.get(CHECKOUT).text
        assert "Your hold has ended" in page
        assert "Take the same seats again" in page


def test_a_stopped_sale_is_said(client, seat):
    hold(client, seat)
    seat.sale.is_active = False
    seat.sale.save()
    response = check_out(client)
    assert response.status_code == 409
    assert "Nothing was ordered and nothing is paid" in response.text
    assert not Order.objects.exists()


def test_a_cancelled_event_is_said(client, seat):
    hold(client, seat)
    edits.change_performance(seat.sale.performance, status=PerformanceStatus.CANCELLED, status_note="A gale.")
    page = client.get(CHECKOUT).text
    assert "Sea Shanties is called off" in page
    assert "A gale." in page
    assert "remove them from your basket" in page
    assert check_out(client).status_code == 409


def test_it_says_when_and_where(client):
    hold(client, make_type(make_sale(starts_at=EVENING), price="0.00"))
    page = client.get(CHECKOUT).text
    assert "Friday 9 July 2027, 19:30</time>, Opera House, St Helier" in " ".join(page.split())


def test_a_date_that_moved_is_shown_before_paying(client):
    seat = make_type(make_sale(starts_at=EVENING), price="0.00")
    hold(client, seat)
    seen = re.search(r'name="dates" value="(\w+)"', client.get(CHECKOUT).text)[1]
    edits.change_performance(seat.sale.performance, starts_at=EVENING + timedelta(days=1))
    for page in (client.get(CHECKOUT).text, client.get("/tickets/basket/").text):
        assert "This date has changed since you took it" in page
        assert "Now Sat 10 July 2027, 19:30 (it was Fri 9 July, 19:30)" in page
    answer = check_out(client, dates=seen)
    assert answer.status_code == 409
    assert "A date has changed since you last looked." in answer.text
    assert "Ana Vautier" in answer.text
    fresh = re.search(r'name="dates" value="(\w+)"', answer.text)[1]
    assert fresh != seen
    assert check_out(client, dates=fresh).status_code == 303


@pytest.mark.parametrize("dates", ["x", "\0", "ä" * 3000])
def test_rubbish_for_the_dates_that_were_shown_asks_to_look_again(client, seat, dates):
    hold(client, seat)
    assert check_out(client, dates=dates).status_code == 409
    assert not Order.objects.exists()


def test_coming_back_after_ordering_shows_the_way_to_the_order(client, seat):
    order = buy(client, seat)
    page = client.get(CHECKOUT).text
    assert "This basket has been ordered" in page
    assert order.get_absolute_url() in page


def test_it_is_private(client, seat):
    hold(client, seat)
    response = client.get(CHECKOUT)
    assert response.headers["Cache-Control"] == "no-store, private"


def test_only_get_and_post(client):
    assert client.put(CHECKOUT).status_code == 405
    assert client.delete(reverse("ticketing:checkout")).status_code == 405
    assert not Basket.objects.exists()


def test_an_address_is_kept_and_written_to_in_one_spelling_and_shown_in_the_other(client):
    order = buy(client, make_type(price="0"), email="Ana <Ana@BÜCHER.example\u200b>")
    assert order.buyer_email == "Ana@xn--bcher-kva.example"
    page = client.get(order_url(order)).content.decode()
    assert "Ana@bücher.example" in page
    assert "xn--" not in page
