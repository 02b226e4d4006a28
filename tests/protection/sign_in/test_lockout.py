"""Guessing passwords: five wrong ones from an address, then a growing wait in words. All names alike."""

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from protection import tasks
from protection.captcha import proof_of_work
from protection.enums import SignInOutcome
from protection.models import SignIn
from protection.sign_in import lockout
from tests.protection.captcha.test_captcha import answer_to
from tests.protection.people import PASSWORD, make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
START = "2026-06-01 10:00:00+00:00"


def fail(client, times, name="ana", **extra):
    for _ in range(times):
        response = sign_in(client, name, "wrong", **extra)
    return response


@pytest.fixture
def small_work(monkeypatch):
    monkeypatch.setattr(proof_of_work, "HARDEST", 500)


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


def test_another_address_of_the_network_is_locked_out_too(client, clock):
    make_ana()
    for number in range(5):
        response = fail(client, 1, REMOTE_ADDR=f"198.51.100.{number}")
    assert response.status_code == 429
    assert sign_in(client, REMOTE_ADDR="198.51.100.77").status_code == 429
    assert sign_in(client, REMOTE_ADDR="198.51.101.1").status_code == 302


def test_a_household_of_ipv6_is_one_network(client, clock):
    make_ana()
    for number in range(5):
        response = fail(client, 1, REMOTE_ADDR=f"2001:db8:0:1::{number}")
    assert response.status_code == 429
    assert sign_in(client, REMOTE_ADDR="2001:db8:1::1").status_code == 302


def attack(client, name="ana"):
    """From three networks, until each is locked out."""
    for number in range(3):
        fail(client, 5, name, REMOTE_ADDR=f"203.0.{number}.9")


def proven(client, response, name="ana", password=PASSWORD, **extra):
    answer = answer_to(response.context["captcha"].work)
    return client.post(response.request["PATH_INFO"], credentials(name, password) | {"captcha_answer": answer}, **extra)


def credentials(name, password):
    return {"username": name, "password": password}


@pytest.mark.parametrize("address", ["/admin/login/", "/_util/login/"])
def test_a_name_under_attack_asks_its_owner_for_proof_and_lets_them_in(client, clock, small_work, address):
    make_ana()
    attack(client)
    asked = client.post(address, credentials("ana", PASSWORD) | {"next": "/admin/reports/"})
    assert asked.status_code == 422
    assert "captcha" in asked.text
    assert PASSWORD not in asked.text
    assert 'name="next" value="/admin/reports/"' in asked.text
    assert proven(client, asked).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_without_proof_no_guess_at_a_name_under_attack_is_looked_at(client, clock, small_work):
    make_ana()
    attack(client)
    rows = SignIn.objects.count()
    for number in range(10):
        stranger = {"REMOTE_ADDR": f"198.51.{number}.9"}
        assert sign_in(client, **stranger).status_code == 422
    assert SignIn.objects.count() == rows
    assert sign_in(client).status_code == 422


def test_guesses_with_proof_lock_their_own_network_out(client, clock, small_work):
    make_ana()
    attack(client)
    there = {"REMOTE_ADDR": "198.51.100.7"}
    for _time in range(5):
        response = proven(client, sign_in(client, **there), password="wrong", **there)
    assert response.status_code == 429
    assert proven(client, sign_in(client)).status_code == 302


def test_proof_counts_for_one_guess_at_one_name_from_one_network(client, clock, small_work):
    make_ana()
    make_ben()
    attack(client)
    attack(client, "ben")
    answer = answer_to(sign_in(client).context["captcha"].work)
    form = {"captcha_answer": answer}
    assert client.post("/admin/login/", credentials("ben", PASSWORD) | form).status_code == 422
    assert client.post("/admin/login/", credentials("ana", "wrong") | form).status_code == 200
    assert client.post("/admin/login/", credentials("ana", PASSWORD) | form).status_code == 422


def test_an_unknown_name_under_attack_is_answered_alike(client, clock, small_work):
    make_ana()
    for name in ("ana", "nobody"):
        attack(client, name)
    known, unknown = sign_in(client, "ana"), sign_in(client, "nobody")
    assert known.status_code == unknown.status_code == 422
    assert known.text.count("captcha") == unknown.text.count("captcha")


def test_the_attack_is_over_an_hour_after_its_last_guess(client, clock, small_work):
    make_ana()
    attack(client)
    clock.shift(3601)
    assert sign_in(client).status_code == 302


def test_the_frontends_sign_in_counts_with_the_admins(client, clock):
    make_ana()
    for _time in range(5):
        response = client.post("/_util/login/", credentials("ana", "wrong"))
    assert response.status_code == 429
    assert sign_in(client).status_code == 429


def test_guessing_the_old_password_at_an_open_laptop_locks_out_too(client, clock):
    make_ana()
    sign_in(client)
    form = {
        "password-old_password": "wrong",
        "password-new_password1": "granite-and-sea-1",
        "password-new_password2": "granite-and-sea-1",
    }
    responses = [client.post(reverse("wagtailadmin_account"), form) for _time in range(5)]
    assert [response.status_code for response in responses] == [200] * 4 + [429]
    assert "granite-and-sea-1" not in responses[0].text
    assert SignIn.objects.filter(outcome=SignInOutcome.WRONG_PASSWORD).count() == 4  # the fifth is the lockout


def test_administrators_see_lockouts_and_lift_one(client, admin_client):
    make_ana()
    fail(client, 5)
    text = admin_client.get(reverse("sign_in_people")).content.decode()
    assert "127.0.0.0" in text
    lifted = {"username": "ana", "address": "127.0.0.1"}
    assert admin_client.post(reverse("sign_in_lift"), lifted).status_code == 302
    assert lockout.list_lockouts() == []
    assert sign_in(client).status_code == 302
    row = SignIn.objects.get(outcome=SignInOutcome.UNLOCKED)
    assert (row.user.username, row.by.username) == ("ana", "admin")


def test_after_a_lift_the_next_wait_is_the_short_one(client, admin_user, clock):
    make_ana()
    fail(client, 5)
    clock.shift(60)
    lockout.lift_lockout("ana", "127.0.0.1", by=admin_user)
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


def test_a_stranger_who_asks_for_a_new_password_again_and_again_fills_no_inbox(client, clock, small_work, monkeypatch):
    make_ana()
    asked = []
    monkeypatch.setattr(tasks, "send_password_reset", asked.append)
    address, form = reverse("wagtailadmin_password_reset"), {"email": "ana@example.je"}
    for number in range(40):
        there = {"REMOTE_ADDR": f"203.0.{number}.9"}
        response = client.post(address, form, **there)
        if number >= 3:
            assert response.status_code == 422
            answer = {"captcha_answer": answer_to(response.context["captcha"].work)}
            response = client.post(address, form | answer, **there)
        assert response.url == reverse("wagtailadmin_password_reset_done")
    assert len(asked) == 10
