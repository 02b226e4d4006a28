"""Lockout of those who guess passwords, by name and network, for longer each time. django-axes counts.

A name alone would let a stranger lock out the office, a network alone a whole house. A name that is guessed at from
many networks asks every form for proof of a person instead. Unknown names are treated as known ones are, so that nobody
learns which exist.
"""

from datetime import timedelta
from itertools import takewhile

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.shortcuts import render
from django.utils import timezone

from common.http.network_addresses import client_address, neighbour_network, parse_address
from protection.captcha import challenges
from protection.enums import SignInOutcome
from protection.models import SignIn
from protection.sign_in import audit
from protection.visitors import rate_limits

LOCKOUT_DURATIONS = [timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240)]
"""After each lockout of the last day; the last one for ever."""
LONGEST = LOCKOUT_DURATIONS[-1]
REMEMBERED = timedelta(days=1)
ATTACK = 15
"""Failures of one name within ATTACK_TIME: three networks that were locked out, and nobody's own mistakes."""
ATTACK_TIME = timedelta(hours=1)


class GrowingHandler(AxesDatabaseHandler):
    """axes' own counting, but the lockout grows. Attempts during a lockout, or without the proof that is asked for,
    neither count nor prolong it: no password is compared."""

    def is_locked(self, request, credentials=None):
        username = get_client_username(request, credentials)
        return super().is_locked(request, credentials) or note_missing_proof(request, username)

    def get_user_attempts(self, request, credentials=None):
        since = timezone.now() - lockout_duration(get_client_username(request, credentials), request.axes_ip_address)
        return [rows.filter(attempt_time__gte=since) for rows in self.filter_user_attempts(request, credentials)]

    def clean_expired_user_attempts(self, request=None, credentials=None):
        if request is None:
            return delete_old_attempts()
        since = timezone.now() - lockout_duration(get_client_username(request, credentials), request.axes_ip_address)
        own = self.filter_user_attempts(request, credentials)
        return sum(rows.filter(attempt_time__lt=since).delete()[0] for rows in own)


def username_tried(request, credentials=None):
    """Cut to what a name may have: a longer one is nobody's."""
    name = (credentials or {}).get("username") or request.POST.get("username", "")
    return name.replace("\0", "")[: audit.LONGEST_NAME]


def network_tried_from(request):
    """A network, because whoever has a whole one would have as many guesses as addresses."""
    return neighbour_network(client_address(request))


def lockout_duration(username, place):
    turns = SignIn.objects.filter(
        username=username or "",
        address=place,
        at__gte=timezone.now() - REMEMBERED,
        outcome__in=[SignInOutcome.LOCKED_OUT, SignInOutcome.UNLOCKED],
    ).values_list("outcome", flat=True)
    latest = turns[: len(LOCKOUT_DURATIONS)]
    in_a_row = list(takewhile(lambda outcome: outcome == SignInOutcome.LOCKED_OUT, latest))
    return LOCKOUT_DURATIONS[max(len(in_a_row) - 1, 0)]


def lockout_time_left(username, place):
    newest = _attempts_of(username, place).aggregate(at=Max("attempt_time"))["at"]
    return max(newest + lockout_duration(username, place) - timezone.now(), timedelta(0)) if newest else timedelta(0)


def is_under_attack(username):
    """Guessed at from more networks than its owner is ever in. The same for names that nobody has."""
    lately = AccessAttempt.objects.filter(username=username, attempt_time__gte=timezone.now() - ATTACK_TIME)
    return (lately.aggregate(failures=Sum("failures_since_start"))["failures"] or 0) >= ATTACK


def note_missing_proof(request, username):
    """True when the form has to bring proof of a person and does not. Whoever is signed in by that name needs none."""
    known = getattr(request, "user", None)
    if (known and known.get_username() == username) or not is_under_attack(username):
        return False
    bound = _proof_binding(request, username)
    request.owes_proof = not challenges.check_challenge(request, bound=bound, each_time=True)
    return request.owes_proof


def render_lockout(request, response, credentials=None):
    username = username_tried(request, credentials)
    if getattr(request, "owes_proof", False):
        return challenges.render_proof_page(request, bound=_proof_binding(request, username))
    left = lockout_time_left(username, network_tried_from(request)) or timedelta(seconds=1)
    seconds = -(-left // timedelta(seconds=1))
    if is_shared_password(credentials):
        return rate_limits.render_too_often(request, seconds)
    response = render(
        request, "protection/locked_out.html", {"minutes": rate_limits.whole_minutes(seconds)}, status=429
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def shared_password_credentials(restriction):
    """For a password of pages or documents that many share: counted as a name that nobody has."""
    return {"username": f"shared password of {restriction}", "shared": True}


def is_shared_password(credentials):
    return bool(credentials and credentials.get("shared"))


def is_guess_allowed(request, credentials):
    """For passwords that Django's `authenticate` never sees. When it says no, answer with `render_lockout`."""
    return AxesProxyHandler.is_allowed(request, credentials)


def record_guess(request, credentials, *, is_right):
    if is_right:
        _attempts_of(credentials["username"], network_tried_from(request)).delete()
    else:
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)


def list_lockouts():
    """Rows with username, ip_address and until; the last to end first."""
    rows = (
        AccessAttempt.objects.order_by()
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), newest=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    for row in rows:
        row["until"] = row["newest"] + lockout_duration(row["username"], row["ip_address"])
    return sorted((row for row in rows if row["until"] > timezone.now()), key=lambda row: row["until"], reverse=True)


def lift_lockout(username, address, *, by):
    """Lets this name try again at once from the network of `address`, and shortens its next lockout. False if there was
    none."""
    place = neighbour_network(parse_address(address or ""))
    if not _attempts_of(username, place).delete()[0]:
        return False
    audit.record_sign_in_event(SignInOutcome.UNLOCKED, username=username, address=place, by=by)
    return True


def delete_old_attempts():
    return AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - LONGEST).delete()[0]


def _attempts_of(username, place):
    return AccessAttempt.objects.filter(username=username, ip_address=place)


def _proof_binding(request, username):
    return f"sign-in {network_tried_from(request)} {username}"
