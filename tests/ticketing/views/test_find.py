"""Find my tickets."""

import pytest
from django.urls import reverse

from tests.factories import make_order, make_type
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db

URL = "/tickets/find/"


@pytest.fixture
def order():
    return make_order(make_type(), buyer_email="ana@example.je")


def ask(client, email, **extra):
    return client.post(reverse("ticketing:find"), {"email": email}, **extra)


def test_it_owes_the_links_to_a_known_address(client, order):
    response = ask(client, "Ana@example.je")
    assert response.status_code == 200
    assert Delivery.objects.get().kind == DeliveryKind.LINKS


def test_the_answer_is_the_same_for_everybody(client, order):
    known = ask(client, "ana@example.je").text.replace("ana@example.je", "X")
    unknown = ask(client, "bob@example.je").text.replace("bob@example.je", "X")
    assert known == unknown
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("email", ["", "ana", "ana@", "a\0na@example.je", "x" * 400 + "@example.je", "<i>@b.c"])
def test_rubbish_is_explained(client, email):
    response = ask(client, email)
    assert response.status_code == 422
    assert "Please check these before you go on" in response.text
    assert "<i>" not in response.text


def test_it_sets_no_cookie(client, order):
    assert not client.get(URL).cookies
    assert not ask(client, "ana@example.je").cookies


def test_one_address_is_asked_about_five_times_an_hour(client, order):
    for _time in range(5):
        assert ask(client, "ana@example.je").status_code == 200
    response = ask(client, "ana@example.je")
    assert response.status_code == 429
    assert "That was asked too often" in response.text
    assert 0 < int(response.headers["Retry-After"]) <= 3600
    assert ask(client, "bob@example.je").status_code == 200


def test_one_sender_asks_twenty_times_an_hour(client):
    for number in range(20):
        assert ask(client, f"b{number}@example.je").status_code == 200
    assert ask(client, "another@example.je").status_code == 429
    assert ask(client, "another@example.je", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_other_sites_cannot_ask(client, order):
    assert ask(client, "ana@example.je", headers={"origin": "https://evil.example"}).status_code == 403
    assert not Delivery.objects.exists()
