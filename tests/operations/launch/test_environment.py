"""Secrets, addresses, clocks: each check in its colours, one thing changed at a time."""

from datetime import UTC, datetime

import pytest
from django.core.checks import Error, Warning
from wagtail.models import Site

from operations.enums import Colour
from operations.launch.checks import environment as checks
from operations.launch.checks.environment import is_example_address
from tests.operations.launch.conftest import Known

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
SITE = "https://tickets.operahouse.je"


@pytest.mark.parametrize(
    ("name", "values", "colour", "words"),
    [
        ("debug", {}, GREEN, "DEBUG is off"),
        ("debug", {"DEBUG": True}, RED, "shows settings to strangers"),
        ("secret-key", {"SECRET_KEY": "k" * 50}, GREEN, "your own"),
        ("secret-key", {"SECRET_KEY": "k" * 49}, RED, "at least 50 characters"),
        ("secret-key", {"SECRET_KEY": "change-me" * 9}, RED, "not an example"),
        ("secret-key", {"SECRET_KEY": "k" * 50, "SECRET_KEY_FALLBACKS": ["change-me"]}, RED, "taken for ours"),
        ("allowed-hosts", {"ALLOWED_HOSTS": ["tickets.operahouse.je"]}, GREEN, "tickets.operahouse.je"),
        ("allowed-hosts", {"ALLOWED_HOSTS": [".operahouse.je"]}, AMBER, "every host below"),
        ("allowed-hosts", {"ALLOWED_HOSTS": ["operahouse.je"]}, RED, "does not name tickets.operahouse.je"),
        ("allowed-hosts", {"ALLOWED_HOSTS": ["*"]}, RED, "lets anybody speak"),
        ("allowed-hosts", {"ALLOWED_HOSTS": []}, RED, "must name the site's hosts"),
        ("trusted-origins", {"CSRF_TRUSTED_ORIGINS": [SITE]}, GREEN, SITE),
        ("trusted-origins", {"CSRF_TRUSTED_ORIGINS": []}, RED, "does not name SITE_URL"),
        ("trusted-origins", {"CSRF_TRUSTED_ORIGINS": [SITE, "https://*.je"]}, RED, "trusts https://*.je"),
        ("trusted-origins", {"CSRF_TRUSTED_ORIGINS": [SITE, "http://a.je"]}, RED, "trusts http://a.je"),
        ("time-zone", {}, GREEN, "Jersey"),
        ("time-zone", {"TIME_ZONE": "UTC"}, RED, "The time zone is UTC"),
        ("alerts-address", {"ALERTS_EMAIL": ["box@operahouse.je"]}, GREEN, "box@operahouse.je"),
        ("alerts-address", {"ALERTS_EMAIL": []}, RED, "names nobody"),
        ("alerts-address", {"ALERTS_EMAIL": ["box-office@example.je"]}, RED, "an example"),
        ("security-contact", {"SECURITY_CONTACT": "mailto:security@operahouse.je"}, GREEN, "security@operahouse.je"),
        ("security-contact", {"SECURITY_CONTACT": "https://operahouse.je/holes"}, GREEN, "operahouse.je/holes"),
        ("security-contact", {"SECURITY_CONTACT": ""}, AMBER, "names nobody"),
        ("security-contact", {"SECURITY_CONTACT": "https://example.com/holes"}, AMBER, "names nobody"),
        ("sentry", {"SENTRY_DSN": "https://a@sentry.io/1"}, GREEN, "Sentry"),
        ("sentry", {"SENTRY_DSN": ""}, AMBER, "only in the log"),
        ("logs", {"LOG_FORMAT": "json"}, GREEN, "JSON"),
        ("logs", {"LOG_FORMAT": "line"}, AMBER, "plain lines"),
        ("metrics", {"METRICS_TOKEN": "a-long-token"}, GREEN, "/metrics"),
        ("metrics", {"METRICS_TOKEN": ""}, AMBER, "no /metrics"),
    ],
)
def test_by_settings_alone(finding, settings, name, values, colour, words):
    for key, value in ({"SITE_URL": SITE} | values).items():
        setattr(settings, key, value)
    found = finding(name)
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize(
    ("module", "colour"),
    [
        ("config.settings.production", GREEN),
        ("config.settings.development", RED),
        ("", RED),
    ],
)
def test_which_settings_are_in_use(finding, monkeypatch, module, colour):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", module)
    assert finding("settings").colour == colour


