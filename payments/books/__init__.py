"""The books in Wagtail's admin: daily reports, what differs, and SumUp's own lines. Nobody writes a figure here."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from payments.books.discrepancies import DiscrepancyViewSet
from payments.books.movements import MovementViewSet
from payments.books.reports import RunViewSet


class MoneyViewSetGroup(ViewSetGroup):
    menu_label = _("Money")
    menu_icon = "list-ol"
    menu_order = 230
    items = (RunViewSet, DiscrepancyViewSet, MovementViewSet)
