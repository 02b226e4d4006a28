"""Outcomes of signing in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInOutcome(models.TextChoices):
    SIGNED_IN = "signed_in", _("signed in")
    WRONG_PASSWORD = "wrong_password", _("wrong name or password")
    LOCKED_OUT = "locked_out", _("locked out")
    VERIFIED = "verified", _("second step passed")
    WRONG_CODE = "wrong_code", _("second step failed")
    RECOVERY_CODE = "recovery_code", _("second step passed with a recovery code")
    SIGNED_OUT = "signed_out", _("signed out")
    ENDED = "ended", _("session ended from the list")
    SECOND_STEP_ON = "second_step_on", _("second step set up")
    SECOND_STEP_OFF = "second_step_off", _("second step removed")
    NEW_RECOVERY = "new_recovery", _("new recovery codes made")
    UNLOCKED = "unlocked", _("lockout lifted")
