"""The format of log lines, and the files they go to. A message is an event's name and `key=value` pairs; no person is
ever in one.

`line` is for people, `json` for whatever collects the logs of a platform: there the pairs become fields. Either way the
line tells the request or the task it belongs to, it is cut, and what looks like an e-mail address or a token is taken
out: the words of an error may quote anything.
"""

import fcntl
import logging
import os
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter

from common.logs.redaction import cut_text, scrub_text

FORMATS = ("line", "json")
EVENT = re.compile(r"[a-z_]{1,64}(?:\.[a-z_]{1,64}){0,8}(?=[ :]|$)")
PAIRS = re.compile(r" ([a-z_]{1,64})=(.*?)(?=,? [a-z_]{1,64}=|$)", re.DOTALL)
OURS = ("common", "config", "events_pages", "operations", "payments", "protection", "ticketing")
TAKEN = {"time", "level", "logger", "message", "event", "request", "task", "error"}
AUDITED = re.compile(r"\w++\.(state|placed|review|refund|void)$")
FILE_SIZE, FILES = 5_000_000, 3

request_id = ContextVar("request_id", default="")
task_id = ContextVar("task_id", default="")


class LineFormatter(logging.Formatter):
    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record):  # noqa: N802 - logging's own name
        return super().formatMessage(record) + "".join(f" {name}={value}" for name, value in log_context().items())

    def format(self, record):
        return scrub_text(super().format(record))


class JsonLineFormatter(JsonFormatter):
    def add_fields(self, log_data, record, message_dict):
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data |= {"level": record.levelname, "logger": record.name, "message": cut_text(record.message)}
        log_data |= log_context() | event_fields_of(record)
        if "exc_info" in message_dict:
            log_data["error"] = message_dict["exc_info"]

    def process_log_record(self, log_data):
        return {name: scrub_text(value) if isinstance(value, str) else value for name, value in log_data.items()}


class AuditFilter(logging.Filter):
    """What became of an order, a payment, a refund, a ticket."""

    def filter(self, record):
        return bool(AUDITED.match(event_name_of(record)))


class SharedFileHandler(RotatingFileHandler):
    """A file that several processes write to: whoever finds it full turns it, and the others follow to the new one."""

    def emit(self, record):
        self._follow()
        super().emit(record)

    def doRollover(self):  # noqa: N802 - logging's own name
        with open(f"{self.baseFilename}.lock", "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._follow():
                super().doRollover()

    def _follow(self):
        """True when another process has turned the file, which is then opened anew."""
        try:
            moved = self.stream and not os.path.samestat(os.fstat(self.stream.fileno()), os.stat(self.baseFilename))
        except OSError:
            moved = self.stream is not None
        if moved:
            self.stream.close()
            self.stream = None
        return moved


def log_context():
    found = {"request": request_id.get(), "task": task_id.get()}
    return {name: value for name, value in found.items() if value}


def event_name_of(record):
    """`order.state`, or "" for a line that is not one of ours."""
    if record.name.partition(".")[0] not in OURS:
        return ""
    found = EVENT.match(record.getMessage())
    return found[0] if found else ""


def event_fields_of(record):
    """A pair that would hide a field of every line stays in the message alone."""
    event = event_name_of(record)
    if not event:
        return {}
    pairs = PAIRS.findall(cut_text(record.getMessage()), len(event))
    return {"event": event} | {name: value for name, value in pairs if name not in TAKEN}


def build_logging(form, folder):
    """Django's LOGGING: everything to the console, payments to two files as well where `folder` can be written."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "common.logs.log_format.LineFormatter"},
            "json": {"()": "common.logs.log_format.JsonLineFormatter"},
        },
        "filters": {"audit": {"()": "common.logs.log_format.AuditFilter"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form},
            "polling": build_file_handler(folder, "payment_polling.log", form),
            "audit": build_file_handler(folder, "payments_audit.log", form) | {"filters": ["audit"]},
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "payments": {"handlers": ["console", "polling", "audit"], "level": "INFO", "propagate": False},
            "ticketing": {"handlers": ["audit"], "level": "INFO"},
            **{name: {"level": "INFO"} for name in ("events_pages", "operations", "protection")},
            # Django's own handlers write lines as they come, and send whole requests by mail.
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
            "huey": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "huey.consumer": {"level": "INFO"},
            "huey.consumer.Scheduler": {"level": "WARNING"},
        },
    }


def build_file_handler(folder, name, form):
    if not make_writable_folder(folder):
        return {"class": "logging.NullHandler"}
    return {
        "class": "common.logs.log_format.SharedFileHandler",
        "filename": Path(folder) / name,
        "maxBytes": FILE_SIZE,
        "backupCount": FILES,
        "delay": True,
        "formatter": form,
    }


def make_writable_folder(folder):
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
