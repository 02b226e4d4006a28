"""System checks of settings that production never starts with, with the tag `deploy`.

The start of production, `manage.py check --deploy` and the launch check all show these errors.
"""

import base64
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings as current
from django.core.checks import Error, Tags, register

PREFIX = "production."
EXAMPLES = ("change-me", "development", "test-only")


@register(Tags.security, "deploy", deploy=True)
def check_production_settings(app_configs, **kwargs):
    return list(find_unsafe_settings(current).values())


def find_unsafe_settings(settings):
    """{name: Error}, the most important first; empty when production may start.

    `settings` is anything with the names as attributes: a settings module that is just being read, or Django's own.
    """
    found = {}
    for name, wrong, why in (*_secrets(settings), *_sumup(settings), *_address(settings), *_files(settings)):
        if wrong:
            found.setdefault(name, Error(why, id=f"{PREFIX}{name}"))
    return found


def _secrets(settings):
    key, tickets = settings.SECRET_KEY, settings.TICKET_SIGNING_KEYS.values()
    yield "debug", settings.DEBUG, "DEBUG must be false in production: it shows settings to strangers."
    yield (
        "secret-key",
        len(key) < 50 or _is_example(key),
        "SECRET_KEY must be a random text of at least 50 characters of your own, not an example."
        if key
        else "SECRET_KEY is not set: `openssl rand -base64 48` makes one.",
    )
    yield (
        "secret-key",
        any(map(_is_example, settings.SECRET_KEY_FALLBACKS)),
        "SECRET_KEY_FALLBACKS holds an example: sessions and links signed with it would be taken for ours.",
    )
    yield (
        "ticket-keys",
        any(map(_is_example, tickets)),
        "TICKET_SIGNING_KEYS must hold keys of your own (A:secret): anybody could forge tickets signed with an "
        "example.",
    )


def _sumup(settings):
    yield (
        "sumup-address",
        settings.SUMUP_API_URL != settings.SUMUP_LIVE_URL,
        f"SUMUP_API_URL must be {settings.SUMUP_LIVE_URL} in production: the simulator takes no money.",
    )
    yield (
        "sumup-key",
        _is_example(settings.SUMUP_API_KEY, "sup_sk_demo"),
        "SUMUP_API_KEY is an example or the simulator's demo key: use your own.",
    )
    yield (
        "sumup-app",
        _is_example(settings.SUMUP_CLIENT_SECRET, "cc_sk_sim_demo"),
        "SUMUP_CLIENT_SECRET is an example or the simulator's: use your own app's.",
    )
    yield (
        "events-secret",
        _is_example(settings.SUMUP_EVENTS_SECRET),
        "SUMUP_EVENTS_SECRET is an example: anybody could sign events with it.",
    )
    yield (
        "token-keys",
        settings.SUMUP_CLIENT_ID and not settings.TOKEN_ENCRYPTION_KEYS,
        "TOKEN_ENCRYPTION_KEYS is not set, and SUMUP_CLIENT_ID lets organisers connect: their tokens are only stored "
        "encrypted. `openssl rand -base64 32 | tr +/ -_` makes a key.",
    )
    yield (
        "token-keys",
        any(_is_example(base64.urlsafe_b64decode(key).decode("latin-1")) for key in settings.TOKEN_ENCRYPTION_KEYS),
        "TOKEN_ENCRYPTION_KEYS must hold random keys of your own, not examples.",
    )


def _address(settings):
    hosts = settings.ALLOWED_HOSTS
    yield "allowed-hosts", not hosts, "ALLOWED_HOSTS must name the site's hosts, separated by commas."
    yield (
        "allowed-hosts",
        "*" in hosts,
        "ALLOWED_HOSTS must name the site's hosts; * lets anybody speak for them.",
    )
    yield (
        "site-url",
        not settings.SITE_URL.startswith("https://"),
        "SITE_URL must start with https:// in production.",
    )


def _files(settings):
    own = settings.S3_PUBLIC_BUCKET and settings.S3_PUBLIC_BUCKET != settings.S3_BUCKET
    yield (
        "pictures-bucket",
        settings.S3_BUCKET and not settings.S3_PUBLIC_URL.startswith("/") and not own,
        "S3_PUBLIC_URL shows a bucket to everybody, and documents lie in S3_BUCKET: name another bucket, for pictures "
        "alone, in S3_PUBLIC_BUCKET, and close the first to the public.",
    )
    why = why_unfit_for_backups(settings.BACKUP_TO, settings)
    yield "backup-place", why, why


def why_unfit_for_backups(place, settings):
    """Why no backup may lie in this place: uploads or public files lie there. "" when it may."""
    if not place:
        return ""
    parts = urlsplit(place)
    if parts.scheme == "s3":
        taken = parts.netloc.lower() in {settings.S3_BUCKET.lower(), settings.S3_PUBLIC_BUCKET.lower()}
    else:
        served = (settings.MEDIA_ROOT, settings.STATIC_ROOT, *settings.STATICFILES_DIRS)
        taken = any(_is_below(place, folder) for folder in served if folder)
    if not taken:
        return ""
    return (
        f"BACKUP_TO ({place}) is among the uploads and the files that the site serves: give backups a bucket or a "
        "folder of their own."
    )


def _is_below(place, folder):
    return Path(place).resolve().is_relative_to(Path(folder).resolve())


def _is_example(secret, *more):
    return any(example in secret for example in (*EXAMPLES, *more))
