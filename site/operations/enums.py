"""Enumerations of operations."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaskOutcome(models.TextChoices):
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")


class HealthStatus(models.TextChoices):
    """For machines: what `/health/` answers with."""

    OK = "ok", _("ok")
    DEGRADED = "degraded", _("works, with something to look at")
    FAILING = "failing", _("does not work")


class BackupRunKind(models.TextChoices):
    BACKUP = "backup", _("backup")
    RESTORE = "restore", _("restore")
    DRILL = "drill", _("restore drill")


class BackupRunOutcome(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Colour(models.TextChoices):
    """The colour of a launch check's finding."""

    GREEN = "green", _("fine")
    AMBER = "amber", _("look at it")
    RED = "red", _("not fit to launch")


class Urgency(models.TextChoices):
    MUST = "must", _("must before launch")
    SHOULD = "should", _("should soon")


class ManualCheck(models.TextChoices):
    """What no program can check before launch: a person confirms it."""

    REAL_PAYMENT = "real-payment", _("Paid with real money")
    REAL_REFUND = "real-refund", _("Refunded with real money")
    LOAD_TEST = "load-test", _("Load tested")
    UPTIME = "uptime-monitor", _("Uptime monitor set")
