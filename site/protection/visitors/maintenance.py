"""Maintenance: the site shows, and sells nothing. Money that is on its way is still settled, doors still scan.

Pages say the sentence, forms are refused (`protection.admin.maintenance_page`). Who has seats on hold
keeps them for as long as holds last; nothing is extended.
"""

import logging
import time

from django.db import DatabaseError, transaction
from django.utils import timezone

from protection.models import Maintenance

logger = logging.getLogger(__name__)

KEPT = 5  # seconds that a process may go on with what it knows
_known = ("", 0)  # the sentence, and until when (monotonic seconds) it is taken for true


def current_sentence():
    """What visitors read instead of a button; "" while the site sells.

    At most KEPT seconds old, so the hot path asks nobody. A database that does not answer is no maintenance.
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
    """Stops selling everywhere within KEPT seconds. A new sentence takes the place of the one before."""
    with transaction.atomic():
        _close_open_rows()
        row = Maintenance.objects.create(sentence=sentence.strip()[:240], by=by)
    forget_sentence()
    logger.warning("maintenance.begun id=%s by=%s", row.pk, by and by.pk)
    return row


def end_maintenance(*, by=None):
    """Sells again. True if there was a maintenance to end."""
    with transaction.atomic():
        ended = _close_open_rows()
    forget_sentence()
    if ended:
        logger.warning("maintenance.ended by=%s", by and by.pk)
    return bool(ended)


def find_open_maintenance():
    """The row that counts now, or None."""
    return _open_rows().first()


def remember_sentence(text, *, seconds=KEPT):
    """Takes `text` for true without asking. For tests too, which count queries."""
    global _known
    _known = (text, time.monotonic() + seconds)


def forget_sentence():
    """The next question is asked of the database."""
    global _known
    _known = ("", 0)


def _open_rows():
    return Maintenance.objects.filter(ended_at=None).order_by("-id")


def _close_open_rows():
    """Row by row: saving one tells the page cache (an update would not)."""
    rows = list(_open_rows())
    for row in rows:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
    return rows
