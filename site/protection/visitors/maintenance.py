"""Maintenance: pages show one sentence and nothing is sold. Money on its way is still settled, doors still scan.

Seats on hold stay so for as long as holds last; nothing is extended.
"""

import logging
import time

from django.conf import settings
from django.db import DatabaseError, transaction
from django.shortcuts import render
from django.utils import timezone

from common.http.browser_policy import keep_private
from protection.models import Maintenance

logger = logging.getLogger(__name__)

KEPT = 5  # seconds that a process may go on with what it knows
SAFE = ("GET", "HEAD", "OPTIONS")
RETRY_AFTER = 300  # seconds
_known = ("", 0)  # the sentence, and until when (monotonic seconds) it is taken for true


def current_sentence():
    """What visitors read instead of a button; "" while the site sells.

    At most KEPT seconds old, so most requests cost no query. A database that does not answer is no maintenance.
    """
    text, until = _known
    if time.monotonic() < until:
        return text
    try:
        text = _open_rows().values_list("sentence", flat=True).first() or ""
    except DatabaseError:
        text = ""
    remember_sentence(text)
    return text


def begin_maintenance(sentence, *, by=None):
    """Every process stops selling within KEPT seconds. A new sentence replaces the one before."""
    with transaction.atomic():
        _close_open_rows()
        row = Maintenance.objects.create(sentence=sentence.strip()[:240], by=by)
    forget_sentence()
    logger.warning("maintenance.begun id=%s by=%s", row.pk, by and by.pk)
    return row


def end_maintenance(*, by=None):
    with transaction.atomic():
        ended = _close_open_rows()
    forget_sentence()
    if ended:
        logger.warning("maintenance.ended by=%s", by and by.pk)
    return bool(ended)


def find_open_maintenance():
    return _open_rows().first()


def remember_sentence(text, *, seconds=KEPT):
    """Taken for true without asking the database. For tests too, which count queries."""
    global _known
    _known = (text, time.monotonic() + seconds)


def forget_sentence():
    global _known
    _known = ("", 0)


def _open_rows():
    return Maintenance.objects.filter(ended_at=None).order_by("-id")


def _close_open_rows():
    """Saves each row, because the page cache hears of `save` and not of `update`."""
    rows = list(_open_rows())
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
        text = current_sentence()
        return render_maintenance_refusal(request, text) if text else self.get_response(request)


def render_maintenance_refusal(request, text):
    response = render(request, "protection/maintenance.html", {"sentence": text}, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return keep_private(response)
