"""What is written down, and where errors are reported."""

from config import env
from config.lines import FORMATS, logging_as
from config.paths import VAR_DIR
from config.reports import sentry_options

LOG_FORMAT = env.choice("LOG_FORMAT", FORMATS, default="line")
LOGGING = logging_as(LOG_FORMAT, VAR_DIR / "logs")

WATCHDOG = True  # the web process looks whether a worker is alive
METRICS_TOKEN = env.text("METRICS_TOKEN", default="")

SENTRY_RELEASE = env.text("SENTRY_RELEASE", default=env.commit())
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", default="production")
SENTRY_DSN = env.url("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(**sentry_options(SENTRY_DSN, release=SENTRY_RELEASE, environment=SENTRY_ENVIRONMENT))
