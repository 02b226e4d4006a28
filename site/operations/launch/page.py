"""The launch check in the admin: the same findings as the command's, looked for anew each time the page is opened."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import AdminOnlyMenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from operations.enums import Colour
from operations.launch import report

ICONS = {Colour.GREEN: "success", Colour.AMBER: "warning", Colour.RED: "cross"}


class LaunchView(WagtailAdminTemplateMixin, TemplateView):
    """Administrators only: it names accounts and settings. It changes nothing."""

    template_name = "operations/launch.html"
    page_title = _("Launch check")
    header_icon = "circle-check"
    _show_breadcrumbs = True

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        found = report.run()
        groups = [(urgency.label, [(each, ICONS[each.colour]) for each in rows]) for urgency, rows in found.groups()]
        counts = [(colour, ICONS[colour], found.count(colour)) for colour in report.WORST_FIRST]
        return super().get_context_data(**kwargs) | {"go": found.go, "groups": groups, "counts": counts}


menu_item = AdminOnlyMenuItem(
    _("Launch check"), reverse_lazy("launch"), name="launch-check", icon_name="circle-check", order=1200
)
