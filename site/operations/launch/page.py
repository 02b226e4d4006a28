"""The launch check in the admin: the same findings as the command's, looked for anew each time the page is opened."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import AdminOnlyMenuItem

from operations.enums import Colour
from operations.launch import report
from protection.admin_pages import AdminPage

ICONS = {Colour.GREEN: "success", Colour.AMBER: "warning", Colour.RED: "cross"}


class LaunchView(AdminPage, TemplateView):
    """Administrators only: it names accounts and settings. It changes nothing."""

    template_name = "operations/launch.html"
    page_title = _("Launch check")
    header_icon = "circle-check"

    def get_context_data(self, **kwargs):
        found = report.run()
        groups = [(urgency.label, [(each, ICONS[each.colour]) for each in rows]) for urgency, rows in found.groups()]
        counts = [(colour, ICONS[colour], found.count(colour)) for colour in report.WORST_FIRST]
        return super().get_context_data(**kwargs) | {"go": found.go, "groups": groups, "counts": counts}


menu_item = AdminOnlyMenuItem(
    _("Launch check"), reverse_lazy("launch"), name="launch-check", icon_name="circle-check", order=1200
)
