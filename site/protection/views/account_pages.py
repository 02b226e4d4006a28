"""Pages of one's own account: their frame and who may open them, the second step, open sessions."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.http.browser_policy import keep_private
from protection.models import StaffSession
from protection.sign_in import second_step, sessions
from protection.sign_in.forms import AnyCodeForm, CodeForm, PasswordForm
from protection.visitors import user_agents


def for_staff(view):
    """Signed in; the middleware keeps back who owes a second step. No cache keeps the page: it shows secrets."""

    @never_cache
    @login_required(login_url="wagtailadmin_login")
    @wraps(view)
    def guarded(request, *args, **kwargs):
        return keep_private(view(request, *args, **kwargs))

    return guarded


def render_account_page(request, template, *, title, status=200, **context):
    """Inside the admin for whoever may open that; alone for whoever may not, such as door staff, or owes the second
    step."""
    at_home = request.user.has_perm("wagtailadmin.access_admin") and not second_step.is_second_step_owed(request.user)
    frame = "wagtailadmin/generic/base.html" if at_home else "protection/alone.html"
    context |= {"frame": frame, "at_home": at_home, "page_title": title, "header_title": title, "header_icon": "key"}
    return render(request, f"protection/{template}.html", context, status=status)


def wanted_address(request, default):
    target = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else default


ASKS = ["GET", "HEAD", "POST"]


@require_http_methods(ASKS)
@sensitive_post_parameters()
@for_staff
def verify_second_step(request):
    """Whoever gave the right password and has an app set up."""
    home = reverse("wagtailadmin_home")
    if request.user.is_verified() or not second_step.find_confirmed_app(request.user):
        return redirect(wanted_address(request, home))
    form = AnyCodeForm(request.POST or None)
    if form.is_valid() and _try_code(form, second_step.verify_code, request) is not None:
        return redirect(wanted_address(request, home))
    page = {"form": form, "next": wanted_address(request, home), "status": _status(form)}
    return render_account_page(request, "verify", title=_("Second step"), **page)


@require_safe
@for_staff
def second_step_overview(request):
    """Everybody, about themselves."""
    if not second_step.find_confirmed_app(request.user):
        return redirect("second_step_set_up")
    left = second_step.count_recovery_codes(request.user)
    return render_account_page(request, "second_step", title=_("Two-factor sign-in"), codes_left=left)


@require_http_methods(ASKS)
@sensitive_post_parameters()
@for_staff
def set_up_second_step(request):
    """Everybody who has no app set up yet. Whoever is required to have one sees no other page before."""
    if second_step.find_confirmed_app(request.user):
        return redirect("second_step")
    form = CodeForm(request.POST or None)
    if form.is_valid() and (codes := _try_code(form, second_step.confirm_app, request)):
        return _show_codes(request, codes)
    device = second_step.begin_app_setup(request)
    page = {"form": form, "next": wanted_address(request, ""), "status": _status(form)}
    page |= {"secret": second_step.readable_secret(device), "drawing": second_step.draw_app_code(device)}
    return render_account_page(request, "set_up", title=_("Set up two-factor sign-in"), **page)


@require_http_methods(ASKS)
@sensitive_post_parameters()
@for_staff
def new_recovery_codes(request):
    """Everybody who has an app set up, with their password."""
    if not second_step.find_confirmed_app(request.user):
        return redirect("second_step_set_up")
    form = PasswordForm(request.POST or None, request=request)
    if form.is_valid():
        return _show_codes(request, second_step.renew_recovery_codes(request.user, request=request))
    return render_account_page(request, "new_codes", title=_("New recovery codes"), form=form, status=_status(form))


@require_http_methods(ASKS)
@sensitive_post_parameters()
@for_staff
def remove_own_second_step(request):
    """Everybody who has an app set up, with their password."""
    form = PasswordForm(request.POST or None, request=request)
    if form.is_valid():
        second_step.remove_second_step(request.user, request=request)
        messages.success(request, _("Two-factor sign-in is removed."))
        return redirect("second_step")
    return render_account_page(request, "remove", title=_("Remove two-factor sign-in"), form=form, status=_status(form))


def _try_code(form, step, request):
    """What the step returns (True for nothing), or None with the refusal beside the field."""
    try:
        answer = step(request, form.cleaned_data["code"])
    except second_step.WrongCode as error:
        form.add_error("code", error.message)
        return None
    return True if answer is None else answer


def _show_codes(request, codes):
    onward = wanted_address(request, reverse("second_step"))
    return render_account_page(request, "recovery_codes", title=_("Your recovery codes"), codes=codes, onward=onward)


def _status(form):
    return 422 if form.errors else 200


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
