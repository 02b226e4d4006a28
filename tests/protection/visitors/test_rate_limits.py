"""How often is too often, and what is said then."""

from datetime import UTC, datetime
from itertools import count

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from protection.visitors import rate_limits
from tests.factories import make_type
from tests.ticketing.views.shop import DETAILS, buy, check_out, hold, hold_url, order_url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_moment():
    """No window ends while a test counts."""
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def adult():
    return make_type(price="0.00")


def post_until_refused(post, most=400):
    return next(number for number in range(most) if "That was too often" in post().text)


def test_the_eleventh_order_of_a_minute_is_refused_in_words(client, adult):
    hold(client, adult)
    for _time in range(10):
        assert check_out(client, name="").status_code == 422
    response = check_out(client)
    assert response.status_code == 429
    wait = int(response.headers["Retry-After"])
    assert 0 < wait <= 60
    assert f"Please wait {wait} second" in response.text
    assert response.headers["Cache-Control"] == "no-store, private"


def test_nothing_typed_is_lost(client, adult):
    hold(client, adult)
    for _time in range(11):
        response = check_out(client, name='Ana "Maria" <b>')
    assert 'name="name" value="Ana &quot;Maria&quot; &lt;b&gt;"' in response.text
    assert f'action="{reverse("ticketing:checkout")}"' in response.text
    assert response.text.count('name="csrfmiddlewaretoken"') == 0  # this form was sent without one


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"name": "Ana"}, [("name", "Ana")]),
        ({"qty-1": ["1", "2"]}, [("qty-1", "1"), ("qty-1", "2")]),
        ({"csrfmiddlewaretoken": "x", "name": "Ana"}, [("name", "Ana")]),
        ({"username": "admin", "password": "secret"}, []),
        ({"name": "x" * 3000}, []),
        ({f"n{number}": "x" for number in range(50)}, []),
    ],
)
def test_what_the_refusal_offers_to_send_again(rf, data, kept):
    assert rate_limits.fields_to_send_again(rf.post("/", data)) == kept


def test_a_basket_changes_sixty_times_a_minute(client, adult):
    hold(client, adult)
    line = client.post(reverse("ticketing:change"), {"line": "1", "quantity": "1"})
    assert line.status_code != 429
    assert post_until_refused(lambda: client.post(hold_url(adult), {f"qty-{adult.pk}": 1})) == 59


def test_one_visitor_does_not_use_up_the_others_of_the_place(client, adult):
    """An office or a mobile network behind one address."""
    hold(client, adult)
    assert post_until_refused(lambda: check_out(client, name="")) == 10
    other = Client()
    hold(other, adult)
    assert check_out(other).status_code == 303


def test_a_place_is_bounded_however_many_cookies_it_makes_up(adult):
    def post():
        forger = Client()
        forger.cookies["basket"] = f"{next(numbers):032}"
        return forger.post("/tickets/checkout/", DETAILS)

    numbers = count()
    assert post_until_refused(post) == 60


def test_orders_without_a_basket_are_noise():
    assert post_until_refused(lambda: Client().post("/tickets/checkout/", DETAILS)) == 10


def test_a_household_of_ipv6_is_one_place():
    numbers = count(1)
    assert (
        post_until_refused(lambda: Client().post("/tickets/checkout/", REMOTE_ADDR=f"2001:db8::{next(numbers)}")) == 10
    )
    assert Client().post("/tickets/checkout/", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_reading_is_never_refused(client, adult):
    for _time in range(70):
        assert client.get("/tickets/checkout/").status_code == 200


def test_signing_in_is_refused_after_twenty_tries(adult):
    def sign_in():
        name = f"editor{next(numbers)}"
        return Client().post("/admin/login/", {"username": name, "password": "wrong"}, REMOTE_ADDR="10.9.8.7")

    numbers = count()
    assert post_until_refused(sign_in) == 20
    assert "wrong" not in sign_in().text
    assert Client().get("/admin/login/", REMOTE_ADDR="10.9.8.7").status_code == 200


def test_sending_again_and_paying_are_bounded_per_visitor(client, adult):
    order = buy(client, adult)
    assert post_until_refused(lambda: client.post(order_url(order, "order-resend"))) == 10
    assert post_until_refused(lambda: client.post(order_url(order, "order-pay"))) == 30


def test_scripts_are_answered_in_json(rf):
    response = rate_limits.render_too_often(rf.post("/tickets/x.json"), 7)
    assert (response.status_code, response.content) == (429, b'{"wait": 7}')
    assert (
        rate_limits.render_too_often(rf.post("/", headers={"accept": "application/json"}), 7).content == b'{"wait": 7}'
    )


def test_a_cache_that_is_down_lets_everybody_through_and_is_said_once(client, adult, settings, caplog, monkeypatch):
    monkeypatch.setattr(rate_limits._LastLogged, "until", 0)
    gone = {"BACKEND": "common.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/1"}
    settings.CACHES = {"default": gone, "limits": gone}
    for _time in range(13):
        assert client.post("/tickets/checkout/", DETAILS).status_code == 200
    assert caplog.text.count("limits.uncounted") == 1


def test_limits_can_be_switched_off(client, settings):
    settings.RATE_LIMITS = False
    for _time in range(12):
        assert client.post("/tickets/checkout/", DETAILS).status_code == 200
