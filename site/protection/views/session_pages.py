"""Pages of one's own open sessions."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from protection.models import StaffSession
from protection.sign_in import sessions
from protection.views.account_pages import for_staff, render_account_page
from protection.visitors import user_agents


@require_safe
@for_staff
def own_sessions(request):
    """Everybody, about themselves."""
    return render_account_page(
        request,
        "sessions",
        title=_("Your sessions"),
        rows=describe_sessions(sessions.list_open_sessions(request.user), request),
    )


@require_POST
@for_staff
def end_own_session(request, session_id):
    """Everybody, one of their own; this one by signing out."""
    row = get_object_or_404(StaffSession, pk=session_id, user=request.user)
    if row.session_key != request.session.session_key:
        sessions.end_session(row, by=request.user, request=request)
        messages.success(request, _("The session is ended."))
    return redirect("staff_sessions")


@require_POST
@for_staff
def end_other_own_sessions(request):
    """Everybody, their own."""
    count = sessions.end_sessions(request.user, by=request.user, but=request.session.session_key, request=request)
    words = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
    messages.success(request, words % {"count": count})
    return redirect("staff_sessions")


def describe_sessions(rows, request):
    """Adds `browser` in words and `is_this`, the session that looks."""
    for row in rows:
        row.browser = user_agents.describe_browser(row.agent)
        row.is_this = row.session_key == request.session.session_key
    return rows
