"""Database, queue, cache, worker and mail: each check in its colours."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from events_pages.models import EventPage
from operations.enums import Colour
from operations.launch.checks import background_work, database
from operations.models import Heartbeat
from payments.enums import CycleKind
from payments.models import Alert, WorkerCycle
from tests import factories
from tests.ticketing.mail_provider import MailProvider
from ticketing.enums import DeliveryKind, DeliveryOutcome

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
MINUTE = timedelta(minutes=1)


class Fake:
    """A database that is another one."""

    display_name = "PostgreSQL"
    vendor = "postgresql"

    def __init__(self, version):
        self.pg_version = version

    def ensure_connection(self):
        pass


@pytest.mark.parametrize(("version", "colour"), [(150_017, GREEN), (140_000, GREEN), (130_014, RED)])
def test_postgresql_is_wanted(finding, monkeypatch, version, colour):
    monkeypatch.setattr(database, "connection", Fake(version))
    assert finding("database").colour == colour


def test_which_database_is_in_use(finding, db):
    assert finding("database").colour == (GREEN if connection.vendor == "postgresql" else RED)


@pytest.mark.postgres
def test_migrations_are_applied(finding, db):
    assert finding("migrations").colour == GREEN
    MigrationRecorder(connection).record_unapplied("operations", "0004_launch_findings")
    found = finding("migrations")
    assert found.colour == RED
    assert found.words.startswith("Not applied: 1, first operations.0004_launch_findings")


@pytest.mark.parametrize(
    ("memory", "colour", "words"),
    [
        ({"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}, GREEN, "answers"),
        ({"maxmemory": 10, "maxmemory_policy": "noeviction"}, GREEN, "answers"),
        ({"maxmemory": 10, "maxmemory_policy": "allkeys-lru"}, AMBER, "throws tasks and limits away"),
        ({"maxmemory": 10, "maxmemory_policy": "volatile-ttl"}, AMBER, "throws limits away"),
        ({"maxmemory": 10_000_000, "used_memory": 9_000_000}, AMBER, "uses 9 of its 10 MB"),
    ],
)
def test_redis_keeps_what_it_is_given(finding, settings, monkeypatch, memory, colour, words):
    settings.REDIS_URL = "redis://localhost:6379"
    monkeypatch.setattr(background_work, "read_redis_memory", lambda url: memory)
    found = finding("redis")
    assert (found.colour, words in found.words) == (colour, True), found


def test_redis_that_is_down(finding, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    found = finding("redis")
    assert (found.colour, found.words) == (RED, "Redis cannot be reached (ConnectionError).")


@pytest.mark.parametrize(("platform", "colour"), [("", AMBER), ("Railway", RED)])
def test_without_redis(finding, facts, settings, platform, colour):
    settings.REDIS_URL, facts.passing_disk = "", platform
    assert finding("redis").colour == colour


def test_the_cache_gives_back_what_it_took(finding, settings):
    assert finding("cache").colour == GREEN
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert finding("cache").colour == RED


@pytest.mark.parametrize(
    ("waiting", "colour", "words"),
    [
        (lambda: 3, GREEN, "Tasks that wait: 3"),
        (lambda: 1001, AMBER, "1001 tasks wait"),
        (lambda: (_ for _ in ()).throw(ConnectionError()), RED, "cannot be reached"),
    ],
)
def test_the_queue_is_asked(finding, monkeypatch, waiting, colour, words):
    monkeypatch.setattr(background_work.HUEY, "pending_count", waiting)
    found = finding("queue")
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize(
    ("ago", "colour", "words"),
    [
        (None, RED, "No worker was ever running"),
        (MINUTE, GREEN, "beats"),
        (4 * MINUTE, RED, "silent for 4 minutes"),
    ],
)
def test_a_worker_beats(finding, facts, db, ago, colour, words):
    if ago:
        Heartbeat.objects.create(worker="box:1", started_at=facts.now - ago, beat_at=facts.now - ago)
        Heartbeat.objects.create(worker="old:1", started_at=facts.now - 9 * ago, beat_at=facts.now - 9 * ago)
    found = finding("worker")
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize(
    ("ago", "colour", "words"),
    [(None, RED, "ever"), (MINUTE, GREEN, "last minutes"), (5 * MINUTE, RED, "for 5 minutes")],
)
def test_payments_are_looked_at(finding, facts, db, ago, colour, words):
    if ago:
        WorkerCycle.objects.create(kind=CycleKind.POLL, started_at=facts.now - ago, finished_at=facts.now - ago)
    found = finding("poll-cycle")
    assert (found.colour, words in found.words) == (colour, True), found


@pytest.mark.parametrize(
    ("name", "values", "colour"),
    [
        ("mail-provider", {"EMAIL_PROVIDER": "mailgun"}, GREEN),
        *(
            ("mail-provider", {"EMAIL_PROVIDER": each}, GREEN)
            for each in ("sendgrid", "postmark", "amazon_ses", "smtp")
        ),
        ("mail-provider", {"EMAIL_PROVIDER": "console"}, RED),
        ("mail-provider", {"EMAIL_PROVIDER": "file"}, RED),
        ("mail-sender", {"DEFAULT_FROM_EMAIL": "Opera House <tickets@operahouse.je>"}, GREEN),
        ("mail-sender", {"DEFAULT_FROM_EMAIL": "Jersey Events <tickets@example.je>"}, RED),
        ("mail-sender", {"DEFAULT_FROM_EMAIL": "Jersey Events <tickets@localhost>"}, RED),
        ("mail-bounces", {}, GREEN),
        ("mail-bounces", {"ANYMAIL": {"MAILGUN_WEBHOOK_SIGNING_KEY": ""}}, AMBER),
        *(("mail-bounces", {"EMAIL_PROVIDER": each}, AMBER) for each in ("sendgrid", "postmark", "amazon_ses", "smtp")),
        ("mail-bounces", {"EMAIL_PROVIDER": "file"}, AMBER),
    ],
)
def test_mail_by_settings_alone(db, finding, settings, name, values, colour):
    known = {"EMAIL_PROVIDER": "mailgun", "ANYMAIL": {"MAILGUN_WEBHOOK_SIGNING_KEY": "k"}}
    for key, value in (known | values).items():
        setattr(settings, key, value)
    assert finding(name).colour == colour


def deliver(**fields):
    order = factories.make_order()
    return order.deliveries.create(kind=DeliveryKind.TICKETS, requested_at=timezone.now(), **fields)


def test_what_the_provider_took_of_late_counts(finding, facts, db):
    assert finding("mail-accepted").colour == AMBER
    deliver(sent_at=facts.now - timedelta(days=2))
    assert finding("mail-accepted").colour == AMBER
    deliver(next_attempt_at=facts.now - MINUTE, attempts=3)
    assert finding("mail-accepted").colour == RED
    Alert.objects.create(key="a", title="A", sent_at=facts.now)
    assert finding("mail-accepted").words == "E-mails taken by the provider in the last day: 1."


@pytest.mark.parametrize(
    ("status", "colour", "words"),
    [(200, GREEN, "Taken for box@operahouse.je."), (401, RED, "AnymailRequestsAPIError 401")],
)
def test_a_real_mail_goes_out_when_asked_for(db, finding, facts, settings, status, colour, words):
    facts.send_mail, settings.ALERTS_EMAIL = True, ["box@operahouse.je"]
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    with MailProvider() as provider:
        provider.status, settings.ANYMAIL = status, provider.settings("mailgun")
        found = finding("mail-accepted")
    assert (found.colour, words in found.words) == (colour, True), found
    assert len(provider.bodies) == 1


def test_nobody_to_send_a_test_to(finding, facts, settings):
    facts.send_mail, settings.ALERTS_EMAIL = True, []
    assert finding("mail-accepted").colour == RED


def test_bounces_of_the_last_week_are_told(finding, facts, settings, db):
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "mailgun", {"MAILGUN_WEBHOOK_SIGNING_KEY": "k"}
    deliver(outcome=DeliveryOutcome.BOUNCED, outcome_at=facts.now - timedelta(days=8))
    assert finding("mail-bounces").colour == GREEN
    deliver(outcome=DeliveryOutcome.BOUNCED, outcome_at=facts.now - MINUTE)
    assert finding("mail-bounces").words == "Came back in the last week: 1."


def test_pages_that_missed_their_time_are_told(finding, facts, home):
    page = factories.make_event()
    EventPage.objects.filter(pk=page.pk).update(expire_at=facts.now + MINUTE)
    found = finding("publishing")
    assert (found.colour, found.words) == (GREEN, "Pages that wait for their time: 1.")
    EventPage.objects.filter(pk=page.pk).update(expire_at=facts.now - 4 * MINUTE)
    assert (finding("publishing").colour, finding("publishing").words) == (RED, "1 page missed its time.")
