"""Who guesses passwords is locked out: by name and address, for longer each time. django-axes counts.

Name and address together, because a name alone would let a stranger lock out the office, and an address alone would
lock out a whole house. Unknown names are treated as known ones are, so that nobody learns which exist.
"""

from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.shortcuts import render
from django.utils import timezone

from config.addresses import client_address
from protection import audit
from protection.enums import SignInOutcome
from protection.models import SignIn

PAUSES = [timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240)]
"""After each lockout of the last day; the last one for ever."""
LONGEST = PAUSES[-1]
REMEMBERED = timedelta(days=1)


class GrowingHandler(AxesDatabaseHandler):
    """axes' own counting, with a pause that grows. Attempts during a lockout neither count nor prolong it."""

    def get_user_attempts(self, request, credentials=None):
        since = timezone.now() - pause(get_client_username(request, credentials), request.axes_ip_address)
        return [rows.filter(attempt_time__gte=since) for rows in self.filter_user_attempts(request, credentials)]

    def clean_expired_user_attempts(self, request=None, credentials=None):
        """Whoever has sat out the pause starts afresh."""
        if request is None:
            return forget_old()
        since = timezone.now() - pause(get_client_username(request, credentials), request.axes_ip_address)
        own = self.filter_user_attempts(request, credentials)
        return sum(rows.filter(attempt_time__lt=since).delete()[0] for rows in own)


def typed_name(request, credentials=None):
    """The name that counts, as long as a name may be: a longer one is nobody's, and no database error either."""
    name = (credentials or {}).get("username") or request.POST.get("username", "")
    return name.replace("\0", "")[: audit.LONGEST_NAME]


def pause(username, address):
    """How long a lockout of this name from this address lasts now: the first 15 minutes, then twice as long."""
    since = timezone.now() - REMEMBERED
    mine = SignIn.objects.filter(username=username or "", address=address, at__gte=since)
    lifted = mine.filter(outcome=SignInOutcome.UNLOCKED).aggregate(at=Max("at"))["at"]
    lockouts = mine.filter(outcome=SignInOutcome.LOCKED_OUT, at__gt=lifted or since).count()
    return PAUSES[min(max(lockouts - 1, 0), len(PAUSES) - 1)]


def wait(username, address):
    """How much of the lockout is left; nothing when there is none."""
    newest = _attempts(username, address).aggregate(at=Max("attempt_time"))["at"]
    return max(newest + pause(username, address) - timezone.now(), timedelta(0)) if newest else timedelta(0)


def page(request, response, credentials=None):
    """What a locked out visitor reads: the same for every name, known or not."""
    left = wait(typed_name(request, credentials), client_address(request)) or timedelta(seconds=1)
    seconds = -(-left // timedelta(seconds=1))
    context = {"minutes": -(-seconds // 60)}
    response = render(request, "protection/locked_out.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def current():
    """The names that are locked out now, from where and until when; soonest over last."""
    rows = (
        AccessAttempt.objects.order_by()
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), newest=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    for row in rows:
        row["until"] = row["newest"] + pause(row["username"], row["ip_address"])
    return sorted((row for row in rows if row["until"] > timezone.now()), key=lambda row: row["until"], reverse=True)


def lift(username, address, *, by):
    """Lets this name try again from this address at once, and shortens the next lockout. True if there was one."""
    if not _attempts(username, address).delete()[0]:
        return False
    audit.record(SignInOutcome.UNLOCKED, user=audit.named(username), username=username, address=address, by=by)
    return True


def forget_old():
    """Attempts that no pause reaches back to. Safe to run twice at once."""
    return AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - LONGEST).delete()[0]


def _attempts(username, address):
    return AccessAttempt.objects.filter(username=username, ip_address=address)
