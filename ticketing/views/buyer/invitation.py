"""The invitation code of a limited beta, and the cookie that remembers it."""

from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.utils.translation import gettext as _

from common import sales_mode
from protection.visitors import rate_limits
from ticketing.domain.catalogue import invitations
from ticketing.domain.errors import NotInvited

FIELD = "invitation"
LIFE = timedelta(days=90)


def is_visitor_invited(request):
    """By the cookie, or by the code of this very form."""
    mark = getattr(request, "invitation_mark", "") or request.COOKIES.get(settings.INVITATION_COOKIE_NAME, "")
    return invitations.is_invited(mark)


def accept_invitation(view):
    """Reads the code of a form with the buy box, and remembers it whatever else is wrong with the form."""

    @wraps(view)
    def asking(request, *args, **kwargs):
        typed = request.POST.get(FIELD, "") if sales_mode.is_by_invitation() else ""
        if not typed:
            return view(request, *args, **kwargs)
        if wait := rate_limits.seconds_to_wait(request, "invitation"):
            return rate_limits.render_too_often(request, wait)
        request.invitation_mark = invitations.find_invitation_mark(typed)
        response = view(request, *args, **kwargs)
        return set_invitation_cookie(response, request) if request.invitation_mark else response

    return asking


def explain_invitation_refusal(request, error):
    if isinstance(error, NotInvited) and request.POST.get(FIELD, "").strip():
        return NotInvited(_("We do not know this invitation code. Look at your invitation and type it again."))
    return error


def set_invitation_cookie(response, request):
    response.set_cookie(
        settings.INVITATION_COOKIE_NAME,
        request.invitation_mark,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
