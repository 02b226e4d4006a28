"""What every environment shares. Values come from `config.env` alone."""

import warnings
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parents[3]
VAR_DIR = BASE_DIR / "var"

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", default="")
SITE_URL = env.url("SITE_URL", default="http://localhost:8000")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")

INSTALLED_APPS = [
    "ticketing",
    "payments",
    "events_pages",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
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
    "events_pages.page_cache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]

# Data: SQLite on a laptop, PostgreSQL when DATABASE_URL says so
DATABASES = {
    "default": dj_database_url.parse(
        env.url(
            "DATABASE_URL",
            default=f"sqlite:///{VAR_DIR}/db.sqlite3",
            schemes=("postgres", "postgresql", "sqlite"),
        )
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Queue and cache keep apart: a cache that is flushed or full must never take tasks with it.
REDIS_URL = env.server("REDIS_URL", default="", schemes=("redis", "rediss"))
HUEY = {
    "name": "jersey_events",
    "immediate": False,
    "results": False,
    "consumer": {"workers": 6, "worker_type": "thread", "max_delay": 0.5, "scheduler_interval": 1},
}
if REDIS_URL:
    HUEY |= {"huey_class": "config.queue.RedisQueue", "url": f"{REDIS_URL}/0", "expire_time": 3600}
    CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": f"{REDIS_URL}/1",
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
else:
    HUEY |= {"huey_class": "config.queue.SqliteQueue", "filename": str(VAR_DIR / "huey.sqlite3")}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"}}
# Below these addresses no page is ever kept whole, so the cache is not even asked.
PAGE_CACHE_EXEMPT = ("/tickets/", "/payments/", "/admin/", "/static/", "/media/", "/health/")

# Mail
EMAIL_PROVIDER = env.choice("EMAIL_PROVIDER", ("sendgrid", "mailgun", "console", "file"), default="file")
EMAIL_BACKEND = {
    "sendgrid": "anymail.backends.sendgrid.EmailBackend",
    "mailgun": "anymail.backends.mailgun.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "config.eml.EmailBackend",
}[EMAIL_PROVIDER]
EMAIL_FILE_PATH = VAR_DIR / "mail"
ANYMAIL = {"REQUESTS_TIMEOUT": 10}
if EMAIL_PROVIDER == "sendgrid":
    # Anymail warns at every message that it no longer tests this backend; our own tests do.
    warnings.filterwarnings("ignore", message=".*SendGrid.*", module="anymail")
    ANYMAIL["SENDGRID_API_KEY"] = env.text("SENDGRID_API_KEY")
if EMAIL_PROVIDER == "mailgun":
    ANYMAIL["MAILGUN_API_KEY"] = env.text("MAILGUN_API_KEY")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="Jersey Events <tickets@localhost>")
ALERTS_EMAIL = env.words("ALERTS_EMAIL")

# Selling
HOLD_MINUTES = env.integer("HOLD_MINUTES", 15, least=1, most=120)
TICKET_SIGNING_KEYS = env.keys("TICKET_SIGNING_KEYS", default="A:development-only-key")

# Paying
CURRENCY = "GBP"
SUMUP_LIVE_URL = "https://api.sumup.com"
SUMUP_API_URL = env.url("SUMUP_API_URL", default=SUMUP_LIVE_URL)
SUMUP_SIMULATOR_ALLOWED = False  # development and test alone may speak to a host that is not SumUp's
SUMUP_MERCHANT_CODE = env.text("SUMUP_MERCHANT_CODE", default="")
SUMUP_API_KEY = env.text("SUMUP_API_KEY", default="")
SUMUP_CLIENT_ID = env.text("SUMUP_CLIENT_ID", default="")
SUMUP_CLIENT_SECRET = env.text("SUMUP_CLIENT_SECRET", default="")
SUMUP_EVENTS_SECRET = env.text("SUMUP_EVENTS_SECRET", default="")
TOKEN_ENCRYPTION_KEYS = env.fernet_keys("TOKEN_ENCRYPTION_KEYS")
SUMUP_MAX_REQUESTS_PER_SECOND = env.integer("SUMUP_MAX_REQUESTS_PER_SECOND", 20, least=1, most=1000)
PAYMENT_MAX_AGE = env.integer("PAYMENT_MAX_AGE", 7200, least=60, most=86_400)
REFUND_LATE_MONEY = env.boolean("REFUND_LATE_MONEY", default=False)
POLL_BATCH_SIZE = env.integer("POLL_BATCH_SIZE", 20, least=1, most=1000)

# Words and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Jersey"
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Wagtail: no call to a third party (update check, Gravatar)
WAGTAIL_SITE_NAME = "Jersey Events"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "rtf", "txt", "xlsx"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True

# Protection
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "wagtailadmin_login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel frames pages of the same site
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# A form that answers with a redirect needs the target in form-action too (SumUp notes, section 7.1).
PAYER_PAGES = (
    ["https://checkout.sumup.com", "https://pay.sumup.com"] if SUMUP_API_URL == SUMUP_LIVE_URL else [SUMUP_API_URL]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'self'"],
        "frame-src": ["https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "form-action": ["'self'", *PAYER_PAGES],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.E003",  # the database cache of a laptop
    "django_ratelimit.W001",
    "security.W019",  # X_FRAME_OPTIONS: see there
]

# Logs: one structured line per state change or refusal
(VAR_DIR / "logs").mkdir(parents=True, exist_ok=True)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "polling": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": VAR_DIR / "logs" / "payment_polling.log",
            "maxBytes": 5_000_000,
            "backupCount": 3,
            "delay": True,
            "formatter": "line",
        },
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "payments": {"handlers": ["console", "polling"], "level": "INFO", "propagate": False},
        "ticketing": {"level": "INFO"},
        "events_pages": {"level": "INFO"},
        "huey": {"level": "WARNING"},
    },
}

SENTRY_DSN = env.url("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    from config.reports import without_secrets

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_secrets,
        before_send_transaction=without_secrets,
    )
