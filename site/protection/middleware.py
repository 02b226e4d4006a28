"""Access to what only staff open. Whoever still owes the second step is a stranger to the rest of the site."""

from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from wagtail.admin.auth import permission_denied

from common.http.middleware import Middleware
from protection.admin import wagtail_access
from protection.sign_in import second_step, sessions

STAFF_ONLY = ("/admin/", "/tickets/scan/", "/payments/sumup/connect/")
OPEN = {
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_complete",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_sprite",
    "second_step_verify",
}
SET_UP = "second_step_set_up"
PAGES_SIGN_IN = "wagtailcore_login"
"""Where private pages and documents send strangers: whoever owes the step would come back from it for ever."""


class StaffMiddleware(Middleware):
    """`request.user` is nobody until the step is done; `request.half_signed_in` is who gave the password."""

    def __call__(self, request):
        request.half_signed_in = request.user
        request.user = SimpleLazyObject(lambda: admitted_user(request.half_signed_in))
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.url_name
        staff_only = request.path_info.startswith(STAFF_ONLY)
        if not (staff_only or name == PAGES_SIGN_IN) or request.half_signed_in.is_anonymous:
            return None
        if name not in OPEN and second_step.is_second_step_owed(request.half_signed_in):
            return self.first_the_step(request, name)
        request.user = request.half_signed_in
        if staff_only and name != "wagtailadmin_logout":
            sessions.record_session_use(request)
        return None if wagtail_access.may_open_view(request, request.resolver_match) else permission_denied(request)

    def first_the_step(self, request, name):
        if second_step.find_confirmed_app(request.half_signed_in):
            target = reverse("second_step_verify")
        elif name == SET_UP:
            request.user = request.half_signed_in
            return None
        else:
            target = reverse(SET_UP)
        onward = wanted_page(request, name)
        return redirect(f"{target}?{urlencode({'next': onward})}" if onward else target)


def admitted_user(user):
    return AnonymousUser() if second_step.is_second_step_owed(user) else user


def wanted_page(request, name):
    """Empty when it cannot be asked for again."""
    if request.method not in ("GET", "HEAD"):
        return ""
    return request.GET.get("next", "") if name == PAGES_SIGN_IN else request.get_full_path()
