"""The books in Wagtail's admin: daily reports, what differs, and SumUp's own lines. Nobody writes a figure here."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from payments.admin.discrepancy_viewset import DiscrepancyViewSet
from payments.admin.movement_viewset import MovementViewSet
from payments.admin.report_viewset import RunViewSet


class MoneyViewSetGroup(ViewSetGroup):
    menu_label = _("Money")
    menu_icon = "list-ol"
    menu_order = 230
    items = (RunViewSet, DiscrepancyViewSet, MovementViewSet)
