"""What the worker does for itself. A thin leaf."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from operations.backup import nightly_backup
from operations.worker import heartbeats, task_history

FIRST = 100  # before everything else: a busy worker is alive


@db_periodic_task(crontab(minute="*"), priority=FIRST)
def beat():
    """Nothing to do: whatever ends well is a sign of life (`worker.task_history`), and this does every minute."""


@db_periodic_task(crontab(hour="3", minute="40"))
def forget_old_runs():
    """Runs of weeks ago, and workers that are gone."""
    task_history.summarise_old_runs()
    heartbeats.delete_old_heartbeats()


@db_periodic_task(crontab(hour="3", minute="5"))
def back_up():
    """When BACKUP_TO is set. Every worker tries, one does; a failure is recorded and alerted already."""
    nightly_backup.create_nightly_backup()
