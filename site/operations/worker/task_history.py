"""The history of tasks: a row per failed run, and one per hour, task and worker process for successful ones.

A failure's row has the reason and what is needed to run the task again. Successes are counted together so that a task
of every twenty seconds does not fill the table. No task fails because its run cannot be recorded.
"""

import logging
import threading
from datetime import timedelta
from numbers import Real

from django.apps import apps
from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.db.models import F, Max, Min, Sum
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from huey import signals
from huey.contrib.djhuey import HUEY

from common.logs import log_format
from common.logs.redaction import scrub_error_text, scrub_text
from operations.enums import TaskOutcome
from operations.models import TaskRun
from operations.worker import heartbeats

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=14)
LONGEST_REASON, LONGEST_WORD = 300, 64
TOTALS_WORKER = ""  # the worker of the rows that stand for everything older than KEPT_FOR

_hourly_rows = {}  # {(task, hour): pk of its row}, of this process
_hourly_rows_lock = threading.Lock()


class NotRepeatable(Exception):
    """This run cannot be repeated."""

    def __init__(self):
        super().__init__(_("This task is not known any more, or what it was given was not kept."))


@HUEY.signal(signals.SIGNAL_EXECUTING)
def mark_task_started(signal, task):
    log_format.task_id.set(task.id)
    task.began_at = timezone.now()


@HUEY.signal(signals.SIGNAL_COMPLETE)
def record_success(signal, task):
    record_outcome(task, TaskOutcome.DONE)


@HUEY.signal(signals.SIGNAL_ERROR)
def record_failure(signal, task, error=None):
    record_outcome(task, TaskOutcome.FAILED, describe_task_error(error))


@HUEY.signal(signals.SIGNAL_INTERRUPTED)
def record_interruption(signal, task):
    record_outcome(task, TaskOutcome.INTERRUPTED, _("the worker was stopped in the middle"))


def record_outcome(task, outcome, reason=""):
    """Writes a run and the worker's heartbeat. An error of the database is logged and not raised."""
    now = timezone.now()
    began = getattr(task, "began_at", now)
    fields = {"started_at": began, "finished_at": now, "worker": heartbeats.worker_name()}
    try:
        if outcome == TaskOutcome.DONE:
            _count_success(full_task_name(task), fields)
        else:
            fields |= {"arguments": repeatable_arguments(task), "error": str(reason)[:LONGEST_REASON]}
            TaskRun.objects.create(name=full_task_name(task), outcome=outcome, took=now - began, **fields)
        heartbeats.record_beat()
    except DatabaseTrouble as error:
        logger.warning("task.unrecorded name=%s error=%s", full_task_name(task), type(error).__name__)
    log_format.task_id.set("")


def repeat_task(run):
    """Enqueues the task of a failed run once more, with the same arguments. Raises NotRepeatable."""
    task = find_task(run.name)
    if task is None or not run.arguments:
        raise NotRepeatable
    task(*run.arguments["args"], **run.arguments["kwargs"])
    logger.info("task.again name=%s run=%s", run.name, run.pk)


def find_task(name):
    app, _dot, rest = name.partition(".tasks.")
    if not apps.is_installed(app) or not rest.isidentifier():
        return None
    try:
        task = import_string(name)
    except ImportError:
        return None
    return task if hasattr(task, "call_local") else None


def full_task_name(task):
    return f"{type(task).__module__}.{task.name}"


def repeatable_arguments(task):
    """What `repeat_task` needs; {} when it holds more than numbers and short words without personal data."""
    args, kwargs = task.data
    plain = all(_is_plain(value) for value in (*args, *kwargs.values()))
    return {"args": list(args), "kwargs": dict(kwargs)} if plain else {}


def describe_task_error(error):
    """The error's type and text, without tokens and addresses."""
    words = scrub_error_text(" ".join(str(error).split()))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


@transaction.atomic
def summarise_old_runs():
    """Merges runs older than KEPT_FOR into one row per task and outcome: totals never fall. Returns how many went."""
    old = TaskRun.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR).exclude(worker=TOTALS_WORKER)
    sums = {"runs": Sum("runs"), "took": Sum("took"), "first": Min("started_at"), "last": Max("finished_at")}
    for row in old.order_by().values("name", "outcome").annotate(**sums):
        _add_to_total(**row)
    return old.delete()[0]


def _add_to_total(*, name, outcome, runs, took, first, last):
    total, made = TaskRun.objects.get_or_create(
        name=name,
        outcome=outcome,
        worker=TOTALS_WORKER,
        defaults={"runs": runs, "took": took, "started_at": first, "finished_at": last},
    )
    if not made:
        TaskRun.objects.filter(pk=total.pk).update(runs=F("runs") + runs, took=F("took") + took, finished_at=last)


def _count_success(name, fields):
    """Adds a run to the row of this hour. Two threads at once may begin an hour with two rows: both count."""
    began, ended = fields["started_at"], fields["finished_at"]
    key = (name, ended.replace(minute=0, second=0, microsecond=0))
    sums = {"runs": F("runs") + 1, "took": F("took") + (ended - began)}
    row = TaskRun.objects.filter(pk=_hourly_rows.get(key), name=name, outcome=TaskOutcome.DONE)
    if row.update(started_at=began, finished_at=ended, **sums):
        return
    row = TaskRun.objects.create(name=name, outcome=TaskOutcome.DONE, took=ended - began, **fields)
    with _hourly_rows_lock:
        for old in [each for each in _hourly_rows if each[0] == name]:
            del _hourly_rows[old]
        _hourly_rows[key] = row.pk


def _is_plain(value):
    if isinstance(value, str):
        return len(value) <= LONGEST_WORD and scrub_text(value) == value
    return value is None or isinstance(value, Real)
