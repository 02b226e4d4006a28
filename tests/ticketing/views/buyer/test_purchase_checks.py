"""Who may take tickets now: people, within reason."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from protection.captcha import proof_of_work
from tests.factories import make_order, make_sale, make_type
from tests.protection.captcha.test_captcha import answer_to
from tests.ticketing.views.shop import check_out, hold
from ticketing.domain.abuse import abandonment, purchase_limits
from ticketing.enums import ProofReason
from ticketing.models import BasketLine, Order

pytestmark = pytest.mark.django_db

CHECKOUT = "/tickets/checkout/"


@pytest.fixture
def seat():
    return make_type(make_sale(capacity=500), price="0.00")


@pytest.fixture
def rush(monkeypatch):
    monkeypatch.setattr(purchase_limits, "RUSH_HOLDS", 1)
    monkeypatch.setattr(proof_of_work, "HARDEST", 500)


def work_of(response):
    return html.unescape(re.search(r'data-captcha="([^"]*)"', response.text)[1])


def stamp_of(response):
    return re.search(r'name="captcha_stamp" value="([^"]*)"', response.text)[1]


def test_a_calm_sale_asks_nobody(client, seat):
    hold(client, seat)
    page = client.get(CHECKOUT)
    assert "captcha" not in page.text
    assert check_out(client).status_code == 303


def test_a_busy_sale_takes_the_work_of_the_browser(client, seat, rush):
    hold(client, seat)
    page = client.get(CHECKOUT)
    assert str(ProofReason.RUSH.label) in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert check_out(client, captcha_answer=answer_to(work_of(page))).status_code == 303
    assert Order.objects.exists()


def test_a_form_without_an_answer_comes_back_with_what_was_typed(client, seat, rush):
    hold(client, seat)
    response = check_out(client, name="Ana Vautier")
    assert response.status_code == 422
    assert "we check that you are a person" in response.text
    assert 'value="Ana Vautier"' in response.text
    assert not Order.objects.exists()
    assert check_out(client, captcha_answer=answer_to(work_of(response))).status_code == 303


def test_without_a_script_twenty_seconds_are_enough(client, seat, rush):
    hold(client, seat)
    page = client.get(CHECKOUT)
    assert "Wait 20 seconds on this page" in page.text
    assert check_out(client, captcha_stamp=stamp_of(page)).status_code == 422
    with time_machine.travel(timezone.now() + timedelta(seconds=22)):
        assert check_out(client, captcha_stamp=stamp_of(page)).status_code == 303


def test_a_mistake_in_the_form_does_not_cost_a_second_answer(client, seat, rush):
    hold(client, seat)
    answer = answer_to(work_of(client.get(CHECKOUT)))
    again = check_out(client, name="", captcha_answer=answer)
    assert again.status_code == 422
    assert "data-captcha" not in again.text
    assert check_out(client).status_code == 303


def test_one_answer_is_not_for_two_baskets(client, seat, rush):
    hold(client, seat)
    answer = answer_to(work_of(client.get(CHECKOUT)))
    other = Client()
    hold(other, seat)
    assert check_out(other, captcha_answer=answer).status_code == 422
    assert check_out(client, captcha_answer=answer).status_code == 303


def test_the_captcha_of_a_maker_is_allowed_on_this_page_only(client, seat, rush, settings):
    settings.CAPTCHA_PROVIDER, settings.CAPTCHA_SITE_KEY = "turnstile", "our-site"
    hold(client, seat)
    page = client.get(CHECKOUT)
    assert 'class="cf-turnstile" data-sitekey="our-site"' in page.text
    assert "https://challenges.cloudflare.com" in page.headers["Content-Security-Policy"]
    assert "cloudflare" not in client.get("/tickets/basket/").headers["Content-Security-Policy"]


def test_trying_cards_is_asked_for_a_person(client, monkeypatch):
    monkeypatch.setattr(purchase_limits, "UNPAID_ORDERS_BEFORE_PROOF", 0)
    hold(client, make_type(price="5.00"))
    response = check_out(client)
    assert response.status_code == 422
    assert "data-captcha" in response.text
    assert str(ProofReason.UNPAID.label) in response.text


def test_whoever_is_asked_reads_why(client, seat, monkeypatch):
    """What the visitor does in the place of each reason; a basket over its share, and seats that were let go before."""
    monkeypatch.setattr(abandonment, "STEP_SEATS", (1, 100, 100))
    small = make_type(make_sale(capacity=50), price="0.00")
    hold(Client(), small, 10)
    assert str(ProofReason.SHARE.label) in hold(client, small, 3).text
    hold(client, seat, 2)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(reverse("ticketing:release"))
    assert str(ProofReason.LAPSED.label) in hold(client, seat, 2).text
    cache.clear()
    monkeypatch.setattr(purchase_limits, "MOST_FREE_ORDERS_OF_EMAIL", 1)
    make_order(seat, buyer_email="ana@example.je", place="203.0.113.9", network="203.0.113.0/24")
    hold(client, seat)
    assert str(ProofReason.EMAIL.label) in check_out(client).text


def test_holding_very_much_from_one_place_is_asked_for_a_person(client, seat, monkeypatch):
    monkeypatch.setattr(purchase_limits, "SEATS_BEFORE_PROOF", 5)
    monkeypatch.setattr(proof_of_work, "HARDEST", 500)
    assert hold(Client(), seat, 5).status_code == 303
    response = hold(client, seat, 2)
    assert response.status_code == 422
    assert 'value="2"' in response.text
    assert str(ProofReason.MUCH_HELD.label) in response.text
    answer = answer_to(work_of(response))
    assert hold(client, seat, 2, captcha_answer=answer).status_code == 303
    assert hold(Client(), seat, 2, captcha_answer=answer).status_code == 422


@pytest.mark.parametrize("path", ["hold", "change", "rehold"])
def test_beyond_the_higher_bound_nothing_more_is_held(client, seat, monkeypatch, path):
    hold(client, seat, 2)
    monkeypatch.setattr(purchase_limits, "MOST_SEATS", 1)
    line = BasketLine.objects.get()
    ended = timezone.now() + timedelta(minutes=16 if path == "rehold" else 0)
    with time_machine.travel(ended):
        response = {
            "hold": lambda: hold(client, seat, 3),
            "change": lambda: client.post(reverse("ticketing:change"), {"line": line.pk, "quantity": 3}),
            "rehold": lambda: client.post(reverse("ticketing:rehold")),
        }[path]()
    assert response.status_code == 429
    assert "Many tickets are being held from your network" in response.text
    assert BasketLine.objects.get().quantity == 2


def test_enough_for_one_address_is_said_in_words(client, seat, monkeypatch):
    monkeypatch.setattr(purchase_limits, "MOST_FREE_ORDERS_OF_EMAIL", 0)
    hold(client, seat)
    assert check_out(client).status_code == 303
    hold(client, seat)
    response = check_out(client)
    assert response.status_code == 422
    assert "enough tickets were ordered for this event" in response.text
    assert 'value="ana@example.je"' in response.text


# Programs


@pytest.mark.parametrize(
    "agent", ["curl/8.4.0", "python-requests/2.34", "Scrapy/2.11 (+https://scrapy.org)", "Googlebot/2.1", "Wget/1.21"]
)
def test_programs_read_and_do_not_buy(client, seat, agent):
    headers = {"user-agent": agent}
    assert client.get(reverse("ticketing:sale", args=[seat.sale_id]), headers=headers).status_code == 200
    response = client.post(reverse("ticketing:hold", args=[seat.sale_id]), {f"qty-{seat.pk}": 1}, headers=headers)
    assert response.status_code == 403
    assert "Tickets are for people" in response.text
    assert not BasketLine.objects.exists()


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
    ],
)
def test_browsers_buy(client, seat, agent):
    headers = {"user-agent": agent}
    response = client.post(reverse("ticketing:hold", args=[seat.sale_id]), {f"qty-{seat.pk}": 1}, headers=headers)
    assert response.status_code == 303


def test_a_field_that_people_do_not_see_stays_empty(client, seat):
    hold(client, seat)
    assert 'aria-hidden="true"' in client.get(CHECKOUT).text
    response = check_out(client, homepage="https://spam.example")
    assert response.status_code == 422
    assert "a field was filled in that people do not see" in response.text
    assert 'value="ana@example.je"' in response.text
    assert not Order.objects.exists()
    find = client.post(reverse("ticketing:find"), {"email": "ana@example.je", "homepage": "x"})
    assert find.status_code == 422
