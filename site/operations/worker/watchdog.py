"""The watchdog: web processes notice that no worker runs, and mail the alert themselves."""

import logging
import threading
import time
from datetime import timedelta

from django.db import Error as DatabaseTrouble
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.worker import heartbeats
from payments import mail
from payments.domain.monitoring.alerts import raise_alert
from payments.enums import Severity
from payments.models import Alert

logger = logging.getLogger(__name__)

LONGEST_SILENCE = timedelta(minutes=3)
"""A worker's heartbeat comes every minute at least."""
GRACE = 180  # seconds in which a new web process expects no worker yet
CHECK_INTERVAL = 60  # seconds between two looks of one process
SILENT_KEY, BACK_KEY = "worker-silent:", "worker-back:"

_started = time.monotonic()
_next_check = _started + CHECK_INTERVAL


def worker_silence(now=None):
    """Time since the last heartbeat if that is too long, else None; timedelta.max when there never was one."""
    last = heartbeats.last_beat()
    quiet = timedelta.max if last is None else (now or timezone.now()) - last
    return quiet if quiet > LONGEST_SILENCE else None


def is_process_starting():
    return time.monotonic() - _started < GRACE


def watch_worker_in_background():
    """Called with every request: starts a thread that looks, once a minute per process. Returns the thread or None."""
    global _next_check
    now = time.monotonic()
    if now < _next_check:
        return None
    _next_check = now + CHECK_INTERVAL
    thread = threading.Thread(target=_watch_in_thread, name="watchdog", daemon=True)
    thread.start()
    return thread


def watch_worker():
    """Raises one critical alert per silence and one when it ends, whatever number of processes see it.

    No worker runs that would mail them, so this process sends the alerts itself.
    """
    quiet = worker_silence()
    if quiet is None:
        _alert_return()
    elif not is_process_starting():
        _alert_silence(quiet)
        mail.send_alerts()


def _watch_in_thread():
    try:
        watch_worker()
    except DatabaseTrouble as error:
        logger.warning("watchdog.blind error=%s", type(error).__name__)
    finally:
        connection.close()


def _alert_silence(quiet):
    last, words = heartbeats.last_beat(), _("No worker has run yet")
    if last:
        minutes = int(quiet.total_seconds() // 60)
        words = ngettext("No worker for %(n)d minute", "No worker for %(n)d minutes", minutes) % {"n": minutes}
    raise_alert(
        f"{SILENT_KEY}{int(last.timestamp()) if last else 0}",
        words,
        severity=Severity.CRITICAL,
        text=_(
            "Payments are not looked at and no mail goes out until the worker runs again; nothing is lost. Buyers "
            "who have paid can still download their tickets."
        ),
        path=reverse("worker_tasks"),
    )


def _alert_return():
    last = Alert.objects.filter(key__startswith=SILENT_KEY).order_by("-pk").values_list("key", flat=True).first()
    if last:
        key = BACK_KEY + last.removeprefix(SILENT_KEY)
        text = _("The worker runs again, and works off what waited.")
        raise_alert(key, _("The worker is back"), text=text, path=reverse("worker_tasks"))
