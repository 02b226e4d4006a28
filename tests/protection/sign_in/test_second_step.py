"""The second step: set up, passed, lost. Ana administers; Ben stands at the door and has no admin."""

import re
from urllib.parse import quote

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import get_resolver, reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from protection.enums import SignInOutcome
from protection.middleware import STAFF_ONLY
from protection.models import SignIn, StaffSession
from protection.sign_in import second_step
from tests import factories
from tests.architecture.test_layers import our_views
from tests.protection.people import PASSWORD, code_of, give_app, make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
HOME = "/admin/"
VERIFY = "/admin/verify/"
SET_UP = "/admin/account/two-factor/set-up/"


@pytest.fixture
def ana():
    return make_ana()


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as moved:
        yield moved


def outcomes():
    return list(SignIn.objects.order_by("id").values_list("outcome", flat=True))


def shown_codes(response):
    return re.findall(r"<code[^>]*>([a-z2-7]{4}-[a-z2-7]{4})</code>", response.content.decode())


def test_setting_up_shows_a_code_and_a_secret_and_ten_recovery_codes_once(client, ana):
    sign_in(client)
    before = client.session.session_key
    text = client.get(SET_UP).content.decode()
    device = TOTPDevice.objects.get(user=ana)
    assert "<svg" in text
    assert second_step.readable_secret(device) in text
    response = client.post(SET_UP, {"code": code_of(device)})
    assert len(set(shown_codes(response))) == 10
    assert "no-store" in response["Cache-Control"]
    assert client.session.session_key != before
    assert client.get(HOME).status_code == 200
    assert shown_codes(client.get("/admin/account/two-factor/")) == []
    assert outcomes()[-1] == SignInOutcome.SECOND_STEP_ON


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_secret(client, ana):
    sign_in(client)
    client.get(SET_UP)
    secret = TOTPDevice.objects.get(user=ana).key
    response = client.post(SET_UP, {"code": "000000"})
    assert response.status_code == 422
    assert "not right" in response.content.decode()
    assert second_step.find_confirmed_app(ana) is None
    assert TOTPDevice.objects.get(user=ana).key == secret


def test_a_secret_shown_to_another_session_is_never_the_one_set_up(client, ana):
    sign_in(client)
    client.get(SET_UP)
    seen_by_a_stranger = TOTPDevice.objects.get(user=ana).key
    client.logout()
    sign_in(client)
    client.get(SET_UP)
    assert TOTPDevice.objects.get(user=ana).key != seen_by_a_stranger


def test_after_the_password_the_code_is_asked_for_everywhere(client, ana):
    give_app(ana)
    sign_in(client)
    for address in (HOME, "/admin/users/", "/tickets/scan/", "/payments/sumup/connect/", "/admin/account/two-factor/"):
        assert client.get(address).url.startswith(VERIFY)
    assert client.post("/admin/account/two-factor/remove/", {"password": PASSWORD}).url.startswith(VERIFY)


def test_the_code_opens_what_was_asked_for(client, ana, clock):
    device, _codes = give_app(ana)
    sign_in(client)
    asked = client.get("/admin/reports/sign-ins/").url
    page = client.get(asked).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    before = client.session.session_key
    response = client.post(VERIFY, {"code": code_of(device), "next": "/admin/reports/sign-ins/"})
    assert response.url == "/admin/reports/sign-ins/"
    assert client.session.session_key != before
    assert client.get(HOME).status_code == 200
    assert outcomes() == [SignInOutcome.NEW_RECOVERY, SignInOutcome.SIGNED_IN, SignInOutcome.VERIFIED]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_code_leads_to_no_other_site(client, ana, elsewhere):
    device, _codes = give_app(ana)
    sign_in(client)
    assert client.post(VERIFY, {"code": code_of(device), "next": elsewhere}).url == HOME


def test_a_code_counts_once(client, ana, clock):
    device, _codes = give_app(ana)
    sign_in(client)
    code = code_of(device)
    client.post(VERIFY, {"code": code})
    client.logout()
    sign_in(client)
    assert client.post(VERIFY, {"code": code}).status_code == 422
    clock.shift(31)
    assert client.post(VERIFY, {"code": code_of(device)}).status_code == 302


