"""Tasks as the worker takes them, and workers that beat."""

from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone
from huey.contrib import djhuey
from huey.contrib.djhuey import HUEY

from operations.enums import TaskOutcome
from operations.models import Heartbeat, TaskRun
from operations.worker import heartbeats


def run(task):
    """What a thread of the worker does with a task from the queue, but that the test's connection stays open."""
    with patch.object(djhuey, "close_old_connections"):
        HUEY.execute(HUEY.deserialize_task(HUEY.serialize_task(task)))


def selects(queries):
    """How many questions; not what PostgreSQL needs to keep each of them short."""
    return sum(query["sql"].startswith("SELECT") for query in queries)


def make_beat(*, ago=timedelta(), worker="host:1"):
    at = timezone.now() - ago
    return Heartbeat.objects.update_or_create(worker=worker, defaults={"started_at": at, "beat_at": at})[0]


def make_run(name="payments.tasks.send_alerts", outcome=TaskOutcome.DONE, *, ago=timedelta(), seconds=2, **fields):
    ended = timezone.now() - ago
    took = timedelta(seconds=seconds)
    fields = {"worker": "host:1", "started_at": ended - took, "finished_at": ended, "took": took} | fields
    return TaskRun.objects.create(name=name, outcome=outcome, **fields)


def forget_beats():
    """The next task that ends well beats, however long ago the last one did."""
    heartbeats._next_beat = 0
