"""How pages leave, by the settings and as visitors find them; backups; protection: each check in its colours."""

import os
import ssl
from datetime import timedelta
from http.client import HTTPMessage
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from common import env
from operations.enums import BackupRunKind, BackupRunOutcome, Colour
from operations.launch import network
from operations.launch.network import NotReached, PageResponse, SiteVisit, TooSlow
from operations.models import BackupRun
from protection.visitors import maintenance
from tests.operations.launch import example
from tests.operations.launch.conftest import GIBIBYTE, Known
from tests.operations.launch.visited import VisitedSite

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
SECURE = {"SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True}
PROXIED = {"SECURE_SSL_REDIRECT": True, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}
YEAR = "max-age=31536000, public, immutable"


def policy(*sources):
    return {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"script-src": list(sources)}}}


@pytest.mark.parametrize(
    ("name", "values", "colour"),
    [
        ("tls", PROXIED, GREEN),
        ("tls", PROXIED | {"SECURE_SSL_REDIRECT": False}, RED),
        ("tls", PROXIED | {"SECURE_PROXY_SSL_HEADER": None}, AMBER),
        ("hsts", {"SECURE_HSTS_SECONDS": 31_536_000}, GREEN),
        ("hsts", {"SECURE_HSTS_SECONDS": 3600}, AMBER),
        ("hsts", {"SECURE_HSTS_SECONDS": 0}, RED),
        ("cookies", SECURE, GREEN),
        ("cookies", SECURE | {"SESSION_COOKIE_SECURE": False}, RED),
        ("cookies", SECURE | {"CSRF_COOKIE_SECURE": False}, RED),
        ("cookies", SECURE | {"SESSION_COOKIE_HTTPONLY": False}, RED),
        ("cookies", SECURE | {"SESSION_COOKIE_SAMESITE": "None"}, RED),
        ("content-policy", policy("'self'"), GREEN),
        ("content-policy", policy("'self'", "'unsafe-inline'"), RED),
        ("content-policy", policy("https:"), RED),
        ("content-policy", {"CONTENT_SECURITY_POLICY": None}, RED),
        ("content-policy", {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"default-src": ["'none'"]}}}, GREEN),
        ("rate-limits", {"RATE_LIMITS": True, "REDIS_URL": "redis://localhost"}, GREEN),
        ("rate-limits", {"RATE_LIMITS": True, "REDIS_URL": ""}, AMBER),
        ("rate-limits", {"RATE_LIMITS": False}, RED),
        ("client-address", PROXIED | {"PROXY_HOPS": 1}, GREEN),
        ("client-address", PROXIED | {"PROXY_HOPS": 0}, RED),
        ("captcha", {"CAPTCHA_PROVIDER": "pow", "CAPTCHA_SITE_KEY": "", "CAPTCHA_SECRET_KEY": ""}, GREEN),
        ("captcha", {"CAPTCHA_PROVIDER": "off", "CAPTCHA_SITE_KEY": "", "CAPTCHA_SECRET_KEY": ""}, RED),
        ("captcha", {"CAPTCHA_PROVIDER": "turnstile", "CAPTCHA_SITE_KEY": "k", "CAPTCHA_SECRET_KEY": "s"}, GREEN),
        ("captcha", {"CAPTCHA_PROVIDER": "turnstile", "CAPTCHA_SITE_KEY": "k", "CAPTCHA_SECRET_KEY": ""}, RED),
        ("backup-place", {"BACKUP_TO": "s3://jersey/backups", "BACKUP_RECIPIENT": "age1"}, GREEN),
        ("backup-place", {"BACKUP_TO": "s3://jersey/backups", "BACKUP_RECIPIENT": ""}, RED),
        ("backup-place", {"BACKUP_TO": "s3://jersey/x", "BACKUP_RECIPIENT": "age1", "S3_BUCKET": "jersey"}, RED),
        ("backup-place", {"BACKUP_TO": "s3://shown", "BACKUP_RECIPIENT": "age1", "S3_PUBLIC_BUCKET": "shown"}, RED),
        ("backup-place", {"BACKUP_TO": "", "BACKUP_RECIPIENT": "age1"}, AMBER),
    ],
)
def test_by_settings_alone(finding, settings, name, values, colour):
    for key, value in values.items():
        setattr(settings, key, value)
    found = finding(name)
    assert found.colour == colour, found


