"""What is written down, and where errors are reported."""

from common import env
from common.env import VAR_DIR
from common.logs.log_format import FORMATS, build_logging
from common.logs.redaction import sentry_options

LOG_FORMAT = env.read_choice("LOG_FORMAT", FORMATS, default="line")
LOGGING = build_logging(LOG_FORMAT, VAR_DIR / "logs")

WATCHDOG = True  # the web process looks whether a worker is alive
METRICS_TOKEN = env.read_text("METRICS_TOKEN", default="")

SENTRY_RELEASE = env.read_text("SENTRY_RELEASE", default=env.running_commit())
SENTRY_ENVIRONMENT = env.read_text("SENTRY_ENVIRONMENT", default="production")
SENTRY_DSN = env.read_url("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(**sentry_options(SENTRY_DSN, release=SENTRY_RELEASE, environment=SENTRY_ENVIRONMENT))
