"""Credentials, merchants, signatures, seats: each check in its colours."""

import pytest
from django.db import connection

from operations.enums import Colour
from operations.launch.checks.money import list_priced_sales
from payments.domain.merchants import token_encryption
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from payments.provider import Busy, MerchantProfile, Unauthorised
from tests import factories
from tests.operations.launch.conftest import Known
from ticketing.models import EventSale

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
LIVE = {"SUMUP_API_URL": "https://api.sumup.com", "SUMUP_API_KEY": "sup_sk_own", "SUMUP_MERCHANT_CODE": "MLIVE001"}
KEY, OTHER_KEY = "c29tZXRoaW5nLXJhbmRvbS0zMi1ieXRlcy1sb25nISE=", "YW5vdGhlci10aGluZy1vZi0zMi1ieXRlcy1sb25nLiE="
LONG = "a-secret-of-our-own"


def profile(**fields):
    known = {"code": "MLIVE001", "name": "Opera House", "currency": "GBP", "country": "JE", "sandbox": False}
    return Known(MerchantProfile(**known | fields))


@pytest.mark.parametrize(
    ("name", "values", "colour", "words"),
    [
        ("sumup-keys", {}, GREEN, "MLIVE001"),
        ("sumup-keys", {"SUMUP_API_URL": "http://127.0.0.1:8091"}, RED, "the simulator takes no money"),
        ("sumup-keys", {"SUMUP_API_KEY": "sup_sk_demo"}, RED, "the simulator's demo key"),
        ("sumup-keys", {"SUMUP_API_KEY": ""}, AMBER, "SUMUP_API_KEY not set. Only free tickets"),
        ("ticket-keys", {"TICKET_SIGNING_KEYS": {"A": LONG}}, GREEN, "your own key (A)"),
        ("ticket-keys", {"TICKET_SIGNING_KEYS": {"A": "development-only-key"}}, RED, "anybody could forge tickets"),
        ("events-secret", {"SUMUP_EVENTS_SECRET": LONG}, GREEN, "signature"),
        ("events-secret", {"SUMUP_EVENTS_SECRET": "change-me-change-me"}, RED, "is an example"),
        ("events-secret", {"SUMUP_EVENTS_SECRET": "short"}, RED, "too short"),
        ("events-secret", {"SUMUP_EVENTS_SECRET": "", "SUMUP_CLIENT_ID": "cc_1"}, AMBER, "not heard"),
        ("events-secret", {"SUMUP_EVENTS_SECRET": "", "SUMUP_CLIENT_ID": ""}, GREEN, "does not exist"),
        (
            "token-keys",
            {"SUMUP_CLIENT_ID": "", "SUMUP_CLIENT_SECRET": "", "TOKEN_ENCRYPTION_KEYS": []},
            GREEN,
            "Nobody can connect",
        ),
        ("token-keys", {"TOKEN_ENCRYPTION_KEYS": []}, RED, "TOKEN_ENCRYPTION_KEYS is not set"),
        ("token-keys", {}, RED, "random keys of your own"),  # the suite's own key
        ("token-keys", {"TOKEN_ENCRYPTION_KEYS": [KEY]}, RED, "SUMUP_CLIENT_SECRET is an example"),
        ("token-keys", {"TOKEN_ENCRYPTION_KEYS": [KEY], "SUMUP_CLIENT_SECRET": "own"}, GREEN, "their tokens are enc"),
        ("callbacks", {"SECRET_KEY": "k" * 50, "SITE_URL": "https://a.je"}, GREEN, "asked again"),
        ("callbacks", {"SECRET_KEY": "short", "SITE_URL": "https://a.je"}, RED, "can forge callbacks"),
        ("callbacks", {"SECRET_KEY": "k" * 50, "SITE_URL": "http://a.je"}, RED, "can forge callbacks"),
    ],
)
def test_by_settings_alone(db, finding, settings, name, values, colour, words):
    for key, value in (LIVE | values).items():
        setattr(settings, key, value)
    found = finding(name)
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize(
    ("name", "answer", "colour", "words"),
    [
        ("sumup-live", profile(), GREEN, "Money goes to Opera House (MLIVE001)"),
        ("sumup-live", profile(sandbox=True), RED, "sandbox account: nobody really pays"),
        ("sumup-live", profile(sandbox=None), AMBER, "does not say"),
        ("sumup-live", Known(error=Unauthorised("no")), RED, "refuses the key"),
        ("sumup-live", Known(error=Busy("later")), RED, "does not answer: later"),
        ("currency", profile(), GREEN, "GBP"),
        ("currency", profile(currency="EUR"), RED, "paid in EUR, the site sells in GBP"),
        ("currency", Known(error=Busy("later")), RED, "not known"),
    ],
)
def test_what_sumup_says_of_our_account(finding, facts, settings, name, answer, colour, words):
    settings.SUMUP_API_KEY, settings.SUMUP_MERCHANT_CODE, facts.merchant = "k", "MLIVE001", answer
    found = finding(name)
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize("name", ["sumup-live", "currency"])
def test_without_an_account_of_its_own_there_is_nothing_to_ask(finding, settings, name):
    settings.SUMUP_API_KEY = ""
    assert finding(name).colour == AMBER


