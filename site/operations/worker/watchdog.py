"""Notices that no worker runs, from the web process: whoever is dead cannot say so, nor mail it."""

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
"""A worker beats every minute at least."""
GRACE = 180  # seconds in which a web process does not complain that no worker has come up yet
CHECK_INTERVAL = 60  # seconds between two looks of one process
SILENT_KEY, BACK_KEY = "worker-silent:", "worker-back:"

_started = time.monotonic()
_next_check = _started + CHECK_INTERVAL


def worker_silence(now=None):
    """How long no worker has beaten, once too long; None while all is well, timedelta.max when none ever did."""
    last = heartbeats.last_beat()
    quiet = timedelta.max if last is None else (now or timezone.now()) - last
    return quiet if quiet > LONGEST_SILENCE else None


def is_process_starting():
    """Whether this web process is so young that its worker may still be on its way."""
    return time.monotonic() - _started < GRACE


def check_worker_in_background():
    """With every request: once a minute a thread of this process looks. Returns that thread, else None."""
    global _next_check
    now = time.monotonic()
    if now < _next_check:
        return None
    _next_check = now + CHECK_INTERVAL
    thread = threading.Thread(target=_check_in_thread, name="watchdog", daemon=True)
    thread.start()
    return thread


def check_worker():
    """One critical alert for each silence and a notice when it ends, by however many processes it is seen.

    Nobody else mails while no worker runs, so this process sends what is owed to staff itself.
    """
    quiet = worker_silence()
    if quiet is None:
        _alert_return()
    elif not is_process_starting():
        _alert_silence(quiet)
        mail.send_alerts()


def _check_in_thread():
    try:
        check_worker()
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
        text = _("The worker runs again, and works off what waited.")
        raise_alert(
            BACK_KEY + last.removeprefix(SILENT_KEY), _("The worker is back"), text=text, path=reverse("worker_tasks")
        )