@pytest.mark.parametrize("rubbish", ["", "000000", "abc", "1" * 16, "١٢٣٤٥٦", "\0", "-12345", "12 34 56"])
def test_rubbish_is_refused(client, ana, rubbish):
    give_app(ana)
    sign_in(client)
    assert client.post(VERIFY, {"code": rubbish}).status_code == 422
    assert client.get(HOME).status_code == 302


def test_wrong_codes_are_slowed_down_but_never_for_ever(client, ana, clock):
    device, codes = give_app(ana)
    sign_in(client)
    client.post(VERIFY, {"code": "000000"})
    too_soon = client.post(VERIFY, {"code": code_of(device)})
    assert "wait 1 second" in too_soon.content.decode()
    for _ in range(15):
        clock.shift(600)
        client.post(VERIFY, {"code": "000000"})
    clock.shift(513)
    assert client.post(VERIFY, {"code": code_of(device)}).status_code == 302
    assert outcomes().count(SignInOutcome.WRONG_CODE) == 16


def test_a_recovery_code_opens_once_as_people_type_it(client, ana, clock):
    _device, codes = give_app(ana)
    sign_in(client)
    assert client.post(VERIFY, {"code": f" {codes[0].upper()} "}).status_code == 302
    assert second_step.count_recovery_codes(ana) == 9
    assert outcomes()[-1] == SignInOutcome.RECOVERY_CODE
    client.logout()
    sign_in(client)
    assert client.post(VERIFY, {"code": codes[0]}).status_code == 422


def test_slowed_down_guesses_at_the_app_leave_the_recovery_codes_open(client, ana, clock):
    _device, codes = give_app(ana)
    sign_in(client)
    client.post(VERIFY, {"code": "000000"})
    assert client.post(VERIFY, {"code": codes[0]}).status_code == 302


def verified(client, user):
    device, codes = give_app(user)
    sign_in(client, user.username)
    client.post(VERIFY, {"code": code_of(device)})
    return device, codes


def test_new_recovery_codes_need_the_password_and_void_the_old(client, ana):
    _device, old = verified(client, ana)
    assert client.post("/admin/account/two-factor/codes/", {"password": "wrong"}).status_code == 422
    fresh = shown_codes(client.post("/admin/account/two-factor/codes/", {"password": PASSWORD}))
    assert len(fresh) == 10
    assert not set(fresh) & set(old)


def test_removing_needs_the_password(client, ana):
    verified(client, ana)
    address = "/admin/account/two-factor/remove/"
    assert client.post(address, {"password": "wrong"}).status_code == 422
    assert second_step.find_confirmed_app(ana)
    assert client.post(address, {"password": PASSWORD}).status_code == 302
    assert second_step.find_confirmed_app(ana) is None
    assert client.get(HOME).status_code == 200


def test_guessing_the_password_at_an_open_laptop_locks_out_too(client, ana):
    verified(client, ana)
    for _ in range(5):
        response = client.post("/admin/account/two-factor/remove/", {"password": "wrong"})
    assert response.status_code == 429


def test_an_open_session_owes_the_step_as_soon_as_one_is_set_up(client, ana):
    sign_in(client)
    assert client.get(HOME).status_code == 200
    give_app(ana)
    assert client.get(HOME).url.startswith(VERIFY)


def test_where_it_is_required_everybody_sets_one_up_before_anything_else(client, settings, ana):
    settings.REQUIRE_TWO_FACTOR = True
    sign_in(client)
    for address in (HOME, "/tickets/scan/", "/admin/account/sessions/"):
        assert client.get(address).url.startswith(SET_UP)
    text = client.get(SET_UP).content.decode()
    assert "asks everybody" in text
    assert "data-wagtail-sidebar" not in text
    response = client.post(SET_UP, {"code": code_of(TOTPDevice.objects.get(user=ana)), "next": "/admin/reports/"})
    assert 'href="/admin/reports/"' in response.content.decode()
    assert client.get(HOME).status_code == 200


