"""What is written down, and where errors are reported."""

from config import env
from config.paths import VAR_DIR
from config.reports import without_secrets

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

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_secrets,
        before_send_transaction=without_secrets,
    )
