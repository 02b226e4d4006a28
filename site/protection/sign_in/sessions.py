"""Open sessions of staff. The session itself stays Django's; a row beside it makes it visible, so that it can be
ended."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from common.http.middleware import Middleware
from common.http.network_addresses import client_address
from protection.enums import SignInOutcome
from protection.models import StaffSession
from protection.sign_in import audit

MARK = "staff_session"
BEGAN = "signed_in_at"  # seconds of the epoch: from then on STAFF_SESSION_AGE counts, whatever is done meanwhile
SEEN_EVERY = timedelta(minutes=5)


class AbsoluteEndMiddleware(Middleware):
    """Signs out whoever signed in longer ago than STAFF_SESSION_AGE. Reads the session only where somebody asks who the
    visitor is. Stands behind Django's middleware that knows people, and before all that ask it."""

    def __call__(self, request):
        request.user = SimpleLazyObject(partial(user_unless_session_over, request, request.user))
        return self.get_response(request)


def user_unless_session_over(request, user):
    if user.is_anonymous or not is_session_over(request.session):
        return user
    forget_session(request)
    request.session.flush()
    return AnonymousUser()


def is_session_over(session):
    """A session that does not say when it began is from before that was noted, and over."""
    return timezone.now().timestamp() - session.get(BEGAN, 0) >= settings.STAFF_SESSION_AGE.total_seconds()


def begin_session(request, user):
    request.session[BEGAN] = int(timezone.now().timestamp())
    record_open_session(request, user)


def record_open_session(request, user):
    session = request.session
    if not session.session_key:  # Django emptied another person's session and has not named the new one yet
        session.save()
    row, _new = StaffSession.objects.update_or_create(
        session_key=session.session_key, defaults={"user": user, **_request_traces(request)}
    )
    _mark_session(session, row.pk)


def record_session_use(request):
    """Writes every five minutes, and whenever Django has given the session another key.

    Changing the session also moves its end, so SESSION_COOKIE_AGE counts from the last use. STAFF_SESSION_AGE does not.
    """
    mark = request.session.get(MARK)
    if mark is None:
        record_open_session(request, request.user)
    elif mark["key"] != request.session.session_key or _is_stale(mark["at"]):
        here = {"session_key": request.session.session_key, **_request_traces(request)}
        StaffSession.objects.filter(pk=mark["row"]).update(**here)
        _mark_session(request.session, mark["row"])


def renew_session_key(request):
    """For a session that may do more from now on: the old key is worth nothing."""
    request.session.cycle_key()
    record_session_use(request)


def list_open_sessions(*users):
    """Those that still let somebody in, last used first: not of a person who was set inactive, or whose password has
    changed since."""
    rows = list(StaffSession.objects.filter(user__in=users).select_related("user"))
    stored = Session.objects.filter(expire_date__gt=timezone.now()).in_bulk([row.session_key for row in rows])
    return [row for row in rows if row.session_key in stored and _lets_in(row.user, stored[row.session_key])]


def end_session(row, *, by, request=None):
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
    helper = by if by and by.pk != row.user_id else None
    audit.record_sign_in_event(SignInOutcome.ENDED, request=request, user=row.user, by=helper)


def end_sessions(user, *, by, but=None, request=None):
    """Returns how many; the session with the key `but` stays."""
    rows = StaffSession.objects.filter(user=user).exclude(session_key=but or "")
    for row in rows.select_related("user"):
        end_session(row, by=by, request=request)
    return len(rows)


def forget_session(request):
    StaffSession.objects.filter(session_key=request.session.session_key or "").delete()


def prune_sessions():
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    gone = StaffSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    return gone.filter(seen_at__lt=timezone.now() - SEEN_EVERY).delete()[0]


def _request_traces(request):
    return {"address": client_address(request), "agent": audit.user_agent_of(request), "seen_at": timezone.now()}


def _mark_session(session, row_id):
    session[MARK] = {"row": row_id, "key": session.session_key, "at": timezone.now().isoformat()}


def _is_stale(at):
    return timezone.now() - datetime.fromisoformat(at) > SEEN_EVERY


def _lets_in(user, session):
    data = session.get_decoded()
    same = data.get(SESSION_KEY) == str(user.pk) and not is_session_over(data)
    return (
        same and user.is_active and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
