from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.enums import CycleKind, Severity


class Alert(models.Model):
    """Something people must hear of, once: `key` says what. `next_attempt_at` is the queue, empty once it is mailed.

    No name and no e-mail address of a buyer in it: the reference leads to both, behind the admin's sign-in.
    """

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=120, unique=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.NOTICE)
    title = models.CharField(_("what"), max_length=200)
    text = models.TextField(_("details"), blank=True)
    path = models.CharField(_("where to look"), max_length=200, blank=True)
    to = models.CharField(
        _("also to"), max_length=254, blank=True, help_text=_("An organiser whom it concerns, besides ALERTS_EMAIL.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    raised_at = models.DateTimeField(_("raised"), auto_now_add=True)
    sent_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("alert")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="alert_owed")
        ]

    def __str__(self):
        return self.title


class PollingPause(models.Model):
    """A time in which no payment is looked at by itself, because somebody decided so. The newest open one counts."""

    wagtail_reference_index_ignore = True

    reason = models.CharField(_("why"), max_length=240)
    started_at = models.DateTimeField(_("from"), auto_now_add=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("begun by")
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    class Meta:
        verbose_name = _("pause of polling")
        verbose_name_plural = _("pauses of polling")
        ordering = ["-id"]

    def __str__(self):
        return self.reason


class WorkerCycle(models.Model):
    """One round of background work with SumUp: how much, how long, how well. Kept for two weeks."""

    wagtail_reference_index_ignore = True

    kind = models.CharField(_("kind"), max_length=8, choices=CycleKind)
    started_at = models.DateTimeField(_("started"), db_index=True)
    finished_at = models.DateTimeField(_("finished"))
    items = models.PositiveIntegerField(_("looked at"), default=0)
    calls = models.PositiveIntegerField(_("questions to SumUp"), default=0)
    errors = models.PositiveIntegerField(_("unanswered"), default=0)

    class Meta:
        db_table = "payments_cycle"  # from when it was called Cycle: no table moves for a name
        verbose_name = _("cycle")
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "-id"], name="cycle_of_kind")]

    def __str__(self):
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"