@pytest.mark.parametrize(
    ("key", "colour", "words"),
    [("sup_sk_demo", RED, "Jersey Events Demo is a sandbox account"), ("sup_sk_demo_wrong", RED, "refuses the key")],
)
def test_sumup_is_really_asked(finding, simulator, settings, key, colour, words):
    settings.SUMUP_API_KEY = key
    found = finding("sumup-live")
    assert (found.colour, words in found.words) == (colour, True), found


def test_a_priced_sale_needs_a_key(finding, settings, db):
    factories.make_type()
    for key, value in (LIVE | {"SUMUP_API_KEY": ""}).items():
        setattr(settings, key, value)
    assert finding("sumup-keys").colour == RED


@pytest.mark.parametrize(
    ("fields", "colour", "words"),
    [
        ({}, GREEN, "Sales with a price: 1"),
        ({"status": MerchantStatus.BROKEN}, RED, "Nobody can pay for 1 of 1 sales. Sea Shanties: Card payments are"),
        ({"status": MerchantStatus.REVOKED}, RED, "takes no card payments"),
        ({"sandbox": True}, RED, "its account is a sandbox"),
        ({"currency": "EUR"}, RED, "its account is paid in EUR"),
    ],
)
def test_every_sale_has_an_account_that_can_be_paid(finding, db, fields, colour, words):
    merchant = factories.make_merchant("MOWN0001", kind=MerchantKind.OAUTH, **fields)
    factories.make_type(factories.make_sale(merchant=merchant))
    found = finding("merchants")
    assert (found.colour, words in found.words) == (colour, True), found


def test_the_sites_own_account_pays_for_sales_without_one(finding, settings, db):
    factories.make_type()
    assert finding("merchants").colour == GREEN
    MerchantAccount.objects.create(merchant_code="MDEMO001", name="Ours", status=MerchantStatus.BROKEN)
    assert finding("merchants").colour == RED
    settings.SUMUP_API_KEY = ""
    assert "not set up" in finding("merchants").words


def test_only_what_can_still_be_bought_for_money_counts(db):
    event = factories.make_event(live=False)
    factories.make_type(factories.make_sale(event))
    factories.make_type(price="0.00")
    factories.make_type(factories.make_sale(is_active=False))
    factories.make_type(is_active=False)
    counts = factories.make_type()
    factories.make_type(counts.sale, name="Child")
    assert list_priced_sales() == [counts.sale]


@pytest.mark.parametrize(
    ("keys", "colour", "words"),
    [
        ([KEY], GREEN, "Connected accounts: 1"),
        ([OTHER_KEY, KEY], AMBER, "under an older key"),
        ([OTHER_KEY], RED, "do not open the tokens"),
    ],
)
def test_the_tokens_of_connected_accounts_open(finding, settings, db, keys, colour, words):
    settings.SUMUP_CLIENT_SECRET, settings.TOKEN_ENCRYPTION_KEYS = "own", [KEY]
    stored = {"access_token": token_encryption.encrypt_token("a"), "refresh_token": token_encryption.encrypt_token("r")}
    factories.make_merchant("MOWN0001", kind=MerchantKind.OAUTH, **stored)
    settings.TOKEN_ENCRYPTION_KEYS = keys
    found = finding("token-keys")
    assert (found.colour, words in found.words) == (colour, True), found


def test_the_databases_own_guards_are_looked_for(finding, facts, db):
    assert (finding("oversell-guard").colour, finding("amounts").colour) == (GREEN, GREEN)
    facts.constraints -= {"sale_never_oversold", "payment_amount_positive"}
    assert (finding("oversell-guard").colour, finding("amounts").colour) == (RED, RED)
    assert finding("oversell-guard").words == "The database lacks sale_never_oversold."
    assert finding("amounts").words == "The database lacks payment_amount_positive."


@pytest.mark.postgres
def test_a_guard_that_somebody_dropped_is_missed(finding, db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ticketing_eventsale DROP CONSTRAINT sale_never_oversold")
    assert finding("oversell-guard").words == "The database lacks sale_never_oversold."


def test_seats_must_add_up(finding, db):
    kind = factories.make_type()
    factories.make_order(kind, quantity=2)
    assert finding("capacity").colour == GREEN
    EventSale.objects.update(allocated=5)
    found = finding("capacity")
    assert (found.colour, found.todo) == (RED, "Run `manage.py audit_capacity --repair`.")
