"""Alerts for staff and organisers: each once, a critical one at once, the others in digests. The rows are the queue.

`payments.mail` builds and sends; here are rows, claims and records only. An alert goes out at least once: a process
that dies between sending and recording sends it again.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.queue import wake
from common.rows import clip_text
from payments.enums import CUT_SHORT, Severity
from payments.models import Alert

logger = logging.getLogger(__name__)

LEVELS = {Severity.CRITICAL: logging.CRITICAL, Severity.NOTICE: logging.WARNING}
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
"""Between attempts; the last one for ever, because nobody may miss an alert for good."""
DIGEST_PAUSE = timedelta(minutes=15)
CRITICAL_WINDOW = timedelta(minutes=10)
MOST_CRITICAL = 10  # mails in a window; whoever got ten knows
BATCH = 5000
NO_RECIPIENT = "ALERTS_EMAIL names nobody"


@dataclass(frozen=True)
class AlertMail:
    """Alerts that go out in one mail. `to` is an organiser's address, empty for ALERTS_EMAIL."""

    to: str
    alerts: list

    @property
    def addresses(self):
        return [self.to] if self.to else settings.ALERTS_EMAIL


def raise_alert(key, title, *, severity=Severity.NOTICE, text="", path="", to=""):
    """Records an alert for staff. True for the first call with this `key`; the same key is never told twice.

    Writes one row in the caller's transaction, and a second one for `to`, an organiser whom it concerns besides
    ALERTS_EMAIL, because each is mailed and tried again by itself. A critical alert is mailed right after commit, a
    notice in the next digest. `path` is where to look on this site. No personal data in any of it.
    """
    key = clip_text(Alert, "key", key)
    if Alert.objects.filter(key=key).exists():
        return False
    what = {"severity": severity, "title": clip_text(Alert, "title", title), "text": str(text), "path": path}
    rows = [Alert(key=key, next_attempt_at=timezone.now(), **what)]
    if to:
        own = f"{key[:110]} organiser"  # the column holds 120
        rows.append(Alert(key=own, next_attempt_at=timezone.now(), to=to, **what))
    Alert.objects.bulk_create(rows, ignore_conflicts=True)
    logger.log(LEVELS[severity], "alert.%s key=%s", severity, key)
    if severity == Severity.CRITICAL:
        transaction.on_commit(partial(wake, "payments.tasks.send_alerts"))
    return True


def claim_due_alerts():
    """The mails that this caller may send now; nobody else gets the same rows.

    A claim sets the next attempt before the first byte leaves, so neither a crash nor a bug turns into a loop. What
    may not go yet stays as it is: digests keep DIGEST_PAUSE apart, critical mails beyond MOST_CRITICAL wait for the
    window and then share one.
    """
    now = timezone.now()
    _record_missing_recipient(now)
    with transaction.atomic(durable=True):
        due = deliverable_alerts(Alert.objects.filter(next_attempt_at__lte=now)).order_by("pk")
        mails = _mails_by_recipient(due.select_for_update(skip_locked=True)[:BATCH])
        _postpone_alerts([row for mail in mails for row in mail.alerts], now)
    return mails


def deliverable_alerts(alerts):
    return alerts if settings.ALERTS_EMAIL else alerts.exclude(to="")


def unmailed_alerts():
    return Alert.objects.filter(next_attempt_at__isnull=False)


def record_alerts_sent(alerts):
    rows = Alert.objects.filter(pk__in=[row.pk for row in alerts])
    rows.update(sent_at=timezone.now(), next_attempt_at=None, last_error="")
    logger.info("alert.sent rows=%d", len(alerts))


def record_alerts_failed(alerts, error):
    """Not sent: stays owed until the pause that the claim has set is over. `error` without any address."""
    Alert.objects.filter(pk__in=[row.pk for row in alerts]).update(last_error=clip_text(Alert, "last_error", error))
    logger.error("alert.failed rows=%d error=%s", len(alerts), error)


def _mails_by_recipient(rows):
    groups, mails = {}, []
    for row in rows:
        groups.setdefault((row.to, row.severity), []).append(row)
    for (to, severity), alerts in groups.items():
        pack = _group_critical if severity == Severity.CRITICAL else _group_digest
        mails += [AlertMail(to, each) for each in pack(to, alerts)]
    return mails


def _group_critical(to, alerts):
    # Each by itself; when the window has no room for all of them, the last mail tells the rest together.
    room = MOST_CRITICAL - _sent_since(CRITICAL_WINDOW, to, Severity.CRITICAL).count()
    if len(alerts) <= room:
        return [[each] for each in alerts]
    return [*([each] for each in alerts[: room - 1]), alerts[room - 1 :]] if room > 0 else []


def _group_digest(to, alerts):
    return [] if _sent_since(DIGEST_PAUSE, to, Severity.NOTICE).exists() else [alerts]


def _sent_since(pause, to, severity):
    return Alert.objects.filter(to=to, severity=severity, sent_at__gt=timezone.now() - pause)


def _postpone_alerts(rows, now):
    for attempts in {row.attempts for row in rows}:
        same = Alert.objects.filter(pk__in=[row.pk for row in rows if row.attempts == attempts])
        until = now + PAUSES[min(attempts, len(PAUSES) - 1)]
        same.update(attempts=F("attempts") + 1, next_attempt_at=until, last_error=CUT_SHORT)


def _record_missing_recipient(now):
    """Once for each alert: the rows stay owed, and go out when somebody is named."""
    if settings.ALERTS_EMAIL:
        return
    unheard = Alert.objects.filter(next_attempt_at__lte=now, to="").exclude(last_error=NO_RECIPIENT)
    if count := unheard.update(last_error=NO_RECIPIENT):
        logger.error("alert.nobody rows=%d: %s", count, NO_RECIPIENT)
