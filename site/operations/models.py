"""Task runs, workers' heartbeats, backup runs, findings and ticks of the launch check."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from operations.enums import BackupRunKind, BackupRunOutcome, Colour, ManualCheck, TaskOutcome


class TaskRun(models.Model):
    """Runs of a task. Written by `operations.worker.task_history` alone, kept for two weeks.

    One row per failure. Successful runs of a task share a row per hour and worker process: `started_at` and
    `finished_at` are those of the last of its `runs`, `took` is the time of all of them.
    """

    wagtail_reference_index_ignore = True

    name = models.CharField(_("task"), max_length=120)
    arguments = models.JSONField(
        _("with"), default=dict, help_text=_("Of a failure: ids and times only; what “run again” uses.")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=TaskOutcome)
    runs = models.PositiveIntegerField(_("runs"), default=1)
    took = models.DurationField(_("time taken"), default=timedelta)
    error = models.CharField(_("reason"), max_length=300, blank=True)
    worker = models.CharField(_("worker"), max_length=120)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("ended"), db_index=True)

    class Meta:
        verbose_name = _("task run")
        ordering = ["-id"]
        indexes = [models.Index(fields=["name", "-id"], name="task_run_of_task")]

    def __str__(self):
        return f"{self.name} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def seconds(self):
        return (self.finished_at - self.started_at).total_seconds()


class Heartbeat(models.Model):
    """A worker process that was alive at `beat_at`; written by a task, so it proves that tasks run."""

    wagtail_reference_index_ignore = True

    worker = models.CharField(_("worker"), max_length=120, unique=True)
    started_at = models.DateTimeField(_("started"))
    beat_at = models.DateTimeField(_("last beat"), db_index=True)

    class Meta:
        verbose_name = _("worker")
        ordering = ["-beat_at"]

    def __str__(self):
        return self.worker


class BackupRun(models.Model):
    """A backup, a restore or a restore drill. Figures only, no content."""

    wagtail_reference_index_ignore = True

    kind = models.CharField(_("kind"), max_length=8, choices=BackupRunKind)
    outcome = models.CharField(_("outcome"), max_length=8, choices=BackupRunOutcome, default=BackupRunOutcome.RUNNING)
    place = models.CharField(_("where"), max_length=300, blank=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    files = models.PositiveIntegerField(_("files"), default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    lost = models.PositiveBigIntegerField(_("rows that differ"), default=0)
    error = models.CharField(_("reason"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        db_table = "operations_keepingrun"  # the name it was made with
        verbose_name = _("backup run")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class LaunchTick(models.Model):
    """Somebody's confirmation of a manual launch check. Never deleted but withdrawn, by whom and when."""

    wagtail_reference_index_ignore = True

    deed = models.CharField(_("what"), max_length=20, choices=ManualCheck)
    who = models.CharField(_("who did it"), max_length=120)
    done_on = models.DateField(_("when"))
    note = models.CharField(_("note"), max_length=240, blank=True)
    ticked_at = models.DateTimeField(_("ticked"), auto_now_add=True)
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("ticked by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    class Meta:
        verbose_name = _("launch tick")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deed"], condition=models.Q(withdrawn_at=None), name="launch_tick_one_holds"
            )
        ]

    def __str__(self):
        return f"{self.get_deed_display()}, {self.who}, {self.done_on}"


class LaunchFinding(models.Model):
    """What the worker found of a slow launch check. Written by `operations.launch.kept_findings` alone."""

    wagtail_reference_index_ignore = True

    name = models.CharField(_("check"), max_length=60, unique=True)
    colour = models.CharField(_("colour"), max_length=5, choices=Colour)
    words = models.TextField(_("what was found"))
    todo = models.TextField(_("what to do"), blank=True)
    settings_mark = models.CharField(_("settings it was found with"), max_length=64)
    looked_at = models.DateTimeField(_("looked at"))
    took = models.DurationField(_("time taken"))
    wanted_at = models.DateTimeField(_("asked for"), null=True, blank=True)

    class Meta:
        verbose_name = _("launch finding")
        ordering = ["name"]

    def __str__(self):
        return f"{self.name} {self.looked_at:%Y-%m-%d %H:%M}"
