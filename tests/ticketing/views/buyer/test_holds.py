"""The buy box's form, above all when what it sends is wrong."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_event, make_sale, make_type
from tests.ticketing.views.shop import hold, hold_url
from ticketing.models import Basket, BasketLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def adult():
    return make_type(make_sale(max_per_order=6, capacity=8))


def box_url(ticket_type, name="sale"):
    return reverse(f"ticketing:{name}", args=[ticket_type.sale_id])


def assert_nothing_changed(ticket_type):
    ticket_type.sale.refresh_from_db()
    assert ticket_type.sale.allocated == 0
    assert not BasketLine.objects.exists()
    assert not Basket.objects.exists()


def test_hold_leads_to_checkout(client, adult):
    response = hold(client, adult, 2)
    assert (response.status_code, response.url.partition("?")[0]) == (303, reverse("ticketing:checkout"))
    assert hold(client, adult, 2).url == reverse("ticketing:checkout")  # the cookie has come back once
    assert BasketLine.objects.get().quantity == 2


@pytest.mark.parametrize("typed", ["-1", "1.5", "two", "9999", "1e3", "٣", "<b>", "1\0", "0x1"])
def test_hold_refuses_what_is_no_number_and_shows_it_again(client, adult, typed):
    response = hold(client, adult, typed)
    assert response.status_code in (422, 303)
    if response.status_code == 303:  # "1\0" without its rubbish is a 1
        assert typed == "1\0"
        return
    assert "is not a number of tickets" in response.text
    assert "<b>" not in response.text.split("<main", 1)[1]
    assert_nothing_changed(adult)


def test_hold_says_the_limit(client, adult):
    response = hold(client, adult, 7)
    assert response.status_code == 422
    assert "at most 6 tickets" in response.text
    assert 'value="7"' in response.text
    assert_nothing_changed(adult)


def test_hold_of_nothing_asks_for_a_number(client, adult):
    response = hold(client, adult, 0)
    assert response.status_code == 422
    assert "Choose how many tickets you would like." in response.text
    assert_nothing_changed(adult)


def test_hold_says_how_many_are_left(client, adult):
    from django.test import Client

    hold(Client(), adult, 5)
    response = hold(client, adult, 4)
    assert response.status_code == 409
    assert "Only 3 tickets are left" in response.text
    assert Basket.objects.count() == 1


def test_hold_refuses_a_type_of_another_sale(client, adult):
    other = make_type(name="Other")
    response = client.post(hold_url(adult), {f"qty-{other.pk}": 1})
    assert response.status_code == 409
    assert "does not belong to this event" in response.text
    assert_nothing_changed(adult)


@pytest.mark.parametrize("pk", [0, 999_999, 10**17])
def test_hold_of_a_type_or_sale_that_never_was(client, adult, pk):
    assert client.post(hold_url(adult), {f"qty-{pk}": 1}).status_code == 409
    assert client.post(reverse("ticketing:hold", args=[pk]), {"qty-1": 1}).status_code == 404
    assert_nothing_changed(adult)


def test_hold_before_and_after_the_sale(client, adult):
    now = timezone.now()
    adult.sale.opens_at, adult.sale.closes_at = now + timedelta(days=1), now + timedelta(days=2)
    adult.sale.save()
    response = hold(client, adult, 1)
    assert response.status_code == 409
    assert "On sale" in response.text
    adult.sale.opens_at, adult.sale.closes_at = now - timedelta(days=2), now - timedelta(days=1)
    adult.sale.save()
    assert "Sales ended" in hold(client, adult, 1).text
    assert_nothing_changed(adult)


def test_hold_on_an_unpublished_page_is_unknown(client, adult):
    adult.sale.page.unpublish()
    assert hold(client, adult, 1).status_code == 404
    assert client.get(box_url(adult)).status_code == 404


def test_hold_of_a_cancelled_event(client):
    adult = make_type(make_sale(make_event(status="cancelled")))
    response = hold(client, adult, 1)
    assert response.status_code == 409
    assert "This date is called off." in response.text
    assert_nothing_changed(adult)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://shop.testserver"},
    ],
)
def test_hold_from_another_site_is_refused(client, adult, headers):
    response = client.post(hold_url(adult), {f"qty-{adult.pk}": 1}, headers=headers)
    assert response.status_code == 403
    assert "another website" in response.text
    assert_nothing_changed(adult)


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://testserver"}, {"sec-fetch-site": "same-origin", "origin": "http://testserver"}],
)
def test_hold_from_our_own_page_is_taken(client, adult, headers):
    response = client.post(hold_url(adult), {f"qty-{adult.pk}": 1}, headers=headers)
    assert response.status_code == 303


def test_hold_ignores_a_rubbish_cookie(client, adult):
    client.cookies["basket"] = "x' OR 1=1 --"
    assert hold(client, adult, 1).status_code == 303
    assert Basket.objects.count() == 1


def test_hold_needs_post(client, adult):
    assert client.get(hold_url(adult)).status_code == 405


def test_a_code_opens_its_tickets(client, adult):
    member = make_type(adult.sale, name="Members only", price="8.00", access_code="GORSE")
    page = client.get(box_url(adult)).text
    assert "Have a code?" in page
    assert "Members only" not in page
    assert "We do not know this code" in client.post(box_url(adult), {"code": "HEATHER"}).text
    opened = client.post(box_url(adult), {"code": " gorse ", f"qty-{adult.pk}": "2"}).text
    assert "Members only" in opened
    assert 'value="2"' in opened
    assert hold(client, member, 1).status_code == 409
    assert hold(client, member, 1, code="gorse").status_code == 303
    assert "Members only" in client.get(box_url(adult)).text


def test_enter_shows_a_code_that_is_new_and_holds_otherwise(client, adult):
    """The button that browsers press for Enter in any field is the form's first."""
    member = make_type(adult.sale, name="Members only", price="8.00", access_code="GORSE")
    first = client.get(box_url(adult)).text.partition("<button")[2].partition(">")[0]
    assert 'name="enter"' in first
    assert "formaction" not in first
    shown = hold(client, adult, 2, enter="1", code="gorse", code_shown="")
    assert (shown.status_code, "Members only" in shown.text) == (200, True)
    assert 'name="code_shown" value="gorse"' in shown.text
    assert not BasketLine.objects.exists()
    assert hold(client, member, 1, enter="1", code="gorse", code_shown="gorse").status_code == 303
    assert hold(client, adult, 1, enter="1", code="", code_shown="").status_code == 303


def test_the_box_shows_what_the_basket_holds(client, adult):
    hold(client, adult, 3)
    page = client.get(box_url(adult))
    assert 'value="3"' in page.text
    assert "£36.00" in page.text
    assert page.headers["Cache-Control"] == "no-store, private"


def test_live_says_what_is_left_only_when_it_is_low(client, adult):
    plenty = make_type(make_sale(capacity=500))
    row = client.get(box_url(plenty, "live")).json()["rows"][str(plenty.pk)]
    assert row == {"left": "", "most": 10, "closed": False}
    hold(client, adult, 5)
    response = client.get(box_url(adult, "live"))
    assert response.json()["rows"][str(adult.pk)] == {"left": "Only 3 left", "most": 3, "closed": False}
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_live_does_not_tell_of_hidden_types(client, adult):
    member = make_type(adult.sale, name="Members only", access_code="GORSE")
    assert str(member.pk) not in client.get(box_url(adult, "live")).json()["rows"]


def test_live_needs_two_queries(client, adult, django_assert_num_queries):
    make_type(adult.sale, name="Child")
    with django_assert_num_queries(2):
        client.get(box_url(adult, "live"))
