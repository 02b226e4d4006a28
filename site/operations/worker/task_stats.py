"""How each task went lately: what the Tasks page shows."""

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Max, Q, Sum

from operations.enums import TaskOutcome
from operations.models import Heartbeat, TaskRun
from operations.worker.task_history import TOTALS_WORKER

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SHOWN = 50


@dataclass(frozen=True)
class SuccessRate:
    """`good` of `runs` went well."""

    good: int
    runs: int

    @property
    def per_cent(self):
        """Rounded down, so that 100 means all of them; None without a run."""
        return 100 * self.good // self.runs if self.runs else None


@dataclass(frozen=True)
class TaskStats:
    """One kind of task; `last` is its newest run."""

    name: str
    last: TaskRun
    day: SuccessRate
    week: SuccessRate

    @property
    def rates(self):
        return [self.day, self.week]


def list_task_stats(now):
    """Every task that ran in the last week, by name, in two queries."""
    rows = (
        TaskRun.objects.exclude(worker=TOTALS_WORKER).filter(finished_at__gt=now - WEEK).order_by("name").values("name")
    )
    day, good = Q(finished_at__gt=now - DAY), Q(outcome=TaskOutcome.DONE)
    rows = list(
        rows.annotate(
            newest=Max("finished_at"),
            week=Sum("runs"),
            week_good=Sum("runs", filter=good, default=0),
            day=Sum("runs", filter=day, default=0),
            day_good=Sum("runs", filter=day & good, default=0),
        )
    )
    last = _newest_runs(rows)
    return [
        TaskStats(
            row["name"],
            last[row["name"]],
            SuccessRate(row["day_good"], row["day"]),
            SuccessRate(row["week_good"], row["week"]),
        )
        for row in rows
    ]


def list_failed_runs():
    """What did not end well, the newest first."""
    rows = TaskRun.objects.exclude(outcome=TaskOutcome.DONE).exclude(worker=TOTALS_WORKER)
    return rows.order_by("-finished_at", "-pk")[:SHOWN]


def list_workers():
    return Heartbeat.objects.all()[:SHOWN]


def _newest_runs(rows):
    if not rows:
        return {}
    wanted = reduce(or_, (Q(name=row["name"], finished_at=row["newest"]) for row in rows))
    return {run.name: run for run in TaskRun.objects.filter(wanted)}
