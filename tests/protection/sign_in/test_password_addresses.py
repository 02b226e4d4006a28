"""Every address that takes a password or a code is bounded as signing in is; a new one fails here until it is."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django import forms
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from protection.captcha import proof_of_work
from protection.visitors.rate_limits import RATES, LimitedViewsMiddleware
from tests.factories import make_event, make_home
from tests.protection.captcha.test_captcha import answer_to
from tests.protection.people import code_of, give_app, make_ana, sign_in

pytestmark = pytest.mark.django_db
SECRET = "the-shared-secret"
BOUNDED = LimitedViewsMiddleware.NAMES
HAS_ONE = re.compile(r"""<input[^>]*(type=["']password|autocomplete=["']one-time-code)""")
WITH_VALUES = {
    "wagtailadmin_password_reset_confirm": {"uidb64": "MQ", "token": "set-password"},
    "wagtailcore_authenticate_with_password": {"page_view_restriction_id": 1, "page_id": 1},
    "wagtaildocs_authenticate_with_password": {"restriction_id": 1},
    "wagtailusers_users:edit": {"pk": 1},
}
LEFT_OUT = {"wagtailadmin_logout", "wagtailadmin_error_test"}
"""The one takes the cookie away even when it is only looked at, the other fails by intention."""
FORMS = {
    "django.contrib.auth.forms.AuthenticationForm",
    "django.contrib.auth.forms.AdminPasswordChangeForm",
    "django.contrib.auth.forms.AdminUserCreationForm",
    "django.contrib.auth.forms.BaseUserCreationForm",
    "django.contrib.auth.forms.PasswordChangeForm",
    "django.contrib.auth.forms.SetPasswordForm",
    "django.contrib.auth.forms.UserCreationForm",
    "protection.sign_in.forms.OwnPasswordForm",
    "protection.sign_in.forms.PasswordForm",
    "wagtail.admin.forms.auth.LoginForm",
    "wagtail.admin.forms.auth.PasswordChangeForm",
    "wagtail.forms.PasswordViewRestrictionForm",
    "wagtail.users.forms.UserCreationForm",
    "wagtail.users.forms.UserEditForm",
    "wagtail.users.forms.UserForm",
}
"""Each stands at addresses of BOUNDED; Django's own stand nowhere but through those below them."""


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(proof_of_work, "HARDEST", 500)
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False) as moved:
        yield moved


def names(patterns, namespace=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}"


def addresses():
    """{name: address} of all that can be opened without knowing what is there, and of WITH_VALUES."""
    found = {}
    for name in sorted(set(names(get_resolver().url_patterns)) - LEFT_OUT):
        try:
            found[name] = reverse(name, kwargs=WITH_VALUES.get(name))
        except NoReverseMatch:
            continue
    return found


def asks_for_a_secret(client, address):
    response = client.get(address, follow=True)
    last = response.redirect_chain[-1][0] if response.redirect_chain else address
    body = b"".join(response) if response.streaming else response.content
    return last.partition("?")[0] == address and bool(HAS_ONE.search(body.decode(errors="replace")))


def people(settings):
    """Whoever sees different pages: a stranger, who owes the step, who has no app, and an administrator with one."""
    ana = make_ana()
    stranger, without, owing, verified = Client(), Client(), Client(), Client()
    sign_in(without)
    yield stranger
    yield without
    device, _codes = give_app(ana)
    sign_in(owing)
    yield owing
    sign_in(verified)
    verified.post("/admin/verify/", {"code": code_of(device)})
    yield verified


def test_every_address_that_takes_a_secret_is_bounded(settings, home):
    settings.RATE_LIMITS = False
    found = set()
    known = addresses()
    for client in people(settings):
        found |= {name for name, address in known.items() if asks_for_a_secret(client, address)}
    assert {"wagtailadmin_login", "wagtailcore_login", "second_step_verify", "wagtailusers_users:add"} <= found
    assert found <= set(BOUNDED)


def test_every_form_that_takes_a_secret_is_known():
    """A form with a password stands behind a limit, or in no address at all: look where a new one stands."""
    addresses()
    with_password = {
        f"{form.__module__}.{form.__qualname__}"
        for form in all_forms(forms.BaseForm)
        if any(isinstance(field.widget, forms.PasswordInput) for field in getattr(form, "base_fields", {}).values())
    }
    found = {name for name in with_password if not name.startswith(("tests.", "django.forms.widgets"))}
    assert found <= FORMS


def all_forms(form):
    for below in form.__subclasses__():
        yield below
        yield from all_forms(below)


def test_every_bounded_name_is_an_address_and_every_limit_is_one():
    assert set(BOUNDED) <= set(names(get_resolver().url_patterns))
    assert set(BOUNDED.values()) <= set(RATES)


@pytest.mark.parametrize("name", sorted(BOUNDED))
def test_the_twenty_first_of_a_minute_is_refused(client, name):
    address = reverse(name, kwargs=WITH_VALUES.get(name))
    for number in range(20):
        assert client.post(address, {"username": f"n{number}", "password": "wrong"}).status_code != 429 or number > 4
    refused = client.post(address, {"username": "n", "password-old_password": "my-secret", "password": "my-secret"})
    assert "That was too often" in refused.text
    assert refused.status_code == 429
    assert "my-secret" not in refused.text


def private_page():
    make_home()
    page = make_event()
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="password", password=SECRET)
    return reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk]), page.get_url()


def private_documents():
    collection = Collection.get_first_root_node().add_child(name="Members")
    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type="password", password=SECRET
    )
    kept = get_document_model().objects.create(title="Plan", collection=collection, file="documents/plan.pdf")
    return reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk]), kept.url


def try_one(client, address, password, back="/", **extra):
    form = {"password": password, "return_url": back, "captcha_answer": extra.pop("captcha_answer", "")}
    return client.post(address, form, **extra)


@pytest.mark.parametrize("behind", [private_page, private_documents])
def test_the_right_shared_password_opens(client, behind):
    address, back = behind()
    assert try_one(client, address, "wrong", back).status_code == 200
    assert try_one(client, address, SECRET, back).url == back


@pytest.mark.parametrize("behind", [private_page, private_documents])
def test_five_wrong_shared_passwords_lock_the_network_out_and_no_other(client, behind, clock):
    address, back = behind()
    for number in range(5):
        response = try_one(client, address, "wrong", REMOTE_ADDR=f"203.0.113.{number}")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert try_one(client, address, SECRET, REMOTE_ADDR="203.0.113.77").status_code == 429
    assert try_one(client, address, SECRET, back).status_code == 302
    clock.shift(901)
    assert try_one(client, address, SECRET, back, REMOTE_ADDR="203.0.113.77").status_code == 302


@pytest.mark.parametrize("behind", [private_page, private_documents])
def test_a_shared_password_that_is_guessed_from_many_places_needs_proof(client, behind):
    address, back = behind()
    for number in range(15):
        try_one(client, address, "wrong", REMOTE_ADDR=f"203.0.{number % 3}.9")
    asked = try_one(client, address, SECRET, back)
    assert asked.status_code == 422
    assert SECRET not in asked.text
    answer = answer_to(asked.context["captcha"].work)
    assert try_one(client, address, SECRET, back, captcha_answer=answer).url == back


def test_one_of_two_private_pages_that_is_guessed_at_leaves_the_other_open(client):
    (first, _url), (second, back) = private_page(), private_page()
    for _time in range(5):
        try_one(client, first, "wrong")
    assert try_one(client, second, SECRET, back).status_code == 302