def test_door_staff_without_an_admin_set_one_up_and_pass_it(client, settings):
    settings.REQUIRE_TWO_FACTOR = True
    ben = make_ben()
    sign_in(client, "ben")
    client.get(SET_UP)
    codes = shown_codes(client.post(SET_UP, {"code": code_of(TOTPDevice.objects.get(user=ben))}))
    assert client.get("/admin/account/two-factor/").status_code == 200
    assert client.get("/admin/account/sessions/").status_code == 200
    client.logout()
    sign_in(client, "ben")
    assert client.post(VERIFY, {"code": codes[0], "next": "/tickets/scan/"}).url == "/tickets/scan/"


def test_nobody_is_asked_where_nobody_is_required_and_none_is_set_up(client, ana):
    sign_in(client)
    assert client.get(HOME).status_code == 200
    assert client.get(VERIFY).url == HOME


def test_visitors_and_public_pages_are_left_alone(client, home, ana, settings):
    settings.REQUIRE_TWO_FACTOR = True
    assert client.get(SET_UP).url.startswith("/admin/login/")
    assert client.get(VERIFY).url.startswith("/admin/login/")
    sign_in(client)
    assert client.get("/tickets/find/").status_code == 200


def test_an_administrator_removes_the_step_of_a_lost_telephone(client, ana, admin_client, admin_user):
    verified(client, ana)
    text = admin_client.get(reverse("sign_in_person", args=[ana.pk])).content.decode()
    assert "10 recovery codes are left" in text
    admin_client.post(reverse("sign_in_reset_step", args=[ana.pk]))
    assert second_step.find_confirmed_app(ana) is None
    assert not StaffSession.objects.filter(user=ana).exists()
    assert client.get(HOME).url.startswith("/admin/login/")
    row = SignIn.objects.get(outcome=SignInOutcome.SECOND_STEP_OFF)
    assert (row.user, row.by) == (ana, admin_user)


def test_nobody_else_removes_anothers_step(client, ana):
    give_app(ana)
    client.force_login(make_ben())
    assert client.post(reverse("sign_in_reset_step", args=[ana.pk])).status_code in (302, 403)
    assert second_step.find_confirmed_app(ana)


def test_the_command_removes_the_step(client, ana, capsys):
    verified(client, ana)
    call_command("reset_two_factor", "ana")
    assert second_step.find_confirmed_app(ana) is None
    assert client.get(HOME).url.startswith("/admin/login/")
    for name, words in (("ana", "no second step"), ("nobody", "nobody called")):
        with pytest.raises(CommandError, match=words):
            call_command("reset_two_factor", name)


def test_every_address_that_asks_who_somebody_is_asks_for_the_step_too(client, home):
    """What sends a stranger to the sign-in page must lie where the middleware looks."""
    addresses = [f"/{address}" for address, _view in our_views(get_resolver().url_patterns) if "<" not in address]
    assert "/tickets/scan/" in addresses
    outside = [address for address in addresses if not address.startswith(STAFF_ONLY) and "(" not in address]
    guarded = [address for address in outside if "/admin/login/" in client.get(address).get("Location", "")]
    assert guarded == []


@pytest.fixture
def restricted(home):
    """A page and a document for whoever is signed in."""
    page = factories.make_event(parent=factories.make_index())
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    collection = Collection.get_first_root_node().add_child(name="Contracts")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type=PageViewRestriction.LOGIN)
    document = Document.objects.create(title="Contract", file=ContentFile(b"terms", "c.pdf"), collection=collection)
    return [page.url, document.url]


def test_whoever_owes_the_step_is_a_stranger_everywhere(client, ana, restricted):
    """Not below a list of addresses: the site does not know them, wherever they look."""
    client.force_login(ana)
    assert [client.get(address).status_code for address in restricted] == [200, 200]
    give_app(ana)
    for address in restricted:
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (302, f"/_util/login/?next={address}")
    assert client.get("/").wsgi_request.user.is_anonymous


def test_strangers_are_not_led_round_in_circles(client, ana, restricted):
    """From a private page to the sign-in, on to the code, and back to the page."""
    device, _codes = give_app(ana)
    client.force_login(ana)
    address = restricted[0]
    asked = client.get(client.get(address).url)
    assert (asked.status_code, asked.url) == (302, f"{VERIFY}?next={quote(address, safe='')}")
    answer = client.post(asked.url, {"code": code_of(device), "next": address})
    assert (answer.status_code, answer.url) == (302, address)
    assert client.get(address).status_code == 200
