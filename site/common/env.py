"""The environment, read in this one place, and the folders of the site on the disk.

Every reader raises `ImproperlyConfigured` with the variable's name and what is wanted, so a wrong value stops the start
instead of surprising a buyer.
"""

import base64
import binascii
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"


REQUIRED = object()
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def load_dotenv(path):
    """`NAME=value` lines of a file; what is set in the environment already wins."""
    path = Path(path)
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def changed_environment(**variables):
    return os.environ | variables


def read_text(name, default=REQUIRED):
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is REQUIRED:
        raise ImproperlyConfigured(f"{name} is not set. It is required: see .env.example.")
    return default


def read_boolean(name, default):
    value = read_text(name, "").lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in TRUE


def read_integer(name, default, *, least=0, most=1_000_000):
    value = read_text(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def read_words(name, default=()):
    return [word.strip() for word in read_text(name, "").split(",") if word.strip()] or list(default)


def read_logins(name):
    """`name:password,name:password`, each valid: two while one is being changed. Both fit into an address."""
    found = read_words(name)
    for each in found:
        if not re.fullmatch(r"[A-Za-z0-9_.~-]+:[A-Za-z0-9_.~-]{16,}", each):
            raise ImproperlyConfigured(
                f"{name} must look like mail:password, the password of 16 or more of A-Z, a-z, 0-9, _ . ~ and -."
            )
    return found


def read_choice(name, options, default):
    value = read_text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def read_url(name, default=REQUIRED, *, schemes=("http", "https")):
    value = read_text(name, default)
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise ImproperlyConfigured(f"{name} must be an address that starts with {' or '.join(schemes)}://.")
    return value.rstrip("/")


def read_contact(name):
    """mailto:name@host or https://…, in one line of plain letters; "" for nowhere."""
    value = read_text(name, default="")
    parts = urlsplit(value)
    mailbox = parts.scheme == "mailto" and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", parts.path)
    page = parts.scheme == "https" and parts.netloc
    if value and not ((mailbox or page) and re.fullmatch(r"[!-~]+", value)):
        raise ImproperlyConfigured(f"{name} must be mailto:security@your-host or an address that starts with https://.")
    return value


def read_server(name, default=REQUIRED, *, schemes):
    """What stands behind host and port is left out."""
    return urlsplit(read_url(name, default, schemes=schemes))._replace(path="", query="").geturl()


def read_signing_keys(name, default=REQUIRED):
    """`ID:secret,ID:secret`: the first signs, all verify. Ids are one upper-case letter or digit."""
    pairs = [pair.partition(":") for pair in read_text(name, default).split(",")]
    found = {key_id.strip(): secret.strip() for key_id, _, secret in pairs}
    for key_id, secret in found.items():
        if not (len(key_id) == 1 and key_id.isascii() and (key_id.isupper() or key_id.isdigit())):
            raise ImproperlyConfigured(f"{name} must look like A:secret,B:secret; {key_id!r} is not a key id.")
        if len(secret) < 16:
            raise ImproperlyConfigured(f"{name}: the secret of key {key_id} must have at least 16 characters.")
    return found


def read_folder_address(name, default):
    """A path of this site or another host's address, with a slash at its end."""
    value = read_text(name, default)
    parts = urlsplit(value)
    if not value.startswith("/") and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ImproperlyConfigured(f"{name} must be a path like {default} or an address that starts with https://.")
    return f"{value.rstrip('/')}/"


def read_folder_or_bucket(name):
    value = read_text(name, "")
    if "://" in value and not re.match(r"s3://[\w.-]+", value):
        raise ImproperlyConfigured(f"{name} must be a folder or s3://bucket/prefix, not {value!r}.")
    return value.rstrip("/") or value


def read_age_recipient(name):
    value = read_text(name, "")
    if value and not re.fullmatch(r"age1[02-9ac-hj-np-z]{58}", value):
        raise ImproperlyConfigured(f"{name} must be an age public key (age1…); `age-keygen` makes a pair.")
    return value


def read_fernet_keys(name, default=()):
    """Separated by commas: the first encrypts, all decrypt."""
    found = read_words(name, default)
    for number, key in enumerate(found, start=1):
        if not _is_fernet_key(key):
            raise ImproperlyConfigured(
                f"{name}: key {number} must be 32 random bytes in URL-safe base64; "
                "`openssl rand -base64 32 | tr +/ -_` makes one."
            )
    return found


def read_public_key(name):
    """As SendGrid shows it: base64 of its DER form, without the lines around it."""
    value = read_text(name, default="")
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured(f"{name} must be the verification key as SendGrid shows it, in base64.") from error
    return value


def _is_fernet_key(key):
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


EPHEMERAL_PLATFORMS = {"DYNO": "Heroku", "RAILWAY_ENVIRONMENT_ID": "Railway"}
COMMITS = ("RAILWAY_GIT_COMMIT_SHA", "HEROKU_BUILD_COMMIT", "HEROKU_SLUG_COMMIT", "SOURCE_VERSION", "COMMIT_HASH")
APP_PLATFORM = Path("/workspace")  # where DigitalOcean's buildpacks put the code


def running_commit():
    """By the variable that the platform sets; "" when it sets none."""
    return next(filter(None, (os.environ.get(name) for name in COMMITS)), "")


def metrics_folder():
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def ephemeral_disk_platform(folder):
    """The platform that empties this folder at every restart; "" when it stays, as far as anybody can tell.

    By the variables that platforms set. On Railway a volume stays; a bucket (s3://…) is no folder.
    """
    if "://" in str(folder):
        return ""
    volume = os.environ.get("RAILWAY_VOLUME_MOUNT_PATH")
    if volume and Path(folder).is_relative_to(volume):
        return ""
    found = next((name for variable, name in EPHEMERAL_PLATFORMS.items() if variable in os.environ), "")
    return found or ("DigitalOcean App Platform" if Path(folder).is_relative_to(APP_PLATFORM) else "")
