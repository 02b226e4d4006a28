"""The backup that nobody has to think of."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from operations.backup import keeping, taking
from operations.backup.errors import KeepingError
from operations.enums import KeepingKind

logger = logging.getLogger(__name__)

ONCE_IN = timedelta(hours=1)
"""Each worker has a clock of its own: who comes a little later finds it done."""


def back_up():
    """Backs up unless nobody asked for it, or another worker has just done it."""
    last = keeping.last_done(KeepingKind.BACKUP)
    if not settings.BACKUP_TO or (last and last.started_at > timezone.now() - ONCE_IN):
        return
    try:
        taking.take()
    except KeepingError as error:
        logger.error("backup.failed %s", error)
