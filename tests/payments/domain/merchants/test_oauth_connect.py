"""An organiser connects their SumUp account: there and back over HTTP, and every way in which that must fail."""

import re
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.urls import reverse
from wagtail.models import ModelLogEntry

from payments import time_limits
from payments.domain.merchants import credentials, oauth_connect, status, token_encryption
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from tests.factories import make_merchant
from tests.payments.factories import make_connected
from tests.payments.people import make_administrator, make_group, make_organiser

START, CHOOSE = "/payments/sumup/connect/", "/payments/sumup/connect/choose/"
RETURN = "/payments/sumup/connect/return/"


@pytest.fixture
def organiser(client, simulator, db):
    user = make_organiser()
    client.force_login(user)
    return user


@pytest.fixture
def administrator(client, simulator, db):
    user = make_administrator()
    client.force_login(user)
    return user


def set_out(client):
    """SumUp's consent page, where the button leads."""
    response = client.post(START)
    assert response.status_code == 302, response.content
    return response["Location"]


def back(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def connect(client, simulator, person="Ana"):
    return client.get(back(simulator.consent(set_out(client), person)))


def title_of(response):
    return re.search(r"<title>\s*(.*?)\s*(?:\||- |</title>)", response.content.decode(), re.DOTALL).group(1)


def text_of(response):
    return response.content.decode()


def account(code="MDEMO002"):
    return MerchantAccount.objects.get(merchant_code=code)


# There and back


def test_it_works(client, organiser, simulator):
    response = connect(client, simulator)

    merchant = account()
    assert response["Location"] == reverse("merchants:inspect", args=[merchant.pk])
    assert (merchant.kind, merchant.status) == (MerchantKind.OAUTH, MerchantStatus.CONNECTED)
    assert (merchant.name, merchant.currency, merchant.sandbox) == ("Gorey Castle Players", "GBP", True)
    assert (merchant.group.name, merchant.connected_by) == ("Players", organiser)
    assert credentials.get_client(merchant).merchant("MDEMO002").name == "Gorey Castle Players"
    assert "Connected, checked just now" in text_of(client.get(response["Location"]))


def test_the_consent_page_is_asked_with_state_and_pkce(client, organiser):
    asked = parse_qs(urlsplit(set_out(client)).query)
    assert asked["redirect_uri"] == [f"http://testserver{RETURN}"]
    assert asked["scope"] == ["payments transactions.history user.profile_readonly"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 43
    assert asked["state"] != parse_qs(urlsplit(set_out(client)).query)["state"]


def test_who_connected_what_is_in_the_audit_log(client, organiser, simulator):
    connect(client, simulator)
    entry = ModelLogEntry.objects.get(action=status.LOG_ACTION)
    assert (entry.user, entry.data["to"], entry.object_id) == (organiser, "connected", str(account().pk))


def test_several_accounts_are_a_choice(client, organiser, simulator):
    response = connect(client, simulator, "Ben")
    assert response["Location"] == CHOOSE
    page = text_of(client.get(CHOOSE))
    assert "Rozel Bay Jazz (MDEMO003), sandbox" in page
    assert "_sim_" not in page

    response = client.post(CHOOSE, {"merchant_code": "MDEMO003", "group": Group.objects.get(name="Players").pk})
    assert response["Location"] == reverse("merchants:inspect", args=[account("MDEMO003").pk])
    assert client.get(CHOOSE).status_code == 400


def test_what_was_not_offered_cannot_be_chosen(client, organiser, simulator):
    connect(client, simulator, "Ben")
    assert (
        client.post(CHOOSE, {"merchant_code": "MDEMO002", "group": Group.objects.get(name="Players").pk}).status_code
        == 422
    )
    assert not MerchantAccount.objects.exists()


def test_a_group_of_others_cannot_be_chosen(client, organiser, simulator):
    other = make_group("Others")
    connect(client, simulator, "Ben")
    assert client.post(CHOOSE, {"merchant_code": "MDEMO003", "group": other.pk}).status_code == 422
    assert client.post(CHOOSE, {"merchant_code": "MDEMO003", "group": ""}).status_code == 422
    assert not MerchantAccount.objects.exists()


def test_somebody_in_two_groups_says_who_runs_it(client, organiser, simulator):
    organiser.groups.add(make_group("Choir"))
    assert connect(client, simulator)["Location"] == CHOOSE
    client.post(CHOOSE, {"merchant_code": "MDEMO002", "group": Group.objects.get(name="Choir").pk})
    assert account().group.name == "Choir"


@pytest.mark.parametrize("group", ["", "Players"])
def test_an_administrator_says_who_runs_it(client, administrator, simulator, group):
    made = make_group()
    assert connect(client, simulator)["Location"] == CHOOSE
    client.post(CHOOSE, {"merchant_code": "MDEMO002", "group": made.pk if group else ""})
    assert (account().group.name if account().group else "") == group


# What must fail


def refused(response, status, title):
    assert (response.status_code, title_of(response)) == (status, title)
    assert response["Referrer-Policy"] in {"no-referrer", "strict-origin"}
    assert "no-store" in response["Cache-Control"]
    assert not MerchantAccount.objects.filter(kind=MerchantKind.OAUTH).exists()


def test_denied(client, organiser, simulator):
    response = client.get(back(simulator.consent(set_out(client), deny=True)))
    refused(response, 403, "Nothing was connected")
    assert response["Referrer-Policy"] == "no-referrer"


def test_replayed(client, organiser, simulator):
    address = back(simulator.consent(set_out(client)))
    client.get(address)
    MerchantAccount.objects.all().delete()
    refused(client.get(address), 400, "This step was used already")


def test_expired(client, organiser, simulator, monkeypatch):
    address = back(simulator.consent(set_out(client)))
    later = oauth_connect.time.time() + oauth_connect.LIFE_SECONDS + 1
    monkeypatch.setattr(oauth_connect.time, "time", lambda: later)
    refused(client.get(address), 400, "That took too long")


@pytest.mark.parametrize("state", ["", "x", "\x00", "é" * 50, "x" * 5000])
def test_another_state(client, organiser, simulator, state):
    given = parse_qs(urlsplit(simulator.consent(set_out(client))).query)
    response = client.get(f"{RETURN}?{urlencode({'code': given['code'][0], 'state': state})}")
    refused(response, 400, "This did not start here")
    assert simulator.state()["tokens"]["access"] == 0


def test_a_wrong_state_uses_the_attempt_up(client, organiser, simulator):
    address = back(simulator.consent(set_out(client)))
    client.get(f"{RETURN}?code=x&state=guess")
    refused(client.get(address), 400, "This did not start here")


def test_the_state_of_another_person(client, organiser, simulator):
    """The thief's own consent, put under somebody else's nose: their sales would be paid to the thief."""
    thief = client.__class__()
    thief.force_login(make_organiser("mallory", "Others"))
    address = back(simulator.consent(set_out(thief)))
    set_out(client)
    refused(client.get(address), 400, "This did not start here")


def test_another_sign_in_in_the_same_browser(client, organiser, simulator):
    address = back(simulator.consent(set_out(client)))
    pending = client.session[oauth_connect.PENDING]
    client.force_login(make_organiser("mallory", "Others"))
    session = client.session
    session[oauth_connect.PENDING] = pending
    session.save()
    refused(client.get(address), 400, "This did not start here")


def test_signed_out_meanwhile(client, organiser, simulator):
    address = back(simulator.consent(set_out(client)))
    client.logout()
    response = client.get(address, follow=True)
    assert "code=" not in response.request["QUERY_STRING"]
    assert "ac_sim" not in text_of(response)


def test_an_empty_return(client, organiser):
    refused(client.get(RETURN), 400, "This did not start here")


def test_a_code_that_sumup_does_not_know(client, organiser):
    state = parse_qs(urlsplit(set_out(client)).query)["state"][0]
    refused(client.get(f"{RETURN}?{urlencode({'code': 'made-up', 'state': state})}"), 400, "That took too long")


@pytest.mark.parametrize("error", ["server_error", "invalid_request", "<script>"])
def test_another_error_of_sumup(client, organiser, error):
    state = parse_qs(urlsplit(set_out(client)).query)["state"][0]
    response = client.get(f"{RETURN}?{urlencode({'error': error, 'state': state})}")
    refused(response, 502, "SumUp refused")
    assert "<script>alert" not in text_of(response)


@pytest.mark.parametrize(
    ("fault", "operation"),
    [("server_error", "token"), ("drop", "token"), ("lost_answer", "token"), ("bad_json", "token"),
     ("empty_body", "token"), ("server_error", "memberships"), ("token_revoked", "memberships"),
     ("server_error", "merchant"), ("html_error", "merchant")],
)  # fmt: skip
def test_trouble_at_sumup(client, organiser, simulator, fault, operation):
    simulator.fault(fault, operation=operation, times=5)
    refused(connect(client, simulator), 502, "SumUp did not answer")


@pytest.mark.parametrize("operation", ["token", "memberships", "merchant"])
def test_a_silent_sumup_keeps_no_thread(client, organiser, simulator, operation, monkeypatch):
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.5)
    simulator.fault("hang", operation=operation)
    began = time.monotonic()
    refused(connect(client, simulator), 502, "SumUp did not answer")
    assert time.monotonic() - began < 2
    simulator.clear_faults()


def test_the_scope_that_sumup_must_enable(client, organiser, simulator):
    simulator.settings(payments_scope=False)
    response = connect(client, simulator)
    refused(response, 409, "SumUp must enable online payments for this site")
    assert "off by default" in text_of(response)


def test_no_merchant(client, organiser, simulator):
    refused(connect(client, simulator, "Cleo"), 409, "No SumUp account to be paid on")


def test_another_currency_leaves_the_choice_open(client, organiser, simulator):
    connect(client, simulator, "Ben")
    choice = {"merchant_code": "MDEMO004", "group": Group.objects.get(name="Players").pk}
    response = client.post(CHOOSE, choice)
    refused(response, 409, "Another currency")
    assert "Saint-Malo Sounds is paid in EUR" in text_of(response)
    assert client.post(CHOOSE, choice | {"merchant_code": "MDEMO003"}).status_code == 302


def test_an_account_of_another_organiser(client, organiser, simulator):
    make_connected(simulator, group=make_group("Others"))
    response = connect(client, simulator)
    assert (response.status_code, title_of(response)) == (409, "Somebody else here runs this account")
    assert account().group.name == "Others"


def test_an_account_of_administrators(client, organiser, simulator):
    make_connected(simulator)
    assert title_of(connect(client, simulator)) == "Somebody else here runs this account"


@pytest.mark.parametrize("known", [True, False])
def test_the_site_s_own_account_cannot_be_taken_over(client, organiser, simulator, settings, known):
    settings.SUMUP_MERCHANT_CODE = "MDEMO002"
    if known:
        make_merchant("MDEMO002", group=make_group())
    refused(connect(client, simulator), 409, "This is the site’s own account")


@pytest.mark.parametrize("address", [START, RETURN, CHOOSE])
def test_only_staff_who_may_connect(client, simulator, address, db):
    assert client.get(address)["Location"].startswith("/admin/login/")
    client.force_login(make_organiser(codenames=("access_admin",)))
    assert client.get(address)["Location"] == "/admin/"
    assert client.post(START)["Location"] == "/admin/"


@pytest.mark.parametrize("address", [START, RETURN, CHOOSE])
def test_without_an_app_there_is_nothing(client, organiser, settings, address):
    settings.SUMUP_CLIENT_ID = ""
    assert client.get(address).status_code == 404


def test_a_form_of_another_site_starts_nothing(organiser, client):
    strict = client.__class__(enforce_csrf_checks=True)
    strict.force_login(organiser)
    assert strict.post(START).status_code == 403


# Again


@pytest.mark.parametrize("status", MerchantStatus.values)
def test_connecting_again_keeps_the_row_its_name_and_its_group(client, organiser, simulator, status):
    old = make_connected(simulator, group=make_group(), status=status, name="As we call it", status_reason="Gone.")
    connect(client, simulator)
    new = account()
    assert (new.pk, new.group, new.name) == (old.pk, old.group, "As we call it")
    assert (new.status, new.status_reason) == (MerchantStatus.CONNECTED, "")
    assert token_encryption.decrypt_token(new.access_token) != token_encryption.decrypt_token(old.access_token)


# Secrets


def test_nothing_secret_is_seen_logged_or_stored_in_clear(client, organiser, simulator, caplog):
    caplog.set_level("DEBUG")
    connect(client, simulator, "Ben")
    pages = text_of(client.get(CHOOSE))
    client.post(CHOOSE, {"merchant_code": "MDEMO003", "group": Group.objects.get(name="Players").pk})
    merchant = account("MDEMO003")
    for address in ("/admin/merchants/", f"/admin/merchants/inspect/{merchant.pk}/", "/admin/merchants/?export=csv",
                    f"/admin/merchants/history/{merchant.pk}/", START):  # fmt: skip
        response = client.get(address)
        assert response.status_code == 200
        pages += b"".join(response).decode() if response.streaming else text_of(response)
    stored = str(list(MerchantAccount.objects.values())) + str(list(ModelLogEntry.objects.values()))
    sessions = str([each.get_decoded() for each in Session.objects.all()])
    known = [token_encryption.decrypt_token(token) for token in (merchant.access_token, merchant.refresh_token)]
    for text in (pages, stored, sessions, caplog.text, repr(merchant), repr(credentials.get_oauth_app())):
        assert not [secret for secret in [*known, "_sim_", "cc_sk_"] if secret in text.replace("cc_sim_demo", "")]
    assert merchant.access_token not in pages
