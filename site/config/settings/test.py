"""The suite. `make test` gives DATABASE_URL and REDIS_URL; without them it runs on SQLite and no service."""

from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import STORAGES, VAR_DIR

SECRET_KEY = "test-only"  # noqa: S105 - a test's key protects nothing
ALLOWED_HOSTS = ["*"]
SITE_URL = "http://testserver"
SUMUP_API_URL = env.url("SUMUP_API_URL", default="http://127.0.0.1:8091")
SUMUP_MERCHANT_CODE = "MDEMO001"
SUMUP_API_KEY = "sup_sk_demo"
ALERTS_EMAIL = ["alerts@example.je"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MEDIA_ROOT = VAR_DIR / "test-media"
WHITENOISE_AUTOREFRESH = True
if not REDIS_URL:  # noqa: F405 - from base
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
