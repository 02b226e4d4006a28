"""Pages of one's own second step: set up, pass, renew the recovery codes, remove."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from protection.sign_in import second_step
from protection.sign_in.forms import AnyCodeForm, CodeForm, PasswordForm
from protection.views.account_pages import for_staff, render_account_page, wanted_address

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
