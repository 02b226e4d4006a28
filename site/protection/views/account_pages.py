"""The frame of the pages of one's own account, and who may open them."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from common.http.browser_policy import keep_private
from protection.sign_in import second_step


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
