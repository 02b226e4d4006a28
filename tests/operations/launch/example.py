"""A site that is fit to launch: production's own settings, and the content that an operator has put there."""

import importlib
import json
import sys
from datetime import timedelta
from pathlib import Path

import pyrage
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import Site

from events_pages.enums import LegalKind
from events_pages.models import SiteSettings
from operations.enums import BackupRunKind, BackupRunOutcome, ManualCheck
from operations.launch.checks import manual
from operations.models import BackupRun, Heartbeat
from payments.domain.merchants import credentials
from payments.enums import CycleKind
from payments.models import Alert, MerchantAccount, WorkerCycle
from sumup_simulator.sandbox.records import Merchant
from tests import factories
from tests.harness import known_variables

ROOT = Path(__file__).resolve().parents[3]
SECRET = "j6T0cVd2n0xw4mZr1b8QqLr7yPzS5uKf3HhG9aXeWtDvBnMsA4cF"
STYLE = "css/site.0123456789ab.css"
LIVE_KEY = "at_sim_stands_for_a_live_key"
OWN = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "localhost",
    "SUMUP_MERCHANT_CODE": "MLIVE001",
    "SUMUP_API_KEY": LIVE_KEY,
    "TICKET_SIGNING_KEYS": f"A:{SECRET}",
    "ALERTS_EMAIL": "box-office@operahouse.je",
    "DEFAULT_FROM_EMAIL": "Opera House <tickets@operahouse.je>",
    "MAILGUN_API_KEY": "key-of-our-own",
    "MAILGUN_WEBHOOK_KEY": "another-key-of-our-own",
    "METRICS_TOKEN": SECRET,
    "SECURITY_CONTACT": "mailto:security@operahouse.je",
    "BACKUP_TO": "s3://operahouse/backups",
    "BACKUP_RECIPIENT": str(pyrage.x25519.Identity.generate().to_public()),
}
OF_THE_SUITE = {
    *("DATABASES", "CACHES", "HUEY", "REDIS_URL", "LOGGING", "INSTALLED_APPS", "MIDDLEWARE", "PASSWORD_HASHERS"),
    *("EMAIL_BACKEND", "EMAIL_FILE_PATH", "MEDIA_ROOT", "STORAGES", "STATIC_ROOT", "WHITENOISE_AUTOREFRESH"),
}
"""What stays as the suite has it: its services, its folders, its speed."""


def production_settings(monkeypatch, **variables):
    """{name: value}, read anew from `config.settings.production`: .env.example, our own keys and these variables."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    given = {name: value for name, _, value in pairs} | OWN | variables
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("config.settings")}
    try:
        for name in known_variables():
            monkeypatch.setenv(name, given[name])
        module = importlib.import_module("config.settings.production")
        return {name: value for name, value in vars(module).items() if name.isupper() and name not in OF_THE_SUITE}
    finally:
        for name in [name for name in sys.modules if name.startswith("config.settings")]:
            del sys.modules[name]
        sys.modules.update(kept)


def live_merchant(simulator):
    """The stand-in says of this one that it takes real money."""
    merchants = simulator.server.application.sandbox.merchants
    merchants["MLIVE001"] = Merchant("MLIVE001", "Opera House", "box@operahouse.je", LIVE_KEY, sandbox=False)


def fill(address):
    """What an operator has done by the evening before."""
    home = factories.make_home()
    host, _, port = address.removeprefix("https://").partition(":")
    Site.objects.filter(is_default_site=True).update(hostname=host, port=port or 443)
    Site.clear_site_root_paths_cache()
    words = {"privacy_email": "privacy@operahouse.je", "contact_email": "hello@operahouse.je"}
    SiteSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True), defaults=words | {"data_protection_number": "12345"}
    )
    for kind in LegalKind:
        page = factories.make_legal_page(kind)
        page.body = "<p>Our own words, read by a lawyer.</p>"
        page.save()
    factories.make_type(price="12.00")
    credentials.get_default_merchant()
    MerchantAccount.objects.update(sandbox=False)
    marie = get_user_model().objects.create_superuser("marie", "marie@operahouse.je", SECRET)
    TOTPDevice.objects.create(user=marie, name="phone", confirmed=True)
    run()
    return home


def run():
    """A worker, a payment cycle, an e-mail, last night's backup and a restore drill."""
    now = timezone.now()
    Heartbeat.objects.create(worker="box:1", started_at=now, beat_at=now)
    WorkerCycle.objects.create(kind=CycleKind.POLL, started_at=now, finished_at=now)
    Alert.objects.create(key="a", title="A test", sent_at=now)
    for deed in ManualCheck:
        manual.record_tick(deed, who="Marie", done_on=timezone.localdate())
    for kind in (BackupRunKind.BACKUP, BackupRunKind.DRILL):
        night = now - timedelta(hours=6)
        BackupRun.objects.create(kind=kind, outcome=BackupRunOutcome.DONE, rows=9, started_at=night, finished_at=now)


def collected(folder):
    """Static files as `collectstatic` leaves them, one of them."""
    (folder / "css").mkdir(parents=True)
    (folder / STYLE).write_text("")
    paths = {"css/site.css": STYLE}
    (folder / "staticfiles.json").write_text(json.dumps({"version": "1.1", "hash": "", "paths": paths}))


def show(site):
    """Visitors get what Django answers under these settings, and a style sheet as WhiteNoise serves it."""
    visitor = Client(HTTP_HOST=site.address.removeprefix("https://"))
    for path in ("/", "/health/", "/admin/login/"):
        site.keep(path, visitor.get(path, secure=True))
    year = "max-age=31536000, public, immutable"
    site.answers["/static/css/site.css"] = 200, [("Cache-Control", year), ("Content-Encoding", "gzip")]
