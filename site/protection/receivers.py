"""Signals of Django and django-axes about signing in, each written to the audit."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from common.http.network_addresses import client_address
from protection.enums import SignInOutcome
from protection.models import SignIn
from protection.sign_in import audit, lockout, sessions
from protection.signals import unusual


@receiver(user_logged_in, dispatch_uid="protection.signed_in")
def record_signed_in(sender, request, user, **kwargs):
    is_strange = user.is_superuser and audit.is_new_address(user, client_address(request))
    row = audit.record_sign_in_event(SignInOutcome.SIGNED_IN, request=request, user=user)
    sessions.begin_session(request, user)
    if is_strange:
        unusual.send(
            sender=SignIn,
            key=f"new place {row.pk}",
            title=_("An administrator signed in from a new address"),
            text=_("If none of you was somewhere new, end that session and change the password."),
            path=reverse("sign_in_person", args=[user.pk]),
        )


@receiver(user_login_failed, dispatch_uid="protection.refused")
def record_wrong_password(sender, credentials, request=None, **kwargs):
    """No row for attempts during a lockout, or whoever floods the form would flood the table; none for visitors who
    mistype the password of a page, who are not staff."""
    if getattr(request, "axes_locked_out", False) or lockout.is_shared_password(credentials):
        return
    audit.record_sign_in_event(
        SignInOutcome.WRONG_PASSWORD, request=request, username=credentials.get("username") or ""
    )


@receiver(user_locked_out, dispatch_uid="protection.locked_out")
def record_locked_out(sender, request, username, **kwargs):
    """At its beginning alone: axes repeats the signal for every attempt. The address is that of the network."""
    if request.axes_failures_since_start is not None:
        place = lockout.network_tried_from(request)
        audit.record_sign_in_event(SignInOutcome.LOCKED_OUT, request=request, username=username or "", address=place)


@receiver(user_logged_out, dispatch_uid="protection.signed_out")
def record_signed_out(sender, request, user, **kwargs):
    if user is not None:
        audit.record_sign_in_event(SignInOutcome.SIGNED_OUT, request=request, user=user)
        sessions.forget_session(request)
