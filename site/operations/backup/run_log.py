"""The log of backups, restores and drills: one BackupRun each; a failure raises an alert."""

import logging
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from operations.backup.errors import BackupError
from operations.enums import BackupRunKind, BackupRunOutcome
from operations.models import BackupRun
from payments.domain.monitoring import alerts
from payments.enums import Severity

logger = logging.getLogger(__name__)

PROCESS_ENDED = "the process ended before it was done"


@contextmanager
def record_run(kind, place):
    """Yields the BackupRun of the block, which fills in its figures. An exception becomes its reason and goes on.

    A restore's row is written at the end only: its table may not be there before.
    """
    run = BackupRun(kind=kind, place=str(place)[:300], started_at=timezone.now())
    if kind != BackupRunKind.RESTORE:
        run.save()
    try:
        yield run
    except BaseException as error:
        _finish_run(run, BackupRunOutcome.FAILED, _describe_error(error))
        raise
    _finish_run(run, BackupRunOutcome.DONE)


def end_abandoned_runs(kind, but):
    """Marks runs of this kind as failed that never ended. The caller holds the lock: no process works on them."""
    left = BackupRun.objects.filter(kind=kind, outcome=BackupRunOutcome.RUNNING).exclude(pk=but.pk)
    left.update(outcome=BackupRunOutcome.FAILED, error=PROCESS_ENDED, finished_at=timezone.now())


def last_successful_run(kind):
    return BackupRun.objects.filter(kind=kind, outcome=BackupRunOutcome.DONE).order_by("-id").first()


def _describe_error(error):
    return str(error) if isinstance(error, BackupError) else f"{type(error).__name__}: {error}".strip(": ")


def _finish_run(run, outcome, reason=""):
    run.outcome, run.error, run.finished_at = outcome, reason[:300], timezone.now()
    logger.log(
        logging.ERROR if reason else logging.INFO,
        "keeping.%s kind=%s rows=%d files=%d bytes=%d seconds=%.0f %s",
        *(outcome, run.kind, run.rows, run.files, run.size, (run.finished_at - run.started_at).total_seconds(), reason),
    )
    try:
        run.save()
        if reason:
            _alert(run)
    except DatabaseError:
        if not reason:
            raise
        logger.exception("keeping.unrecorded kind=%s", run.kind)


def _alert(run):
    alerts.raise_alert(
        f"keeping-{run.kind}-failed-{run.pk}",
        _("%(what)s failed") % {"what": run.get_kind_display().capitalize()},
        severity=Severity.CRITICAL,
        text=f"{run.place}\n{run.error}",
    )
