"""Erasing a person, and the list of certificates.

An erasure reaches a person's orders of every organiser, so it takes a permission of its own: `add_erasure`, which
administrators have and may give to whoever answers for data protection. `view_erasure` opens the list.
"""

import django_filters
from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView

from protection.admin.pages import RestrictedView
from protection.admin.spreadsheets import StreamedExport
from ticketing.domain.privacy import erasure
from ticketing.models import Erasure
from ticketing.views.staff.order_actions import SeenOrderView

MAY_ERASE, MAY_SEE = "ticketing.add_erasure", "ticketing.view_erasure"


class ErasePersonView(SeenOrderView):
    """Shows what would go and what has to wait; a POST erases."""

    http_method_names = ["get", "head", "post"]
    page_title = gettext_lazy("Erase this person")
    template_name = "ticketing/admin/erase.html"

    def is_allowed(self):
        return super().is_allowed() and self.request.user.has_perm(MAY_ERASE)

    def get(self, request, **kwargs):
        if self.order.erased_at:
            return self.refuse(_("This person was erased already."))
        return self.page(plan=erasure.plan_erasure(self.order.buyer_email))

    def post(self, request, **kwargs):
        if self.order.erased_at:
            return self.refuse(_("This person was erased already."))
        certificate = erasure.erase_person(self.order.buyer_email, by=request.user)
        words = _("Certificate %(number)d: erased. What has to wait follows by itself.")
        messages.success(request, words % {"number": certificate.pk})
        return self.back()


class ErasureFilterSet(WagtailFilterSet):
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Date"), widget=DateRangePickerWidget)

    class Meta:
        model = Erasure
        fields = ["kind", "at"]


class ErasureReport(RestrictedView, StreamedExport, ReportView):
    """For whoever may see certificates. Nothing in it leads to a person."""

    model = Erasure
    page_title = gettext_lazy("Erasures")
    header_icon = "bin"
    index_url_name = "erasures_report"
    index_results_url_name = "erasures_report_results"
    filterset_class = ErasureFilterSet
    default_ordering = "-id"
    list_export = ["id", "at", "kind", "orders", "tickets", "baskets", "ended_before", "by"]
    export_headings = {"id": gettext_lazy("Certificate"), "at": gettext_lazy("When"), "kind": gettext_lazy("Why")}
    columns = [
        Column("id", label=gettext_lazy("Certificate")),
        DateColumn("at", label=gettext_lazy("When")),
        Column("kind", label=gettext_lazy("Why"), accessor="get_kind_display"),
        Column("orders", label=gettext_lazy("Orders")),
        Column("tickets", label=gettext_lazy("Tickets")),
        Column("baskets", label=gettext_lazy("Baskets")),
        Column("by", label=gettext_lazy("By"), accessor=lambda row: row.by or "–"),
    ]

    def may_open(self, user):
        return user.has_perm(MAY_SEE)

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("by")

    def get_filename(self):
        return "erasures"


class ErasuresMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm(MAY_SEE)
