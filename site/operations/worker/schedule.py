"""Periodic tasks that come next, and the length of the queue."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.module_loading import autodiscover_modules
from huey.contrib.djhuey import HUEY
from redis.exceptions import RedisError

from operations.worker.task_history import full_task_name

HORIZON = timedelta(days=8)  # a week, and a day to be sure


@dataclass(frozen=True)
class UpcomingTask:
    """A periodic task and its next minute (aware UTC)."""

    name: str
    at: datetime


@dataclass(frozen=True)
class QueueLength:
    """Tasks that wait for a worker (`pending`) or for their time (`scheduled`)."""

    pending: int
    scheduled: int


def list_upcoming_tasks(now):
    autodiscover_modules("tasks")
    minute = now.astimezone(UTC).replace(second=0, microsecond=0, tzinfo=None)  # as the queue reads its clock
    last, everything, found = minute + HORIZON, _count_periodic_tasks(), {}
    while minute < last and len(found) < everything:
        minute += timedelta(minutes=1)
        for task in HUEY.read_periodic(minute):
            found.setdefault(full_task_name(task), UpcomingTask(full_task_name(task), minute.replace(tzinfo=UTC)))
    return sorted(found.values(), key=lambda each: (each.at, each.name))


def count_waiting_tasks():
    """None when the queue does not answer."""
    try:
        return QueueLength(HUEY.pending_count(), HUEY.scheduled_count())
    except (RedisError, sqlite3.Error):
        return None


def _count_periodic_tasks():
    return len(list(HUEY._registry.periodic_tasks))
