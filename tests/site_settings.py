"""The site as the end-to-end, concurrency, fault and benchmark runs start it: real services, real processes, a
simulated SumUp, and files in a folder of the run's own (TEST_FOLDER)."""

from pathlib import Path

from common import env
from config.settings.development import *  # noqa: F403
from config.settings.development import INSTALLED_APPS, LOGGING

FOLDER = Path(env.read_text("TEST_FOLDER"))
DEBUG = False
CAPTCHA_PROVIDER = env.read_text("CAPTCHA_PROVIDER", default="off")
RATE_LIMITS = env.read_boolean("RATE_LIMITS", default=False)  # all its buyers come from one address
SECRET_KEY = "test-only"
ALERTS_EMAIL = ["alerts@example.je"]
EMAIL_FILE_PATH = FOLDER / "mail"
MEDIA_ROOT = FOLDER / "media"
RUN_DIR = FOLDER / "run"
WHITENOISE_AUTOREFRESH = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING["handlers"]["polling"]["filename"] = FOLDER / "payment_polling.log"
LOGGING["handlers"]["audit"]["filename"] = FOLDER / "payments_audit.log"
LOGGING["loggers"]["huey.consumer"] = {"level": "INFO"}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.crashing.Crashing"]
CRASHABLE = env.read_text("CRASHABLE", default="")
CRASH_ORDER = FOLDER / "crash"
OVERSELL = env.read_boolean("OVERSELL", default=False)
WITHOUT_RECEIVER = env.read_boolean("WITHOUT_RECEIVER", default=False)
