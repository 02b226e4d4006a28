"""Pauses of polling, by a person: no payment is checked by itself until it goes on (decision 36).

Meanwhile nothing is concluded: no payment closes, no order ends, no seat of an order goes back on sale, and nothing is
reconciled. Buyers go on buying and read that they have to wait; what a person asks for by hand is asked. Checks that
come due wait in their rows, so the first cycle after the pause makes up for all of it.
"""

import logging
import time

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.text.typed_dates import format_moment
from payments.domain.monitoring import alerts
from payments.models import PollingPause

logger = logging.getLogger(__name__)

CACHE_SECONDS = 5  # seconds that a process may go on with what it knows
LONGEST_REASON = 240
_cached = (False, 0)  # whether it is paused, and until when (monotonic seconds) that is taken for true


def is_paused():
    """At most CACHE_SECONDS old, so that pages need no query. A database that is silent pauses nothing."""
    paused, until = _cached
    if time.monotonic() < until:
        return paused
    try:
        paused = _open_pauses().exists()
    except DatabaseError:
        paused = False
    cache_pause_state(paused)
    return paused


def get_current_pause():
    return _open_pauses().select_related("by").first()


def list_earlier_pauses():
    return PollingPause.objects.exclude(ended_at=None).select_related("by", "ended_by")


def begin_pause(reason, *, by=None):
    """Every process stops within CACHE_SECONDS; what it has begun to ask it still records. During a pause returns that
    one.
    """
    with transaction.atomic():
        row = _open_pauses().select_for_update().first()
        if row is None:
            row = PollingPause.objects.create(reason=reason.strip()[:LONGEST_REASON], by=by)
            logger.warning("polling.paused id=%s by=%s", row.pk, by.pk if by else "-")
    clear_cached_state()
    remind_staff()
    return row


def end_pause(*, by=None):
    ended = _open_pauses().update(ended_at=timezone.now(), ended_by=by)
    clear_cached_state()
    if ended:
        logger.warning("polling.resumed by=%s", by.pk if by else "-")
    return bool(ended)


def was_paused_within(period):
    since = timezone.now() - period
    return PollingPause.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since)).exists()


def remind_staff():
    """Once a day while it lasts: who forgot it must not find out from a buyer."""
    if row := get_current_pause():
        told = {"when": format_moment(row.started_at), "reason": row.reason}
        alerts.raise_alert(
            f"polling-paused:{row.pk}:{timezone.localdate()}",
            _("Polling is paused: no payment is looked at"),
            text=_("Since %(when)s: %(reason)s Nothing expires meanwhile, and nobody who pays gets tickets.") % told,
            path=reverse("polling"),
        )


def cache_pause_state(paused, *, seconds=CACHE_SECONDS):
    global _cached
    _cached = (paused, time.monotonic() + seconds)


def clear_cached_state():
    global _cached
    _cached = (False, 0)


def _open_pauses():
    return PollingPause.objects.filter(ended_at=None).order_by("-id")
