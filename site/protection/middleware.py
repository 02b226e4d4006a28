"""Where only staff go, a session is noted as seen, nobody gets in before the second step, and Wagtail's own views show
nobody's rows to others."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin.auth import permission_denied

from protection import second_step, sessions, wagtail_views

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


class StaffMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.path_info.startswith(STAFF_ONLY) or request.user.is_anonymous:
            return None
        name = request.resolver_match.url_name
        if name not in OPEN and second_step.is_owed(request.user):
            return self.first_the_step(request, name)
        if name != "wagtailadmin_logout":
            sessions.seen(request)
        return None if wagtail_views.may_open(request, request.resolver_match) else permission_denied(request)

    def first_the_step(self, request, name):
        """To the page that asks for the code, or, where one is required and none is set up, to the one that does."""
        if second_step.app_of(request.user):
            target = reverse("second_step_verify")
        elif name == SET_UP:
            return None
        else:
            target = reverse(SET_UP)
        back = {"next": request.get_full_path()} if request.method in ("GET", "HEAD") else {}
        return redirect(f"{target}?{urlencode(back)}" if back else target)
