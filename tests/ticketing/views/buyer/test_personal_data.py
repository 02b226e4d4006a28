"""My data: a link to one's own address, then to read, to take away, to erase."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as outbox

from events_pages.dates import edits
from events_pages.models import SiteSettings
from tests.factories import make_event, make_home, make_order, make_sale, make_type
from tests.ticketing.domain.privacy.test_erasure import make_past_type
from tests.ticketing.views.shop import check_out, hold
from ticketing import mail
from ticketing.domain.privacy import access_links
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery, Erasure, Order

pytestmark = pytest.mark.django_db

URL = "/tickets/my-data/"
EMAIL = "ana@example.je"


@pytest.fixture
def order():
    return make_order(make_past_type(), buyer_name="Ana Le Brocq", buyer_email=EMAIL)


@pytest.fixture
def link(order):
    return f"{URL}{access_links.make_access_key(order)}/"


def test_it_works_from_the_form_to_the_erasure(client, order):
    assert client.post(URL, {"email": EMAIL.upper()}).status_code == 200
    mail.deliver_owed_mail(Delivery.objects.get(kind=DeliveryKind.PERSONAL_DATA).pk)
    [message] = outbox.outbox
    link = next(word for word in message.body.split() if word.startswith("http"))
    assert message.to == [EMAIL]
    assert "example" not in link.lower()  # nothing of the address, but for a chance of one in a trillion
    page = client.get(link)
    assert order.reference in page.text
    assert "Ana Le Brocq" in page.text
    assert client.get(f"{link}my-data.json").json()["orders"][0]["buyer_email"] == EMAIL
    asked = client.get(f"{link}erase/")
    assert "What goes now" in asked.text
    assert "What has to wait" not in asked.text
    assert not Erasure.objects.exists()
    done = client.post(f"{link}erase/")
    assert "Your data is erased" in done.text
    assert Order.objects.get().erased_at
    assert client.get(link).status_code == 404


def test_the_answer_is_the_same_for_everybody(client, order):
    known = client.post(URL, {"email": EMAIL}).text.replace(EMAIL, "X")
    unknown = client.post(URL, {"email": "bob@example.je"}).text.replace("bob@example.je", "X")
    assert known == unknown
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("email", ["", "ana", "a\0na@example.je", "x" * 400 + "@example.je"])
def test_rubbish_is_explained(client, email):
    assert client.post(URL, {"email": email}).status_code == 422


def test_whoever_asks_often_shows_proof_and_nobody_else_is_kept_from_it(client, order):
    for _time in range(4):
        assert client.post(URL, {"email": EMAIL}).status_code == 200
    response = client.post(URL, {"email": EMAIL})
    assert response.status_code == 422
    assert "Very many have asked for this just now" in response.text
    assert "js/captcha.js" in response.text
    assert client.post(URL, {"email": EMAIL}, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_other_sites_cannot_ask(client, order):
    assert client.post(URL, {"email": EMAIL}, headers={"origin": "https://evil.example"}).status_code == 403
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("path", ["", "my-data.json", "erase/"])
def test_nobody_keeps_or_lists_it(client, link, path):
    response = client.get(link + path)
    assert response.headers["Cache-Control"] == "no-store, private"
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response.headers["X-Robots-Tag"]


@pytest.mark.parametrize("path", ["", "my-data.json", "erase/"])
def test_a_wrong_link_shows_nothing(client, link, path):
    response = client.get(f"{link[:-2]}x/{path}")
    assert response.status_code == 404
    assert EMAIL not in response.text


def test_another_site_cannot_erase(order, link):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(f"{link}erase/").status_code == 403
    assert not Order.objects.get().erased_at


def test_what_waits_is_named_with_its_reason(client, link):
    coming = make_order(make_type(), buyer_email=EMAIL)
    page = client.get(f"{link}erase/").text
    assert f"Order {coming.reference}: its tickets are for an event that is still to come." in page
    done = client.post(f"{link}erase/").text
    assert "These follow by themselves" in done
    assert coming.reference in done


def test_where_nothing_goes_yet_the_words_do_not_claim_it(client):
    coming = make_order(make_type(), buyer_email=EMAIL)
    link = f"{URL}{access_links.make_access_key(coming)}/"
    assert "Erase my data when that is over" in client.get(f"{link}erase/").text
    assert "Your data will be erased" in client.post(f"{link}erase/").text


def test_names_are_escaped(client, order, link):
    Order.objects.update(buyer_name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(link).text


def test_the_privacy_contact_is_named(client, link):
    settings = SiteSettings.for_site(make_home().get_site())
    settings.privacy_email = "privacy@example.je"
    settings.save()
    assert "privacy@example.je" in client.get(link).text
    assert "privacy@example.je" in client.get(URL).text


def test_who_buys_reads_when_it_is_deleted(client):
    adult = make_type(price="0.00")
    with time_machine.travel("2027-01-05 12:00Z"):
        begins = datetime(2027, 3, 12, 19, tzinfo=UTC)
        type(adult.sale.performance).objects.update(starts_at=begins, ends_at=begins + timedelta(hours=3))
        hold(client, adult)
        sentence = "We delete your name and e-mail on 12 May 2027."
        assert sentence in client.get("/tickets/checkout/").text
        check_out(client)
        assert sentence in client.get(Order.objects.get().get_absolute_url()).text


def test_what_was_bought_stands_beside_what_is_today(client):
    evening = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)
    order = make_order(make_type(make_sale(starts_at=evening)), buyer_email="moved@example.je")
    key = access_links.make_access_key(order)
    edits.change_performance(order.lines.get().sale.performance, starts_at=evening + timedelta(days=1))
    page = client.get(f"/tickets/my-data/{key}/").text
    assert "9 July 2027, 19:30, Opera House, St Helier" in page
    assert "Now Sat 10 July 2027, 19:30 (it was Fri 9 July, 19:30)" in page
    [line] = client.get(f"/tickets/my-data/{key}/my-data.json").json()["orders"][0]["lines"]
    assert line["starts_at"] == "2027-07-09T18:30:00Z"
    assert (line["today"]["status"], line["today"]["starts_at"]) == ("rescheduled", "2027-07-10T18:30:00Z")


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_for_any_number_of_orders(client, number, django_assert_num_queries):
    for _ in range(number):
        order = make_order(make_type(make_sale(make_event())), buyer_email="many@example.je")
    key = access_links.make_access_key(order)
    client.get(f"/tickets/my-data/{key}/")
    with django_assert_num_queries(10):
        client.get(f"/tickets/my-data/{key}/")
