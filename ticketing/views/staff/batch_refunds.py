"""Refunding everybody who holds a ticket of one sale, in the admin."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ticketing.admin.forms import RefundBatchForm
from ticketing.admin.permissions import may_edit_page
from ticketing.domain.orders import batch_refunds
from ticketing.enums import BatchState
from ticketing.models import EventSale, RefundBatch
from ticketing.views.staff.order_actions import FormActionMixin

MOST_LISTED = 50


class SaleRefundView(WagtailAdminTemplateMixin, View):
    """For who may refund orders and edit the page of the sale."""

    header_icon = "date"
    page_title = gettext_lazy("Refund everybody")

    def dispatch(self, request, *args, **kwargs):
        self.sale = self.find(**kwargs)
        if not (request.user.has_perm("ticketing.refund_order") and may_edit_page(request.user, self.sale.page)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def find(self, sale_id):
        return get_object_or_404(EventSale.objects.select_related("page"), pk=sale_id)

    def get_page_subtitle(self):
        return str(self.sale)

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("wagtailsnippets_ticketing_eventsale:list"), "label": _("Ticket sales")},
            {"url": sale_edit_url(self.sale), "label": str(self.sale)},
            {"url": "", "label": self.page_title, "sublabel": str(self.sale)},
        ]

    def page(self, status=200, **context):
        return self.render_to_response(self.get_context_data(sale=self.sale, **context), status=status)


class StartBatchView(FormActionMixin, SaleRefundView):
    """Shows how many and how much; a POST starts it."""

    template_name = "ticketing/admin/batch_start.html"
    form_class = RefundBatchForm

    def get(self, request, **kwargs):
        running = RefundBatch.objects.filter(sale=self.sale).exclude(state=BatchState.DONE).first()
        return redirect("order_desk:batch", running.pk) if running else super().get(request)

    def show_form(self, form, status=200):
        return self.page(
            form=form, plan=batch_refunds.plan_batch(self.sale), sale_url=sale_edit_url(self.sale), status=status
        )

    def act(self, form):
        batch = batch_refunds.start_batch(self.sale, by=self.request.user, **form.cleaned_data)
        return redirect("order_desk:batch", batch.pk)


class BatchProgressView(SaleRefundView):
    """Shows the progress. The page reloads itself while it runs."""

    template_name = "ticketing/admin/batch.html"

    def find(self, batch_id):
        self.batch = get_object_or_404(RefundBatch.objects.select_related("sale__page", "by"), pk=batch_id)
        return self.batch.sale

    def get(self, request, **kwargs):
        progress = batch_refunds.get_batch_progress(self.batch)
        left = batch_refunds.list_refundable_orders(self.sale, batch=self.batch)[:MOST_LISTED]
        return self.page(
            batch=self.batch,
            progress=progress,
            running=self.batch.state == BatchState.RUNNING,
            is_reloading=self.batch.state == BatchState.RUNNING or progress.under_way,
            stopped=self.batch.state == BatchState.STOPPED,
            done=self.batch.state == BatchState.DONE,
            left=left if self.batch.state == BatchState.DONE else [],
            failed=batch_refunds.list_failed_refunds(self.batch)[:MOST_LISTED],
        )


class StopBatchView(BatchProgressView):
    http_method_names = ["post"]
    change, done = staticmethod(batch_refunds.stop_batch), gettext_lazy("Stopped: no further order is refunded.")

    def post(self, request, **kwargs):
        if self.change(self.batch, by=request.user):
            messages.success(request, self.done)
        return redirect("order_desk:batch", self.batch.pk)


class ResumeBatchView(StopBatchView):
    change, done = staticmethod(batch_refunds.resume_batch), gettext_lazy("Going on.")


def sale_edit_url(sale):
    return reverse("wagtailsnippets_ticketing_eventsale:edit", args=[sale.pk])
