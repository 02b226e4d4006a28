"""Find my tickets."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from protection.captcha import proof_of_work
from tests.factories import make_order, make_type
from tests.protection.captcha.test_captcha import answer_to
from ticketing import mail as ticketing_mail
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db

URL = "/tickets/find/"


@pytest.fixture
def order():
    return make_order(make_type(), buyer_email="ana@example.je")


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Stands still but for the tests that move it; the work is small enough for a test."""
    monkeypatch.setattr(proof_of_work, "HARDEST", 500)
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False) as moved:
        yield moved


def ask(client, email, captcha_answer="", captcha_stamp="", **extra):
    form = {"email": email, "captcha_answer": captcha_answer, "captcha_stamp": captcha_stamp}
    return client.post(reverse("ticketing:find"), form, **extra)


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


def letters(clock, minutes):
    """How many e-mails the worker sends within that time, looking once a minute as it does."""
    before = len(mail.outbox)
    for _minute in range(minutes):
        for delivery in outbox.list_due_deliveries(timezone.now()):
            ticketing_mail.deliver_owed_mail(delivery.pk)
        clock.shift(60)
    return len(mail.outbox) - before


def proof(response):
    return {"captcha_answer": answer_to(response.context["captcha"].work)}


def ask_until_proof(client, email, most=50, **extra):
    return next(number for number in range(most) if ask(client, email, **extra).status_code == 422)


def test_five_posts_of_a_stranger_do_not_lock_anybody_out(client, order, clock):
    for number in range(5):
        ask(client, "ana@example.je", REMOTE_ADDR=f"203.0.{number}.9")
    letters(clock, 2)
    assert ask(client, "ana@example.je").status_code == 200
    assert letters(clock, 2) == 1


def test_a_whole_network_of_strangers_costs_no_more_than_a_second_of_work(client, order, clock):
    for number in range(60):
        ask(client, "ana@example.je", REMOTE_ADDR=f"203.0.{number}.9")
    response = ask(client, "ana@example.je")
    assert response.status_code == 422
    assert "Very many have asked for this just now" in response.text
    assert "Retry-After" not in response.headers
    letters(clock, 1)
    assert ask(client, "ana@example.je", **proof(response)).status_code == 200
    assert letters(clock, 11) == 1


def test_twenty_seconds_on_the_page_are_enough_without_a_script(client, order, clock):
    ask_until_proof(client, "ana@example.je")
    stamp = ask(client, "ana@example.je").context["captcha"].stamp
    assert ask(client, "ana@example.je", captcha_stamp=stamp).status_code == 422
    clock.shift(21)
    assert ask(client, "ana@example.je", captcha_stamp=stamp).status_code == 200


def test_strangers_with_proof_for_each_post_do_not_fill_an_inbox(client, order, clock):
    """An hour of a machine that does the work gladly, from everywhere, at both forms."""
    sent = 0
    for minute in range(60):
        for path in (URL, "/tickets/my-data/"):
            stranger = {"REMOTE_ADDR": f"203.0.{minute}.9"}
            response = client.post(path, {"email": "ana@example.je"}, **stranger)
            if response.status_code == 422:
                client.post(path, {"email": "ana@example.je"} | proof(response), **stranger)
        sent += letters(clock, 1)
    assert sent <= 24


def test_proof_is_asked_of_a_network_that_asks_often_about_one(client, order):
    assert ask_until_proof(client, "ana@example.je", REMOTE_ADDR="203.0.113.9") == 4
    for _time in range(20):
        ask(client, "ana@example.je", REMOTE_ADDR="203.0.113.9")
    assert ask(client, "ana@example.je", REMOTE_ADDR="203.0.113.10").status_code == 422
    assert ask(client, "ana@example.je").status_code == 200


def test_proof_is_asked_whether_the_address_is_known_or_not(client, order):
    known = ask_until_proof(client, "ana@example.je")
    assert ask_until_proof(client, "bob@example.je") == known


def test_proof_counts_for_its_own_address_and_once(client, order):
    for email in ("ana@example.je", "bob@example.je"):
        ask_until_proof(client, email)
    done = proof(ask(client, "ana@example.je"))
    assert ask(client, "bob@example.je", **done).status_code == 422
    assert ask(client, "ana@example.je", **done).status_code == 200
    assert ask(client, "ana@example.je", **done).status_code == 422


def test_one_sender_who_asks_about_many_shows_proof_from_the_twenty_first_on(client, order, clock):
    for number in range(20):
        assert ask(client, f"b{number}@example.je").status_code == 200
    assert ask(client, "another@example.je").status_code == 422
    assert ask(client, "another@example.je", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_thirty_first_post_of_a_minute_waits_for_the_next(client, order, clock):
    responses = [ask(client, f"b{number}@example.je") for number in range(31)]
    assert "That was asked too often" in responses[-1].text
    assert responses[-1].status_code == 429
    assert 0 < int(responses[-1].headers["Retry-After"]) <= 60
    clock.shift(61)
    assert ask(client, "ana@example.je").status_code == 422


def test_a_calm_hour_asks_nothing_more_of_anybody(client, order):
    page = ask(client, "ana@example.je")
    assert page.status_code == 200
    assert "captcha" not in client.get(URL).text


def test_other_sites_cannot_ask(client, order):
    assert ask(client, "ana@example.je", headers={"origin": "https://evil.example"}).status_code == 403
    assert not Delivery.objects.exists()
