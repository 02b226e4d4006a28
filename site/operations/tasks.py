"""What the worker does for itself. A thin leaf."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

FIRST = 100  # before everything else: a busy worker is alive


@db_periodic_task(crontab(minute="*"), priority=FIRST)
def beat():
    """Proves that tasks run."""
    from operations import heartbeats  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    heartbeats.beat()


@db_periodic_task(crontab(hour="3", minute="40"))
def forget_old_runs():
    """Workers that are gone."""
    from operations import heartbeats  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    heartbeats.forget_old()
