"""Periodic tasks of operations."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from operations.launch import kept_findings
from operations.models import TaskRun
from operations.monitoring import metrics, row_counts
from operations.worker import heartbeats, task_history

FIRST = 100  # before everything else: a busy worker is alive


@db_periodic_task(crontab(minute="*"), priority=FIRST)
def beat():
    """Does nothing: every task that ends well writes a heartbeat, and this one ends every minute."""


@db_periodic_task(crontab(hour="3", minute="40"))
def forget_old_runs():
    task_history.summarise_old_runs()
    row_counts.forget_sums(TaskRun)
    heartbeats.delete_old_heartbeats()


@db_periodic_task(crontab(hour="3", minute="5"))
def back_up():
    """When BACKUP_TO is set. Every worker tries, one does it; a failure raises an alert."""
    from operations.backup import create  # noqa: PLC0415 - boto3 starts slowly

    create.create_nightly_backup()


@db_periodic_task(crontab(minute="*/5"))
def look_at_slow_checks():
    kept_findings.look_at_due_checks()


@db_periodic_task(crontab(minute="*"))
def count_figures():
    metrics.count_figures()
