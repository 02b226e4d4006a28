"""What every environment shares. Values come from `common.env` alone."""

import dj_database_url
from django.utils.translation import gettext_lazy as _

from common import env
from common.env import BASE_DIR, VAR_DIR
from config.settings.files import *  # noqa: F403
from config.settings.logs import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.protection import *  # noqa: F403
from config.settings.sales import *  # noqa: F403

DEBUG = env.read_boolean("DEBUG", default=False)
SECRET_KEY = env.read_text("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.read_words("SECRET_KEY_FALLBACKS")
SITE_URL = env.read_url("SITE_URL", default="http://localhost:8000")
ALLOWED_HOSTS = env.read_words("ALLOWED_HOSTS")

INSTALLED_APPS = [
    "operations",
    "ticketing",
    "payments",
    "events_pages",
    "protection",
    "wagtail.contrib.forms",
    "common.wagtail_apps.RedirectsConfig",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "common.wagtail_apps.SnippetsConfig",
    "common.wagtail_apps.DocumentsConfig",
    "common.wagtail_apps.ImagesConfig",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "huey.contrib.djhuey",
    "anymail",
    "csp",
    "django_ratelimit",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "demo",
]

MIDDLEWARE = [
    "operations.middleware.ObservingMiddleware",
    "common.http.middleware.ProbeMiddleware",
    "common.http.request_input.IntakeMiddleware",
    "common.http.compression.CompressionMiddleware",
    "events_pages.public.page_cache.PageCacheMiddleware",
    "common.http.browser_policy.BrowserHeadersMiddleware",
    "common.http.browser_policy.ContentPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "common.http.browser_policy.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "protection.visitors.maintenance.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "protection.visitors.forwarded_links.ForwardedLinkMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "protection.sign_in.sessions.AbsoluteEndMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "protection.middleware.StaffMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
    "protection.visitors.rate_limits.LimitedViewsMiddleware",
    "protection.sign_in.passwords.BusyMiddleware",
    "payments.time_limits.ProviderTimeMiddleware",
]

ROOT_URLCONF = "config.urls"
WORKER_URLCONF = "config.worker_urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["common.template_filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
            "libraries": {"email_tags": "common.template_filters"},
        },
    }
]

# Data: SQLite on a laptop, PostgreSQL when DATABASE_URL says so
POSTGRESQL = ("postgres", "postgresql")
DATABASES = {
    "default": dj_database_url.parse(
        env.read_url(
            "DATABASE_URL",
            default=f"sqlite:///{VAR_DIR}/db.sqlite3",
            schemes=(*POSTGRESQL, "sqlite"),
        )
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456;",
    }
else:
    DATABASES["default"] |= {"ENGINE": "common.postgresql", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # A database that is gone must not keep a visitor, or a health check, for minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# A pooler in transaction mode gives each transaction another of its connections: what is set for a session, or read by
# a cursor of the server's, does not last. So it has no such cursors, and `release` goes to the database itself.
UNPOOLED_DATABASE = {}
if pooler := env.read_url("DATABASE_POOLER_URL", default="", schemes=POSTGRESQL):
    UNPOOLED_DATABASE = {name: DATABASES["default"][name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    DATABASES["default"] |= dj_database_url.parse(pooler) | {"OPTIONS": DATABASES["default"].get("OPTIONS", {})}
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queue, pages and limits keep apart: a cache that is flushed must never take tasks or counters with it. Databases of
# one server still share its memory, so pages are bounded (`page_cache`) or lie in a server of their own.
REDIS_URL = env.read_server("REDIS_URL", default="", schemes=("redis", "rediss"))
CACHE_REDIS_URL = env.read_server("CACHE_REDIS_URL", default="", schemes=("redis", "rediss"))
REDIS_VERIFY_TLS = env.read_boolean("REDIS_VERIFY_TLS", default=True)


def redis_trust(server):
    return "" if REDIS_VERIFY_TLS or server.startswith("redis:") else "?ssl_cert_reqs=none"


def redis_database(server, number):
    return f"{server}/{number}{redis_trust(server)}"


def redis_cache(location):
    patience = {"socket_timeout": 1, "socket_connect_timeout": 1}
    return {"BACKEND": "common.cache.ForgivingRedisCache", "LOCATION": location, "OPTIONS": patience}


def database_cache(table):
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": table,
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }


REDIS_TRUST = redis_trust(REDIS_URL)
HUEY = {
    "name": "jersey_events",
    "immediate": False,
    "results": False,
    "consumer": {"workers": 8, "worker_type": "thread", "max_delay": 0.5, "scheduler_interval": 1},
}
if REDIS_URL:
    HUEY |= {"huey_class": "common.queue.RedisQueue", "url": redis_database(REDIS_URL, 0), "expire_time": 3600}
    CACHES = {
        "default": redis_cache(redis_database(CACHE_REDIS_URL or REDIS_URL, 1)),
        "limits": redis_cache(redis_database(REDIS_URL, 2)),
    }
else:
    HUEY |= {"huey_class": "common.queue.SqliteQueue", "filename": str(VAR_DIR / "huey.sqlite3")}
    CACHES = {"default": database_cache("site_cache"), "limits": database_cache("site_limits")}
# Below these addresses no page is ever kept whole, so the cache is not even asked.
PAGE_CACHE_EXEMPT = ("/tickets/", "/payments/", "/admin/", "/static/", "/media/", "/health/", "/metrics")
# For how long a delivery network may keep a page that is for everybody.
CDN_PAGE_SECONDS = env.read_integer("CDN_PAGE_SECONDS", 0, most=60)

# Words and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Jersey"
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

# Wagtail: no call to a third party (update check, Gravatar)
WAGTAIL_SITE_NAME = "Jersey Events"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]  # nobody chooses another: the admin speaks of Jersey's clock
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True
