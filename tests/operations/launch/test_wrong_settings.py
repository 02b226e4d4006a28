"""Deliberately wrong environments, one thing at a time: each is named, with exit code 1, by what it is wrong with."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import override_settings

from operations.launch import registry
from tests.operations.launch import example

SLOW = {"deploy-checks", "migrations", "amounts", "oversell-guard", "database"}
"""Of no concern to any of these, and shown in full by the production example; SQLite is red by itself."""
DEMO = "development-only-key"
APP = {"SUMUP_CLIENT_ID": "cc_1", "SUMUP_CLIENT_SECRET": "cc_2"}

WRONG = [
    ({"ALLOWED_HOSTS": "elsewhere.je"}, {"allowed-hosts"}),
    ({"SITE_URL": "https://localhost:1"}, {"site-url", "visit-home"}),
    ({"SUMUP_API_KEY": "at_sim_of_somebody_else"}, {"sumup-live", "currency"}),
    ({"SUMUP_MERCHANT_CODE": "MOTHER01"}, {"sumup-live", "currency"}),
    ({"SUMUP_API_KEY": ""}, {"sumup-keys", "merchants"}),
    ({"SUMUP_EVENTS_SECRET": "short"}, {"events-secret"}),
    ({"ALERTS_EMAIL": ""}, {"alerts-address"}),
    ({"EMAIL_PROVIDER": "console"}, {"mail-provider"}),
    ({"DEFAULT_FROM_EMAIL": "Jersey Events <tickets@example.je>"}, {"mail-sender"}),
    ({"RATE_LIMITS": "false"}, {"rate-limits"}),
    ({"PROXY_HOPS": "0"}, {"client-address"}),
    ({"CAPTCHA_PROVIDER": "off"}, {"captcha"}),
    ({"REQUIRE_TWO_FACTOR": "false"}, {"two-factor"}),
    ({"BACKUP_TO": ""}, {"backup"}),
    ({"BACKUP_RECIPIENT": ""}, {"backup-place"}),
    ({"DJANGO_SETTINGS_MODULE": "config.settings.development"}, {"settings"}),
]
"""(environment, the red checks it makes). Production starts with each of them."""

REMOTE = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
REFUSED = [
    ({"DEBUG": "true"}, {"DEBUG": True}, "DEBUG must be false", "debug"),
    ({"SECRET_KEY": "short"}, {"SECRET_KEY": "short"}, "SECRET_KEY must be", "secret-key"),
    ({"ALLOWED_HOSTS": "*"}, {"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS must name", "allowed-hosts"),
    ({"SUMUP_API_KEY": "sup_sk_demo"}, {"SUMUP_API_KEY": "sup_sk_demo"}, "SUMUP_API_KEY is an example", "sumup-keys"),
    (
        {"SUMUP_API_URL": "http://127.0.0.1:8091"},
        {"SUMUP_LIVE_URL": "https://api.sumup.com"},
        "SUMUP_API_URL must be",
        "sumup-keys",
    ),
    (
        {"TICKET_SIGNING_KEYS": f"A:{DEMO}"},
        {"TICKET_SIGNING_KEYS": {"A": DEMO}},
        "TICKET_SIGNING_KEYS must hold",
        "ticket-keys",
    ),
    (
        {"SUMUP_EVENTS_SECRET": "change-me"},
        {"SUMUP_EVENTS_SECRET": "change-me"},
        "SUMUP_EVENTS_SECRET is an example",
        "events-secret",
    ),
    (APP, APP, "TOKEN_ENCRYPTION_KEYS is not set", "token-keys"),
    (
        {"S3_BUCKET": "operahouse"},
        {"S3_BUCKET": "operahouse"},
        "BACKUP_TO .* is among the uploads",
        "backup-place",
    ),
    (
        {"S3_BUCKET": "pictures", "S3_PUBLIC_URL": "https://pictures.operahouse.je"},
        {"S3_BUCKET": "pictures", "S3_PUBLIC_URL": "https://pictures.operahouse.je/", "STORAGES": REMOTE},
        "S3_PUBLIC_URL shows a bucket to everybody",
        "media",
    ),
    (
        {"SITE_URL": "http://tickets.operahouse.je"},
        {"SITE_URL": "http://localhost:1"},
        "SITE_URL must start with https://",
        "site-url",
    ),
]
"""(environment, the settings it would make, why production does not start, the check that says the same)."""


def red_checks(capsys):
    """(exit code, names of the red ones)."""
    code, names = 0, [name for name in registry.load_checks() if name not in SLOW]
    try:
        call_command("launch_check", "--json", *[word for name in names for word in ("--only", name)])
    except SystemExit as stop:
        code = stop.code
    found = json.loads(capsys.readouterr().out)
    return code, {each["name"] for each in found["checks"] if each["colour"] == "red"}


def test_every_wrong_environment_is_named(production, under_production, capsys):
    """One test for all: the content of the site is made once."""
    for variables, named in WRONG:
        with under_production(**variables):
            assert (variables, *red_checks(capsys)) == (variables, 1, named)
    with under_production():
        assert red_checks(capsys) == (0, set())


def test_what_production_refuses_is_named_where_it_got_in(production, capsys, monkeypatch):
    """Twice over: production does not start, and elsewhere the check says the same."""
    for variables, values, sentence, name in REFUSED:
        with pytest.raises(ImproperlyConfigured, match=sentence):
            example.production_settings(monkeypatch, **variables)
        with override_settings(**values):
            code, found = red_checks(capsys)
        assert (variables, code, name in found) == (variables, 1, True)


def test_twenty_of_them():
    assert len(WRONG) + len(REFUSED) >= 20


def test_production_says_everything_that_is_wrong_at_once(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match=r"DEBUG must be false.*\nSECRET_KEY is not set"):
        example.production_settings(monkeypatch, DEBUG="true", SECRET_KEY="")