def test_backups_are_not_to_share_the_disk_of_the_site(finding, settings, tmp_path):
    settings.BACKUP_RECIPIENT, settings.BACKUP_TO = "age1", str(tmp_path)
    settings.MEDIA_ROOT = tmp_path / "media"
    assert finding("backup-place").colour == AMBER
    settings.BACKUP_TO = "/proc"
    assert finding("backup-place").colour == GREEN


def test_backups_that_leave_the_machine_are_to_be_sealed(finding, settings, tmp_path, monkeypatch):
    """A folder of another machine is as far away as a bucket."""
    settings.BACKUP_RECIPIENT, settings.BACKUP_TO = "", str(tmp_path)
    assert finding("backup-place").colour == AMBER
    mounts = f"/dev/sda1 / ext4 rw 0 0\nnas:/jersey {tmp_path} nfs4 rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda self, **_: mounts)
    assert finding("backup-place").colour == RED


def test_backups_do_not_lie_among_the_uploads(finding, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BACKUP_RECIPIENT, settings.BACKUP_TO = "age1", str(tmp_path / "media" / "backups")
    assert (finding("backup-place").colour, "uploads" in finding("backup-place").words) == (RED, True)


def test_a_bucket_with_a_public_address_holds_pictures_alone(finding, settings):
    settings.S3_BUCKET, settings.S3_PUBLIC_URL = "a", "https://a.example.je/"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    assert "S3_PUBLIC_BUCKET" in finding("media").words
    settings.S3_PUBLIC_BUCKET = "b"
    assert "S3_PUBLIC_BUCKET" not in finding("media").words


def test_static_files_are_collected(finding, settings, tmp_path):
    assert finding("static-files").words == "Static files have no hashed names."
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    assert finding("static-files").words == "They were not collected."
    example.collected(settings.STATIC_ROOT)
    assert finding("static-files").colour == RED  # the manifest is read once in a process
    settings.STORAGES = dict(settings.STORAGES)
    assert finding("static-files").colour == GREEN


@pytest.mark.parametrize(("platform", "colour"), [("", GREEN), ("Heroku", RED)])
def test_pictures_outlive_a_restart(finding, facts, settings, tmp_path, platform, colour):
    settings.MEDIA_ROOT, facts.passing_disk = tmp_path / "media", platform
    assert finding("media").colour == colour


def test_pictures_in_a_bucket_that_does_not_answer(finding, settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Bucket"}}
    Bucket.exists = lambda self, name: False
    assert finding("media").colour == GREEN
    Bucket.exists = None
    assert finding("media").words == "The bucket cannot be read (TypeError)."


class Bucket:
    """Somebody else's storage."""


def test_a_folder_that_may_not_be_written_to(finding, facts, settings, monkeypatch, tmp_path):
    settings.MEDIA_ROOT, facts.passing_disk = tmp_path, ""
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    assert finding("media").colour == RED


@pytest.mark.parametrize(
    ("variables", "folder", "expected"),
    [
        ({}, "/srv/jersey/media", ""),
        ({"DYNO": "web.1"}, "/app/var/media", "Heroku"),
        ({"RAILWAY_ENVIRONMENT_ID": "e"}, "/app/var/media", "Railway"),
        ({"RAILWAY_ENVIRONMENT_ID": "e", "RAILWAY_VOLUME_MOUNT_PATH": "/app/var/media"}, "/app/var/media", ""),
        ({"RAILWAY_ENVIRONMENT_ID": "e", "RAILWAY_VOLUME_MOUNT_PATH": "/data"}, "/app/var/media", "Railway"),
        ({}, "/workspace/var/media", "DigitalOcean App Platform"),
    ],
)
def test_disks_that_are_thrown_away_are_known(monkeypatch, variables, folder, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert env.ephemeral_disk_platform(folder) == expected


@pytest.mark.parametrize(("free", "colour"), [(50, GREEN), (9, AMBER), (0, RED)])
def test_room_on_the_disk(finding, facts, free, colour):
    facts.disk = (100 * GIBIBYTE, 0, free * GIBIBYTE)
    assert finding("disk").colour == colour


def answer(status=200, ends=None, **headers):
    message = HTTPMessage()
    for name, value in headers.items():
        for each in value if isinstance(value, list) else [value]:
            message[name.replace("_", "-")] = each
    return PageResponse(status, message, ends)


PROTECTED = {
    "Strict_Transport_Security": "max-age=31536000",
    "Content_Security_Policy": "default-src 'none'",
    "X_Content_Type_Options": "nosniff",
    "X_Frame_Options": "SAMEORIGIN",
    "Referrer_Policy": "same-origin",
}
SOON = timezone.now() + timedelta(days=3)


@pytest.mark.parametrize(
    ("name", "part", "found", "colour", "words"),
    [
        ("visit-home", "home", answer(), GREEN, "good certificate"),
        ("visit-home", "home", answer(500), RED, "answers 500"),
        ("visit-home", "home", answer(ends=SOON), AMBER, "The certificate ends on"),
        ("visit-redirect", "plain", answer(301, Location="https://a.je/"), GREEN, "leads to https"),
        ("visit-redirect", "plain", answer(301, Location="http://a.je/en/"), RED, "301"),
        ("visit-redirect", "plain", answer(200), RED, "200"),
        ("visit-redirect", "plain", None, GREEN, "port of its own"),
        ("visit-headers", "headers", answer(**PROTECTED), GREEN, "All of them"),
        ("visit-headers", "headers", answer(), RED, "without Strict-Transport-Security, Content-Security-Policy"),
        ("visit-headers", "headers", answer(**PROTECTED | {"X_Content_Type_Options": "no"}), RED, "X-Content-Type"),
        ("visit-cookies", "sign-in", answer(Set_Cookie=["a=1; Secure; Path=/"]), GREEN, "Every cookie"),
        ("visit-cookies", "sign-in", answer(Set_Cookie=["a=1; secure", "b=1; Path=/"]), RED, "unprotected: b"),
        ("visit-cookies", "sign-in", answer(404), RED, "404"),
        ("visit-health", "health", answer(), GREEN, "200"),
        ("visit-health", "health", answer(503), RED, "503"),
        ("visit-static", "static", answer(Cache_Control=YEAR, Content_Encoding="br"), GREEN, "a year"),
        ("visit-static", "static", answer(Cache_Control=YEAR), AMBER, "uncompressed"),
        ("visit-static", "static", answer(Cache_Control="max-age=60", Content_Encoding="br"), AMBER, "may not keep"),
        ("visit-static", "static", answer(404), RED, "404"),
        ("visit-static", "static", None, RED, "no static files"),
    ],
)
def test_what_a_visitor_gets(finding, facts, name, part, found, colour, words):
    facts.site = Known(SiteVisit({part: found}))
    result = finding(name)
    assert (result.colour, words in result.words) == (colour, True), result


@pytest.mark.parametrize(
    ("error", "colour", "words"),
    [
        (ConnectionRefusedError(), RED, "cannot be reached (ConnectionRefusedError)"),
        (ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED"), RED, "certificate does not fit"),
        (TimeoutError(), AMBER, "did not answer us in time"),
        (NotReached(), AMBER, "Not known until"),
    ],
)
def test_a_site_that_is_not_reached(finding, facts, error, colour, words):
    facts.site = Known(SiteVisit(trouble={"home": error}))
    result = finding("visit-home")
    assert (result.colour, words in result.words) == (colour, True), result


def test_a_site_that_lets_us_wait(finding, facts):
    facts.site = Known(error=TooSlow())
    assert finding("visit-home").colour == AMBER


def test_a_site_is_really_visited(visited, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(visited.certificate))
    home = b'<link rel="stylesheet" href="/static/css/site.0123456789ab.css">'
    visited.answers = {"/": (200, [("X-Frame-Options", "DENY")], home), f"/static/{example.STYLE}": (200, [])}
    found = network.visit_site(visited.address)
    assert [found[name].status for name in ("home", "static", "health", "sign-in")] == [200, 200, 404, 404]
    assert found["headers"].header("X-Frame-Options") == "DENY"
    assert timedelta(days=88) < found["home"].certificate_ends - timezone.now() < timedelta(days=91)
    assert found["plain"] is None


def test_a_strangers_certificate_is_refused(visited, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    found = network.visit_site(visited.address)
    with pytest.raises(ssl.SSLCertVerificationError):
        found["home"]
    with pytest.raises(NotReached):
        found["static"]


def test_a_certificate_that_ended(tmp_path, monkeypatch):
    with VisitedSite(tmp_path, days=0) as site:
        monkeypatch.setenv("SSL_CERT_FILE", str(site.certificate))
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            network.visit_site(site.address)["home"]


def keep(kind, days, outcome=BackupRunOutcome.DONE, **fields):
    at = timezone.now() - timedelta(days=days, minutes=1)
    BackupRun.objects.create(kind=kind, outcome=outcome, started_at=at, finished_at=at, **fields)


def test_backups_outlive_a_restart(finding, settings, monkeypatch, db):
    monkeypatch.setenv("DYNO", "web.1")
    keep(BackupRunKind.BACKUP, 0)
    settings.BACKUP_TO = "/app/backups"
    assert finding("backup").words == "Heroku throws the folder of the backups away at every restart."
    settings.BACKUP_TO = "s3://jersey/backups"
    assert finding("backup").colour == GREEN


def test_a_backup_is_fresh(finding, settings, db):
    settings.BACKUP_TO = ""
    assert finding("backup").words == "There are no backups."
    settings.BACKUP_TO = "s3://jersey/backups"
    keep(BackupRunKind.BACKUP, 0, BackupRunOutcome.FAILED)
    assert finding("backup").words == "There was no backup yet."
    keep(BackupRunKind.BACKUP, 2)
    keep(BackupRunKind.BACKUP, 0, BackupRunOutcome.FAILED)
    assert (finding("backup").colour, finding("backup").words) == (RED, "The last good backup is 48 hours old.")
    keep(BackupRunKind.BACKUP, 1, rows=7, files=2)
    assert (finding("backup").colour, finding("backup").words) == (GREEN, "7 rows and 2 files, 24 hours ago.")


def test_a_restore_was_tried(finding, db):
    assert finding("restore-drill").colour == RED
    keep(BackupRunKind.DRILL, 100)
    assert finding("restore-drill").words == "The last drill was 100 days ago."
    keep(BackupRunKind.DRILL, 10, rows=7)
    assert finding("restore-drill").words == "7 rows restored without a loss, 10 days ago."
    keep(BackupRunKind.DRILL, 5, lost=1)
    assert finding("restore-drill").words == "The last drill failed: 1 rows differ."


@pytest.fixture
def marie(db):
    return get_user_model().objects.create_superuser("marie", "marie@operahouse.je", "")


def test_administrators_need_a_second_step(finding, settings, marie):
    settings.REQUIRE_TWO_FACTOR = False
    assert finding("two-factor").words == "A password alone lets staff in."
    settings.REQUIRE_TWO_FACTOR = True
    device = TOTPDevice.objects.create(user=marie, name="phone", confirmed=False)
    assert finding("two-factor").words == "Administrators without a second step: marie."
    device.confirmed = True
    device.save()
    assert finding("two-factor").colour == GREEN


def test_somebody_administers_the_site(finding, db):
    assert finding("administrators").colour == RED
    get_user_model().objects.create_superuser("marie", "", "")
    assert finding("administrators").words == "marie"
    get_user_model().objects.create_superuser("admin", "", "")
    assert finding("administrators").colour == AMBER


def test_maintenance_is_told(finding, db):
    assert finding("maintenance").colour == GREEN
    maintenance.begin_maintenance("Back at noon.")
    found = finding("maintenance")
    maintenance.end_maintenance()
    assert (found.colour, found.words) == (AMBER, "Selling pauses: “Back at noon.”")
