"""Production as far as loopback permits: no TLS, the simulator for SumUp, files in a folder of the run's own."""

from pathlib import Path

from common import env
from config.settings.base import *  # noqa: F403
from config.settings.base import CONTENT_SECURITY_POLICY, LOGGING, SUMUP_API_URL, VAR_DIR

FOLDER = Path(env.read_text("TEST_FOLDER"))
SECRET_KEY = "measured-on-loopback-only"
ALLOWED_HOSTS = ["127.0.0.1"]
CAPTCHA_PROVIDER = env.read_text("CAPTCHA_PROVIDER", default="off")
CAPTCHA_VERIFY_URL = env.read_text("BENCH_VERIFY_URL", default="")
RATE_LIMITS = env.read_boolean("RATE_LIMITS", default=False)  # as a rule all its buyers come from one address
METRICS_TOKEN = "measured-on-loopback-only"
ALERTS_EMAIL = ["alerts@example.je"]
SUMUP_SIMULATOR_ALLOWED = True
SUMUP_MERCHANT_CODE = "MDEMO001"
SUMUP_API_KEY = "sup_sk_demo"
SUMUP_CLIENT_ID = "cc_sim_demo"
SUMUP_CLIENT_SECRET = "cc_sk_sim_demo"
TOKEN_ENCRYPTION_KEYS = ["bWVhc3VyZWQtb24tbG9vcGJhY2stb25seS0zMi1ieXQ="]
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] = ["'self'", SUMUP_API_URL]
EMAIL_FILE_PATH = FOLDER / "mail"
MEDIA_ROOT = FOLDER / "media"
RUN_DIR = FOLDER / "run"
STATIC_ROOT = VAR_DIR / "bench-static"
LOGGING["handlers"]["polling"]["filename"] = FOLDER / "payment_polling.log"
LOGGING["handlers"]["audit"]["filename"] = FOLDER / "payments_audit.log"
