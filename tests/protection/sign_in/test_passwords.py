"""What a password may be, whichever way it is set."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests.protection.people import PASSWORD, make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
GOOD = "granite-and-sea-1"
BAD = {
    "short": "gorse-heath",
    "common": "1q2w3e4r5t6y",
    "digits": "402871936450",
    "like the name": "bertrand-legal",
    "repeated": "aaaaaaaaaaaab",
    "endless": "granite-" * 20,
}
NAME = "bertrand.legal"


@pytest.fixture
def bertrand():
    return get_user_model().objects.create_user(NAME, "bertrand@example.je", PASSWORD)


def by_account_page(client, bertrand, password):
    sign_in_directly(client, bertrand)
    form = {
        "password-old_password": PASSWORD,
        "password-new_password1": password,
        "password-new_password2": password,
        "name_email-first_name": "Bertrand",
        "name_email-last_name": "Legal",
        "name_email-email": "bertrand@example.je",
        "notifications-submitted_notifications": "on",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
    }
    client.post(reverse("wagtailadmin_account"), form)


def sign_in_directly(client, user):
    user.is_superuser = True
    user.save()
    client.force_login(user)


def by_reset(client, bertrand, password):
    uid = urlsafe_base64_encode(force_bytes(bertrand.pk))
    token = default_token_generator.make_token(bertrand)
    form_address = client.get(reverse("wagtailadmin_password_reset_confirm", args=[uid, token])).url
    client.post(form_address, {"new_password1": password, "new_password2": password})


def user_form(password):
    names = {"username": NAME, "first_name": "Bertrand", "last_name": "Legal", "email": "bertrand@example.je"}
    return names | {"password1": password, "password2": password, "is_active": "on"}


def by_an_administrator(client, bertrand, password):
    client.force_login(make_ana())
    client.post(reverse("wagtailusers_users:edit", args=[bertrand.pk]), user_form(password))


@pytest.mark.parametrize("way", [by_account_page, by_reset, by_an_administrator])
@pytest.mark.parametrize("password", BAD.values(), ids=BAD)
def test_a_bad_password_is_refused(client, bertrand, way, password):
    way(client, bertrand, password)
    bertrand.refresh_from_db()
    assert bertrand.check_password(PASSWORD)


@pytest.mark.parametrize("way", [by_account_page, by_reset, by_an_administrator])
def test_a_good_one_is_taken(client, bertrand, way):
    way(client, bertrand, GOOD)
    bertrand.refresh_from_db()
    assert bertrand.check_password(GOOD)


@pytest.mark.parametrize("password", BAD.values(), ids=BAD)
def test_nobody_is_made_with_a_bad_one(client, password):
    client.force_login(make_ana())
    client.post(reverse("wagtailusers_users:add"), user_form(password))
    assert not get_user_model().objects.filter(username=NAME).exists()
    client.post(reverse("wagtailusers_users:add"), user_form(GOOD))
    assert get_user_model().objects.get(username=NAME).check_password(GOOD)


@pytest.mark.parametrize("password", BAD.values(), ids=BAD)
def test_the_command_takes_no_bad_one_from_the_environment(monkeypatch, password):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    make = {"username": NAME, "email": "bertrand@example.je", "interactive": False, "verbosity": 0}
    with pytest.raises(CommandError):
        call_command("createsuperuser", **make)
    assert not get_user_model().objects.filter(username=NAME).exists()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    call_command("createsuperuser", **make)
    assert get_user_model().objects.get(username=NAME).check_password(GOOD)


def test_the_form_says_beforehand_what_it_wants(client):
    client.force_login(make_ana())
    text = client.get(reverse("wagtailusers_users:add")).text
    assert re.search("at least 12 characters", text)


def test_a_short_password_of_before_still_opens(client):
    ben = make_ben()
    ben.set_password("short")
    ben.save()
    assert sign_in(client, "ben", "short").status_code == 302


def test_an_administrator_made_by_command_has_the_one_spelling(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "granite-gorse-and-sea")
    call_command("createsuperuser", username="ana", email="Ana <ana@Bücher.example>", interactive=False, verbosity=0)
    assert get_user_model().objects.get(username="ana").email == "ana@xn--bcher-kva.example"
