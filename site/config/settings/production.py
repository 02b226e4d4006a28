"""The real thing: refuses to start on anything that only a laptop may have."""

from django.core.exceptions import ImproperlyConfigured

from common import env
from common.logs.log_format import FORMATS, build_logging
from common.production_checks import find_unsafe_settings
from config.settings import base
from config.settings.base import *  # noqa: F403

if found := find_unsafe_settings(base):
    raise ImproperlyConfigured("\n".join(error.msg for error in found.values()))

LOG_FORMAT = env.read_choice("LOG_FORMAT", FORMATS, default="json")
LOGGING = build_logging(LOG_FORMAT, base.VAR_DIR / "logs")

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked by the platform inside its network, where there is no TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
REQUIRE_TWO_FACTOR = env.read_boolean("REQUIRE_TWO_FACTOR", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
# The prefix makes browsers refuse a cookie of this name that another host of the domain planted.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
BASKET_COOKIE_NAME, INVITATION_COOKIE_NAME = "__Host-basket", "__Host-invitation"
PROXY_HOPS = env.read_integer("PROXY_HOPS", 1, most=10)
base.CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True
CSRF_TRUSTED_ORIGINS = [base.SITE_URL]
