"""Maintenance: pages show one sentence and nothing is sold. Money on its way is still settled, doors still scan.

Seats on hold stay so for as long as holds last; nothing is extended.
"""

import logging
import time

from django.conf import settings
from django.db import DatabaseError, transaction
from django.shortcuts import render
from django.utils import timezone

from protection.models import Maintenance
from protection.privacy import keep_private

logger = logging.getLogger(__name__)

KEPT = 5  # seconds that a process may go on with what it knows
SAFE = ("GET", "HEAD", "OPTIONS")
RETRY_AFTER = 300  # seconds
_known = ("", 0)  # the sentence, and until when (monotonic seconds) it is taken for true


def sentence():
    """What visitors read instead of a button; "" while the site sells.

    At most KEPT seconds old, so most requests cost no query. A database that does not answer is no maintenance.
    """
    text, until = _known
    if time.monotonic() < until:
        return text
    try:
        text = _open().values_list("sentence", flat=True).first() or ""
    except DatabaseError:
        text = ""
    remember(text)
    return text


def begin(sentence, *, by=None):
    """Every process stops selling within KEPT seconds. A new sentence replaces the one before."""
    with transaction.atomic():
        _close()
        row = Maintenance.objects.create(sentence=sentence.strip()[:240], by=by)
    forget()
    logger.warning("maintenance.begun id=%s by=%s", row.pk, by and by.pk)
    return row


def end(*, by=None):
    with transaction.atomic():
        ended = _close()
    forget()
    if ended:
        logger.warning("maintenance.ended by=%s", by and by.pk)
    return bool(ended)


def current():
    return _open().first()


def remember(text, *, seconds=KEPT):
    """Taken for true without asking the database. For tests too, which count queries."""
    global _known
    _known = (text, time.monotonic() + seconds)


def forget():
    global _known
    _known = ("", 0)


def _open():
    return Maintenance.objects.filter(ended_at=None).order_by("-id")


def _close():
    """Saves each row, because the page cache hears of `save` and not of `update`."""
    rows = list(_open())
    for row in rows:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
    return rows


class MaintenanceMiddleware:
    """503 with the sentence for whatever would change something. MAINTENANCE_EXEMPT goes on: staff, doors, what SumUp
    and mail providers tell us."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in SAFE or request.path_info.startswith(settings.MAINTENANCE_EXEMPT):
            return self.get_response(request)
        text = sentence()
        return refused(request, text) if text else self.get_response(request)


def refused(request, text):
    response = render(request, "protection/maintenance.html", {"sentence": text}, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return keep_private(response)
