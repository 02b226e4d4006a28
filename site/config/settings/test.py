"""The suite. `make test` gives DATABASE_URL and REDIS_URL; without them it runs on SQLite and no service."""

from common import env
from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, HUEY, REDIS_URL, STORAGES, VAR_DIR

SECRET_KEY = "test-only"  # noqa: S105 - a test's key protects nothing
ALLOWED_HOSTS = ["*"]
SITE_URL = "http://testserver"
SUMUP_API_URL = env.read_url("SUMUP_API_URL", default="http://127.0.0.1:8091")
SUMUP_SIMULATOR_ALLOWED = True
SUMUP_MAX_REQUESTS_PER_SECOND = 1000
SUMUP_MERCHANT_CODE = "MDEMO001"
SUMUP_API_KEY = "sup_sk_demo"
SUMUP_CLIENT_ID = "cc_sim_demo"
SUMUP_CLIENT_SECRET = "cc_sk_sim_demo"  # noqa: S105 - the simulator's
TOKEN_ENCRYPTION_KEYS = ["dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHkta2U="]
ALERTS_EMAIL = ["alerts@example.je"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WATCHDOG = False  # its thread would look at the database of another test
MEDIA_ROOT = VAR_DIR / "test-media"
WHITENOISE_AUTOREFRESH = True
# Workers of the suite run side by side: each has its own queue and cache.
worker = int(env.read_text("PYTEST_XDIST_WORKER", default="gw0").removeprefix("gw"))
if REDIS_URL:
    HUEY = HUEY | {"url": f"{REDIS_URL}/{3 * worker}"}
    CACHES["default"]["LOCATION"] = f"{REDIS_URL}/{3 * worker + 1}"
    CACHES["limits"]["LOCATION"] = f"{REDIS_URL}/{3 * worker + 2}"
else:
    HUEY = HUEY | {"huey_class": "huey.MemoryHuey"}
    MEMORY = "django.core.cache.backends.locmem.LocMemCache"
    CACHES = {name: {"BACKEND": MEMORY, "LOCATION": name} for name in CACHES}
RUN_DIR = VAR_DIR / "test-run" / str(worker)
