"""Pages about how everybody signs in, for administrators: lockouts, second steps, open sessions."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from django_otp.plugins.otp_totp.models import TOTPDevice

from protection.admin.pages import AdminPage, for_administrators
from protection.models import SignIn, StaffSession
from protection.sign_in import lockout, second_step, sessions
from protection.views.account_pages import describe_sessions
from protection.visitors import user_agents

LATEST = 20


class PeopleView(AdminPage, TemplateView):
    """Administrators."""

    http_method_names = ["get", "head"]
    template_name = "protection/admin/people.html"
    page_title = _lazy("Signing in")
    header_icon = "key"

    def get_context_data(self, **kwargs):
        app = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        rows = get_user_model().objects.filter(is_active=True).annotate(has_step=Exists(app))
        rows = rows.annotate(open_sessions=Count("staff_sessions")).order_by("username")
        return super().get_context_data(**kwargs) | {"people": rows, "lockouts": lockout.list_lockouts()}


class PersonView(AdminPage, TemplateView):
    """Administrators."""

    http_method_names = ["get", "head"]
    template_name = "protection/admin/person.html"
    header_icon = "key"

    @cached_property
    def person(self):
        return get_object_or_404(get_user_model(), pk=self.kwargs["user_id"])

    def get_page_title(self):
        return self.person.get_username()

    def get_trail(self):
        return [{"url": reverse("sign_in_people"), "label": PeopleView.page_title}]

    def get_context_data(self, **kwargs):
        latest = list(SignIn.objects.filter(user=self.person).select_related("by")[:LATEST])
        for row in latest:
            row.browser = user_agents.describe_browser(row.agent) if row.agent else ""
        return super().get_context_data(**kwargs) | {
            "person": self.person,
            "has_step": second_step.find_confirmed_app(self.person) is not None,
            "codes_left": second_step.count_recovery_codes(self.person),
            "rows": describe_sessions(sessions.list_open_sessions(self.person), self.request),
            "latest": latest,
        }


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
