"""Where administrators pause polling and let it go on."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.menu import AdminOnlyMenuItem

from payments.domain.verification import polling_pause
from protection.admin.pages import AdminPage

SHOWN = 10


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=polling_pause.LONGEST_REASON,
        help_text=_("For the people who run the site. Buyers do not see it."),
        error_messages={"required": _("Please say why: the next person to look will want to know.")},
    )


class PollingView(AdminPage, View):
    """For administrators."""

    template_name = "payments/admin/polling.html"
    page_title = _("Polling")
    header_icon = "history"

    def get(self, request):
        return self.page(PauseForm())

    def post(self, request):
        if "end" in request.POST:
            polling_pause.end_pause(by=request.user)
            messages.success(request, _("Payments are looked at again, those that waited longest first."))
            return redirect("polling")
        form = PauseForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        polling_pause.begin_pause(form.cleaned_data["reason"], by=request.user)
        messages.warning(
            request, _("Polling is paused. Nothing expires meanwhile, and buyers read that they have to wait.")
        )
        return redirect("polling")

    def page(self, form, status=200):
        earlier = polling_pause.list_earlier_pauses()[:SHOWN]
        return self.render_page(form=form, current=polling_pause.get_current_pause(), earlier=earlier, status=status)


menu_item = AdminOnlyMenuItem(_("Polling"), reverse_lazy("polling"), name="polling", icon_name="history", order=960)
