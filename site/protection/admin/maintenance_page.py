"""What maintenance refuses, and the page where administrators begin and end it."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.menu import AdminOnlyMenuItem

from protection.admin.pages import AdminPage
from protection.models import Maintenance
from protection.privacy import keep_private
from protection.visitors import maintenance

SAFE = ("GET", "HEAD", "OPTIONS")
RETRY_AFTER = 300  # seconds


class MaintenanceMiddleware:
    """Nobody outside changes anything while the site only shows: 503 with the sentence. Staff, doors and the answers
    of SumUp and of mail providers (MAINTENANCE_EXEMPT) go on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in SAFE or request.path_info.startswith(settings.MAINTENANCE_EXEMPT):
            return self.get_response(request)
        sentence = maintenance.current_sentence()
        return refused(request, sentence) if sentence else self.get_response(request)


def refused(request, sentence):
    response = render(request, "protection/maintenance.html", {"sentence": sentence}, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return keep_private(response)


class SentenceForm(forms.Form):
    sentence = forms.CharField(
        label=_("What visitors read"),
        max_length=240,
        initial=_("We are working on the site and sell nothing for a moment. Tickets already bought are safe."),
        help_text=_("One sentence, in place of the buttons. Say when it goes on, if you know."),
    )


class MaintenanceView(AdminPage, View):
    """For administrators: begins and ends the maintenance of the whole site."""

    template_name = "protection/admin/maintenance.html"
    page_title = _("Maintenance")
    header_icon = "warning"

    def get(self, request):
        current = maintenance.find_open_maintenance()
        return self.page(SentenceForm(initial={"sentence": current.sentence} if current else None))

    def post(self, request):
        if "end" in request.POST:
            maintenance.end_maintenance(by=request.user)
            messages.success(request, _("The site sells again."))
            return redirect("maintenance")
        form = SentenceForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        maintenance.begin_maintenance(form.cleaned_data["sentence"], by=request.user)
        messages.warning(request, _("Selling is paused. Visitors read your sentence."))
        return redirect("maintenance")

    def page(self, form, status=200):
        context = {
            "form": form,
            "current": maintenance.find_open_maintenance(),
            "earlier": Maintenance.objects.exclude(ended_at=None),
        }
        context["earlier"] = context["earlier"].select_related("by")[:10]
        return self.render_to_response(self.get_context_data(**context), status=status)


menu_item = AdminOnlyMenuItem(
    _("Maintenance"), reverse_lazy("maintenance"), name="maintenance", icon_name="warning", order=950
)
