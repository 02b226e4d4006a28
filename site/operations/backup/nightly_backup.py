"""The backup that nobody has to think of."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from operations.backup import create, run_log
from operations.backup.errors import BackupError
from operations.enums import BackupRunKind

logger = logging.getLogger(__name__)

ONCE_IN = timedelta(hours=1)
"""Each worker has a clock of its own: who comes a little later finds it done."""


def create_nightly_backup():
    """Backs up unless nobody asked for it, or another worker has just done it."""
    last = run_log.last_successful_run(BackupRunKind.BACKUP)
    if not settings.BACKUP_TO or (last and last.started_at > timezone.now() - ONCE_IN):
        return
    try:
        create.create_backup()
    except BackupError as error:
        logger.error("backup.failed %s", error)
