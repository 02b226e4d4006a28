"""Sign-ins, sessions of staff, and maintenance."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from protection.enums import SignInOutcome


class SignIn(models.Model):
    """One attempt to sign in, or what became of a session: the audit that a security review asks for."""

    wagtail_reference_index_ignore = True
    SUCCESSES = (SignInOutcome.SIGNED_IN, SignInOutcome.VERIFIED, SignInOutcome.RECOVERY_CODE)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    username = models.CharField(_("name typed"), max_length=150, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=SignInOutcome)
    address = models.GenericIPAddressField(_("from"), null=True, blank=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("The administrator who did it for the person. Empty: the person."),
    )
    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("sign-in")
        ordering = ["-id"]
        indexes = [models.Index(fields=["username", "-id"], name="sign_in_of_name")]

    def __str__(self):
        return f"{self.username}: {self.get_outcome_display()}"


class StaffSession(models.Model):
    """An open session of somebody of the staff, so that it can be seen and ended. Goes with the session."""

    wagtail_reference_index_ignore = True

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_sessions", verbose_name=_("person")
    )
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    address = models.GenericIPAddressField(_("from"), null=True, blank=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("signed in"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("session")
        ordering = ["-seen_at"]

    def __str__(self):
        return f"{self.user} {self.started_at:%Y-%m-%d %H:%M}"


class Maintenance(models.Model):
    """A time in which the site only shows: nothing is sold, and the sentence says why. The newest open one counts."""

    wagtail_reference_index_ignore = True

    sentence = models.CharField(_("what visitors read"), max_length=240)
    started_at = models.DateTimeField(_("from"), auto_now_add=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("begun by")
    )

    class Meta:
        verbose_name = _("maintenance")
        ordering = ["-id"]

    def __str__(self):
        return self.sentence
