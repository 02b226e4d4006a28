"""How everybody signs in, for administrators: who is locked out, who has a second step, which sessions are open."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from protection import browsers
from protection.admin.pages import for_administrators
from protection.models import SignIn, StaffSession
from protection.sign_in import lockout, second_step, sessions
from protection.views.session_pages import describe_sessions

LATEST = 20


def page(request, template, title, *trail, **context):
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}, *trail, {"url": "", "label": title}]
    context |= {"breadcrumbs_items": crumbs, "header_title": title, "page_title": title, "header_icon": "key"}
    return render(request, f"protection/admin/{template}.html", context)


@require_safe
@for_administrators
def people(request):
    """Administrators."""
    app = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    rows = get_user_model().objects.filter(is_active=True).annotate(has_step=Exists(app))
    rows = rows.annotate(open_sessions=Count("staff_sessions")).order_by("username")
    return page(request, "people", _("Signing in"), people=rows, lockouts=lockout.list_lockouts())


@require_safe
@for_administrators
def person(request, user_id):
    """Administrators."""
    user = get_object_or_404(get_user_model(), pk=user_id)
    latest = list(SignIn.objects.filter(user=user).select_related("by")[:LATEST])
    for row in latest:
        row.browser = browsers.in_words(row.agent) if row.agent else ""
    context = {
        "person": user,
        "has_step": second_step.find_confirmed_app(user) is not None,
        "codes_left": second_step.count_recovery_codes(user),
        "rows": describe_sessions(sessions.list_open_sessions(user), request),
        "latest": latest,
    }
    trail = {"url": reverse("sign_in_people"), "label": _("Signing in")}
    return page(request, "person", user.get_username(), trail, **context)


@require_POST
@for_administrators
def lift_lockout(request):
    """Administrators."""
    name = request.POST.get("username", "")
    if lockout.lift_lockout(name, request.POST.get("address") or None, by=request.user):
        messages.success(request, _("%(name)s may try again now.") % {"name": name})
    return redirect("sign_in_people")


@require_POST
@for_administrators
def reset_second_step(request, user_id):
    """Administrators, for somebody who has lost their telephone and the recovery codes."""
    user = get_object_or_404(get_user_model(), pk=user_id)
    if second_step.remove_second_step(user, request=request, by=request.user):
        messages.success(
            request,
            _("The second step of %(name)s is removed, and their sessions are ended.") % {"name": user.get_username()},
        )
    return redirect("sign_in_person", user.pk)


@require_POST
@for_administrators
def end_session_of_person(request, user_id, session_id):
    """Administrators."""
    row = get_object_or_404(StaffSession, pk=session_id, user_id=user_id)
    sessions.end_session(row, by=request.user, request=request)
    messages.success(request, _("The session is ended."))
    return redirect("sign_in_person", user_id)


@require_POST
@for_administrators
def end_sessions_of_person(request, user_id):
    """Administrators; the one they are looking with stays."""
    user = get_object_or_404(get_user_model(), pk=user_id)
    count = sessions.end_sessions(user, by=request.user, but=request.session.session_key, request=request)
    words = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
    messages.success(request, words % {"count": count})
    return redirect("sign_in_person", user.pk)
