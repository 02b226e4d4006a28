"""A browser that keeps no cookie holds nothing for nobody, and says why; any other pays nothing for that."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_sale, make_type
from tests.ticketing.views.shop import check_out, hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return make_type(make_sale(capacity=10))


def allocated(kind):
    kind.refresh_from_db()
    return kind.allocated


def main_of(page):
    return page.text.partition("<main")[2].partition("</main")[0]


def test_a_browser_without_cookies_hears_why_and_holds_nothing(kind):
    for _each in range(8):  # each time afresh: ten seats would be gone at the fifth
        page = Client().get(hold(Client(), kind)["Location"])
        assert "Your browser keeps no cookies" in main_of(page)
        assert f"{settings.SITE_URL}{kind.sale.page.url}" in main_of(page)
        assert "no-store" in page["Cache-Control"]
        assert allocated(kind) == 0


def test_the_key_does_nothing_to_whoever_has_the_cookie(client, kind, django_assert_num_queries):
    then = hold(client, kind)["Location"]
    assert "Held for you until" in client.get(then).text
    with django_assert_num_queries(6):
        client.get(then)
    with django_assert_num_queries(6):
        client.get(reverse("ticketing:checkout"))
    assert allocated(kind) == 2


def test_the_key_is_good_for_its_way_alone(client, kind):
    then = hold(client, kind)["Location"]
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert "There is nothing to check out" in Client().get(then).text
    assert "There is nothing to check out" in Client().get(then[:-1] + "-").text
    assert allocated(kind) == 2


def test_pages_that_know_of_no_basket_name_cookies_to_a_browser_without_any(client):
    for name in ("basket", "checkout"):
        assert "keeps no cookies" in main_of(Client().get(reverse(f"ticketing:{name}")))
        client.cookies["basket_until"] = "1"
        assert "cookies" not in main_of(client.get(reverse(f"ticketing:{name}")))


def test_a_form_that_comes_without_its_cookie_is_answered_in_our_words(kind):
    client = Client(enforce_csrf_checks=True)
    client.get(hold(client, kind)["Location"])
    del client.cookies["csrftoken"]
    page = check_out(client)
    assert page.status_code == 403
    assert "We could not take this form" in main_of(page)
    assert "Nothing was changed, ordered or paid" in main_of(page)
