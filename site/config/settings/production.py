"""The real thing: refuses to start on anything that only a laptop may have."""

import base64

from django.core.exceptions import ImproperlyConfigured

from config.settings import base
from config.settings.base import *  # noqa: F403


def refuse(wrong, why):
    if wrong:
        raise ImproperlyConfigured(why)


EXAMPLES = ("change-me", "development", "test-only")
refuse(base.DEBUG, "DEBUG must be false in production: it shows settings to strangers.")
refuse(not base.SECRET_KEY, "SECRET_KEY is not set: `openssl rand -base64 48` makes one.")
refuse(
    len(base.SECRET_KEY) < 50 or any(example in base.SECRET_KEY for example in EXAMPLES),
    "SECRET_KEY must be a random text of at least 50 characters of your own, not an example.",
)
refuse(
    base.SUMUP_API_URL != base.SUMUP_LIVE_URL,
    f"SUMUP_API_URL must be {base.SUMUP_LIVE_URL} in production: the simulator takes no money.",
)
refuse(
    any(example in base.SUMUP_API_KEY for example in ("sup_sk_demo", *EXAMPLES)),
    "SUMUP_API_KEY is an example or the simulator's demo key: use your own.",
)
refuse(
    any(example in secret for secret in base.TICKET_SIGNING_KEYS.values() for example in EXAMPLES),
    "TICKET_SIGNING_KEYS must hold keys of your own (A:secret): anybody could forge tickets signed with an example.",
)
refuse(
    any(example in base.SUMUP_CLIENT_SECRET for example in ("cc_sk_sim_demo", *EXAMPLES)),
    "SUMUP_CLIENT_SECRET is an example or the simulator's: use your own app's.",
)
refuse(
    any(example in base.SUMUP_EVENTS_SECRET for example in EXAMPLES),
    "SUMUP_EVENTS_SECRET is an example: anybody could sign events with it.",
)
refuse(
    base.SUMUP_CLIENT_ID and not base.TOKEN_ENCRYPTION_KEYS,
    "TOKEN_ENCRYPTION_KEYS is not set, and SUMUP_CLIENT_ID lets organisers connect: their tokens are only stored "
    "encrypted. `openssl rand -base64 32 | tr +/ -_` makes a key.",
)
refuse(
    any(
        example.encode() in base64.urlsafe_b64decode(key) for key in base.TOKEN_ENCRYPTION_KEYS for example in EXAMPLES
    ),
    "TOKEN_ENCRYPTION_KEYS must hold random keys of your own, not examples.",
)
refuse(not base.ALLOWED_HOSTS, "ALLOWED_HOSTS must name the site's hosts, separated by commas.")
refuse("*" in base.ALLOWED_HOSTS, "ALLOWED_HOSTS must name the site's hosts; * lets anybody speak for them.")
refuse(not base.SITE_URL.startswith("https://"), "SITE_URL must start with https:// in production.")

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked by the platform inside its network, where there is no TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
# The prefix makes browsers refuse a cookie of this name that another host of the domain planted.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
base.CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True
CSRF_TRUSTED_ORIGINS = [base.SITE_URL]