@pytest.mark.parametrize(
    ("url", "port", "colour", "words"),
    [
        ("https://testserver", 443, GREEN, "https://testserver"),
        ("https://testserver:8443", 8443, GREEN, "8443"),
        ("http://testserver", 80, RED, "must start with https://"),
        ("https://elsewhere.je", 443, RED, "site record says testserver, port 443"),
        ("https://testserver", 80, RED, "site record says testserver, port 80"),
    ],
)
def test_the_address_agrees_with_wagtails_record(finding, settings, home, url, port, colour, words):
    settings.SITE_URL = url
    Site.objects.update(port=port)
    found = finding("site-url")
    assert (found.colour, words in found.words) == (colour, True), found


def test_a_site_without_a_record(finding, settings, db):
    settings.SITE_URL = SITE
    Site.objects.all().delete()
    assert finding("site-url").words == "Wagtail has no default site."


@pytest.mark.parametrize(
    ("messages", "colour", "words"),
    [
        ([], GREEN, "finds nothing"),
        ([Warning("Look\n  here.", id="x.W1")], AMBER, "x.W1: Look here."),
        ([Warning("Look.", id="x.W1"), Error("No.", id="x.E1")], RED, "x.E1: No."),
        ([Warning("X-Frame-Options", id="security.W019")], GREEN, "finds nothing"),
    ],
)
def test_djangos_own_checks_are_shown(finding, monkeypatch, messages, colour, words):
    monkeypatch.setattr(checks, "run_checks", lambda **options: messages)
    found = finding("deploy-checks")
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize(
    ("database", "sumup", "colour", "words"),
    [
        (0, Known(-3), GREEN, "agree"),
        (0, Known(61), RED, "61 seconds apart"),
        (0, Known(-300), RED, "300 seconds apart"),
        (-4, Known(0), RED, "4 seconds off"),
        (0, Known(None), AMBER, "could not be read"),
        (0, Known(error=ConnectionRefusedError()), AMBER, "could not be read"),
    ],
)
def test_clocks_are_compared(finding, facts, monkeypatch, database, sumup, colour, words):
    facts.clock = sumup
    monkeypatch.setattr(checks, "database_clock_offset", lambda: database)
    found = finding("clock")
    assert (found.colour, words in found.words) == (colour, True), found


def test_the_databases_clock_is_read(db):
    assert abs(checks.database_clock_offset()) <= 1


def test_the_stand_ins_clock_is_read(facts, simulator):
    assert abs(facts.clock.answer()) <= 1


@pytest.mark.parametrize(("year", "colour"), [(2026, GREEN), (2028, AMBER), (2040, AMBER)])
def test_versions_without_security_fixes_are_told(finding, facts, year, colour, monkeypatch):
    monkeypatch.setattr(checks.platform, "python_version_tuple", lambda: ("3", "13", "1"))
    facts.now = datetime(year, 6, 1, tzinfo=UTC)
    assert finding("versions").colour == colour


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("box@operahouse.je", False),
        ("Opera House <box@operahouse.je>", False),
        ("box@myexample.com", False),
        ("", True),
        ("Jersey Events <tickets@localhost>", True),
        ("a@sub.example.com", True),
        ("box-office@example.je", True),
        ("hello@jerseyevents.example", True),
    ],
)
def test_examples_are_known(address, expected):
    assert is_example_address(address) is expected
