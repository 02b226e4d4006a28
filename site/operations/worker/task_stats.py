"""Figures of the Tasks page: success rates, failures, workers, what comes next and what waits."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Max, Q, Sum
from django.utils.module_loading import autodiscover_modules
from huey.contrib.djhuey import HUEY
from redis.exceptions import RedisError

from operations.enums import TaskOutcome
from operations.models import Heartbeat, TaskRun
from operations.worker.task_history import TOTALS_WORKER, full_task_name

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SHOWN = 50


@dataclass(frozen=True)
class SuccessRate:
    good: int
    runs: int

    @property
    def per_cent(self):
        """Rounded down, so that 100 means all; None without a run."""
        return 100 * self.good // self.runs if self.runs else None


@dataclass(frozen=True)
class TaskStats:
    """`last` is the newest run."""

    name: str
    last: TaskRun
    day: SuccessRate
    week: SuccessRate

    @property
    def rates(self):
        return [self.day, self.week]


def list_task_stats(now):
    """Every task that ran in the last week, by name, in two queries."""
    lately = TaskRun.objects.exclude(worker=TOTALS_WORKER).filter(finished_at__gt=now - WEEK)
    day, good = Q(finished_at__gt=now - DAY), Q(outcome=TaskOutcome.DONE)
    rows = list(
        lately.order_by("name")
        .values("name")
        .annotate(
            newest=Max("finished_at"),
            week=Sum("runs"),
            week_good=Sum("runs", filter=good, default=0),
            day=Sum("runs", filter=day, default=0),
            day_good=Sum("runs", filter=day & good, default=0),
        )
    )
    last = _newest_runs(rows)
    rates = [(SuccessRate(row["day_good"], row["day"]), SuccessRate(row["week_good"], row["week"])) for row in rows]
    return [TaskStats(row["name"], last[row["name"]], *both) for row, both in zip(rows, rates, strict=True)]


def list_failed_runs():
    rows = TaskRun.objects.exclude(outcome=TaskOutcome.DONE).exclude(worker=TOTALS_WORKER)
    return rows.order_by("-finished_at", "-pk")[:SHOWN]


def list_workers():
    return Heartbeat.objects.all()[:SHOWN]


def _newest_runs(rows):
    if not rows:
        return {}
    wanted = reduce(or_, (Q(name=row["name"], finished_at=row["newest"]) for row in rows))
    return {run.name: run for run in TaskRun.objects.filter(wanted)}


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
    last, everything, found = minute + HORIZON, len(list(HUEY._registry.periodic_tasks)), {}
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
