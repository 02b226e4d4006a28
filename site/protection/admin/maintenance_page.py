"""The page where administrators begin and end the maintenance of the site."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.menu import AdminOnlyMenuItem

from protection.admin.pages import AdminPage
from protection.models import Maintenance
from protection.visitors import maintenance

SHOWN = 10


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
        earlier = Maintenance.objects.exclude(ended_at=None).select_related("by")[:SHOWN]
        return self.render_page(form=form, current=maintenance.find_open_maintenance(), earlier=earlier, status=status)


menu_item = AdminOnlyMenuItem(
    _("Maintenance"), reverse_lazy("maintenance"), name="maintenance", icon_name="warning", order=950
)
