"""A laptop: SQLite, mail as files, the SumUp simulator. `make run` uses it."""

from common import env
from config.settings.base import *  # noqa: F403
from config.settings.base import CONTENT_SECURITY_POLICY, LOGGING, SECRET_KEY, STORAGES

SECRET_KEY = SECRET_KEY or "development-only"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALERTS_EMAIL = env.read_words("ALERTS_EMAIL", default=["alerts@jerseyevents.example"])

SUMUP_API_URL = env.read_url("SUMUP_API_URL", default="http://127.0.0.1:8091")
SUMUP_SIMULATOR_ALLOWED = True
SUMUP_MERCHANT_CODE = env.read_text("SUMUP_MERCHANT_CODE", default="MDEMO001")
SUMUP_API_KEY = env.read_text("SUMUP_API_KEY", default="sup_sk_demo")
SUMUP_CLIENT_ID = env.read_text("SUMUP_CLIENT_ID", default="cc_sim_demo")
SUMUP_CLIENT_SECRET = env.read_text("SUMUP_CLIENT_SECRET", default="cc_sk_sim_demo")
TOKEN_ENCRYPTION_KEYS = env.read_fernet_keys(
    "TOKEN_ENCRYPTION_KEYS", default=["ZGV2ZWxvcG1lbnQtb25seS1kZXZlbG9wbWVudC1rZXk="]
)
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] = ["'self'", SUMUP_API_URL]

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
LOGGING["loggers"]["huey.consumer"] = {"level": "WARNING"}
