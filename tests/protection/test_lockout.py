"""Guessing passwords: five wrong ones from an address, then a growing wait in words. All names alike."""

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from protection import lockout, tasks
from protection.enums import SignInOutcome
from protection.models import SignIn
from tests.protection.people import make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
START = "2026-06-01 10:00:00+00:00"


def fail(client, times, name="ana", **extra):
    for _ in range(times):
        response = sign_in(client, name, "wrong", **extra)
    return response


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as moved:
        yield moved


def test_the_fifth_wrong_password_locks_out_with_the_wait_in_words(client, clock):
    make_ana()
    assert fail(client, 4).status_code == 200
    response = fail(client, 1)
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    assert "try again in 15 minutes" in response.content.decode()


def test_the_right_password_waits_too_and_opens_after_it(client, clock):
    make_ana()
    fail(client, 5)
    clock.shift(5 * 60)
    assert sign_in(client).status_code == 429
    clock.shift(10 * 60 + 1)
    assert sign_in(client).status_code == 302


def test_attempts_during_a_lockout_neither_prolong_it_nor_fill_the_audit(client, clock):
    make_ana()
    fail(client, 5)
    rows = SignIn.objects.count()
    clock.shift(60)
    assert fail(client, 3)["Retry-After"] == str(14 * 60)
    assert SignIn.objects.count() == rows


def test_after_the_wait_five_attempts_are_free_again_and_the_next_wait_is_longer(client, clock):
    make_ana()
    fail(client, 5)
    clock.shift(15 * 60 + 1)
    assert fail(client, 4).status_code == 200
    assert fail(client, 1)["Retry-After"] == str(30 * 60)
    clock.shift(30 * 60 + 1)
    assert fail(client, 5)["Retry-After"] == str(60 * 60)


def test_somebody_elses_failures_do_not_shorten_a_lockout(client, clock):
    make_ana()
    for pause in (15, 30, 60):
        fail(client, 5)
        clock.shift(pause * 60 + 1)
    fail(client, 5)
    clock.shift(60 * 60)
    fail(client, 1, "somebody", REMOTE_ADDR="203.0.113.9")
    assert sign_in(client).status_code == 429


def test_the_right_password_forgets_the_wrong_ones_before_it(client):
    make_ana()
    fail(client, 4)
    assert sign_in(client).status_code == 302
    client.logout()
    assert fail(client, 4).status_code == 200


def test_another_address_and_another_name_are_not_locked_out(client):
    make_ana()
    make_ben()
    fail(client, 5)
    assert sign_in(client, REMOTE_ADDR="198.51.100.7").status_code == 302
    client.logout()
    assert sign_in(client, "ben").status_code == 302


@pytest.mark.parametrize("wrong", [1, 5, 6])
def test_an_unknown_name_reads_the_same_words(client, clock, wrong):
    make_ana()
    known, unknown = fail(client, wrong), fail(client, wrong, "nobody")
    assert known.status_code == unknown.status_code
    assert words(known) == words(unknown)


def words(response):
    text = response.content.decode().replace('value="ana"', "").replace('value="nobody"', "")
    return [line for line in text.splitlines() if "csrf" not in line.lower()]


@pytest.mark.parametrize("name", ["x" * 250, "ana\0", "", "Ω" * 200])
def test_an_odd_name_is_refused_and_breaks_nothing(client, name):
    assert fail(client, 6, name).status_code in (200, 429)


def test_a_forged_forwarded_header_does_not_give_another_address(client):
    make_ana()
    for number in range(5):
        response = fail(client, 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert response.status_code == 429


def test_administrators_see_lockouts_and_lift_one(client, admin_client):
    make_ana()
    fail(client, 5)
    text = admin_client.get(reverse("sign_in_people")).content.decode()
    assert "127.0.0.1" in text
    lifted = {"username": "ana", "address": "127.0.0.1"}
    assert admin_client.post(reverse("sign_in_lift"), lifted).status_code == 302
    assert lockout.current() == []
    assert sign_in(client).status_code == 302
    row = SignIn.objects.get(outcome=SignInOutcome.UNLOCKED)
    assert (row.user.username, row.by.username) == ("ana", "admin")


def test_after_a_lift_the_next_wait_is_the_short_one(client, admin_user, clock):
    make_ana()
    fail(client, 5)
    clock.shift(60)
    lockout.lift("ana", "127.0.0.1", by=admin_user)
    clock.shift(60)
    assert fail(client, 5)["Retry-After"] == "900"


def test_nobody_else_sees_or_lifts_a_lockout(client):
    client.force_login(make_ben())
    assert client.get(reverse("sign_in_people")).status_code in (302, 403)
    assert client.post(reverse("sign_in_lift"), {"username": "ana"}).status_code in (302, 403)


@pytest.mark.parametrize(("email", "letters"), [("ana@example.je", 1), ("nobody@example.je", 0)])
def test_a_forgotten_password_answers_everybody_alike(client, monkeypatch, settings, email, letters):
    make_ana()
    asked = []
    monkeypatch.setattr(tasks, "send_password_reset", asked.append)
    response = client.post(reverse("wagtailadmin_password_reset"), {"email": email})
    assert response.url == reverse("wagtailadmin_password_reset_done")
    assert (asked, mail.outbox) == ([email], [])
    monkeypatch.undo()
    tasks.send_password_reset.call_local(email)
    assert len(mail.outbox) == letters
    assert all(f"{settings.WAGTAILADMIN_BASE_URL}/admin/password_reset/" in letter.body for letter in mail.outbox)
