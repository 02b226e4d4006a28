"""The launch check in the admin: quick checks at each request, slow ones as the worker found them; forms to tick."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.menu import AdminOnlyMenuItem

from common.text.typed_text import is_readable
from operations.enums import Colour, ManualCheck
from operations.launch import kept_findings, registry
from operations.launch.checks import manual
from operations.models import LaunchTick
from protection.admin.pages import AdminPage

ICONS = {Colour.GREEN: "success", Colour.AMBER: "warning", Colour.RED: "cross"}
EARLIER = 10


class TickForm(forms.Form):
    deed = forms.ChoiceField(choices=ManualCheck, widget=forms.HiddenInput)
    who = forms.CharField(label=_("Who did it"), max_length=120)
    done_on = forms.DateField(label=_("When"), initial=timezone.localdate)
    note = forms.CharField(
        label=_("Note"), max_length=240, required=False, help_text=_("Which order, how many buyers, where it reports.")
    )

    def clean_who(self):
        if not is_readable(self.cleaned_data["who"]):
            raise ValidationError(_("Write a name that others can read."))
        return self.cleaned_data["who"]

    def clean_done_on(self):
        if self.cleaned_data["done_on"] > timezone.localdate():
            raise ValidationError(_("That day is still to come."))
        return self.cleaned_data["done_on"]


class LaunchView(AdminPage, View):
    """Administrators only: it names accounts and settings."""

    template_name = "operations/launch.html"
    page_title = _("Launch check")
    header_icon = "circle-check"

    def get(self, request):
        return self.page()

    def post(self, request):
        if "look" in request.POST:
            return self.look()
        deed = request.POST.get("deed")
        if deed in ManualCheck.values and "withdraw" in request.POST:
            manual.withdraw_tick(deed, by=request.user)
            messages.success(request, _("The tick is withdrawn."))
            return redirect("launch")
        form = TickForm(request.POST, auto_id=f"{deed}-%s")
        if not form.is_valid():
            return self.page(form, status=422)
        manual.record_tick(by=request.user, **form.cleaned_data)
        messages.success(request, _("Ticked."))
        return redirect("launch")

    def look(self):
        is_done = kept_findings.request_look()
        done, asked = _("Looked at everything."), _("The worker looks now: load this page again in some seconds.")
        messages.success(self.request, done if is_done else asked)
        return redirect("launch")

    def page(self, form=None, status=200):
        found = kept_findings.build_page_report()
        context = {
            "go": found.go,
            "groups": [(urgency.label, [self.row_of(each, form) for each in rows]) for urgency, rows in found.groups()],
            "counts": [(colour, ICONS[colour], found.count(colour)) for colour in registry.WORST_FIRST],
            "is_look_wanted": kept_findings.is_look_wanted(),
            "withdrawn": LaunchTick.objects.exclude(withdrawn_at=None).select_related("withdrawn_by")[:EARLIER],
        }
        return self.render_page(status=status, **context)

    def row_of(self, result, form):
        """(result, icon, form to tick it or None); `form` is the one that was posted."""
        name = result.check.name
        if name not in ManualCheck.values:
            return result, ICONS[result.colour], None
        if form is None or form["deed"].value() != name:
            form = TickForm(initial={"deed": name, "who": self.request.user.get_full_name()}, auto_id=f"{name}-%s")
        return result, ICONS[result.colour], form


menu_item = AdminOnlyMenuItem(
    _("Launch check"), reverse_lazy("launch"), name="launch-check", icon_name="circle-check", order=1200
)
