"""Putting a date or a pass on sale in one form, and stopping or resuming a sale."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.admin.permissions import own_merchants
from payments.enums import MerchantStatus
from ticketing.admin.date_forms import NewPassForm, NewSaleForm, NewTypeRows
from ticketing.domain.dates import copies, sales
from ticketing.domain.dates.clock import format_start
from ticketing.domain.errors import TicketingError
from ticketing.models import EventSale
from ticketing.views.staff.dates.base import DatesView, OneDateView


class NewSaleMixin:
    """A form of the sale and rows of its types; both are checked before anything is written."""

    template_name = "ticketing/admin/dates/sell.html"
    form_class = NewSaleForm
    performance = None

    def is_allowed(self):
        return self.rights.sells

    @cached_property
    def merchant(self):
        """Whom the page's last sale pays, or the only account of one's own; None is the site's."""
        last = EventSale.objects.filter(page=self.event).order_by("-pk").select_related("merchant").first()
        if last:
            return last.merchant
        own = list(own_merchants(self.request.user).filter(status=MerchantStatus.CONNECTED)[:2])
        return own[0] if len(own) == 1 and not self.request.user.is_superuser else None

    def build_forms(self, data=None):
        sale = EventSale(page=self.event, performance=self.performance, merchant=self.merchant)
        return self.form_class(data, instance=sale, prefix="sale"), NewTypeRows(data, prefix="types")

    def show_forms(self, form, rows, status=200):
        return self.page(form=form, rows=rows, merchant=self.merchant, source=self.find_source(), status=status)

    def find_source(self):
        return None

    def get(self, request, **kwargs):
        return self.show_forms(*self.build_forms())

    def post(self, request, **kwargs):
        form, rows = self.build_forms(request.POST)
        if not (form.is_valid() & rows.is_valid()):
            return self.show_forms(form, rows, status=422)
        try:
            self.sell(form, rows)
        except TicketingError as error:
            form.add_error(None, error.message)
            return self.show_forms(form, rows, status=409)
        return self.back(self.performance)

    def sell(self, form, rows):
        facts = {"merchant": self.merchant, "performance": self.performance, "by": self.request.user}
        sales.start_sale(self.event, types=rows.types, **form.cleaned_data, **facts)
        messages.success(self.request, _("Tickets are set up. The row says from when they sell."))


class SellDateView(NewSaleMixin, OneDateView):
    page_title = gettext_lazy("Put on sale")

    def find_source(self):
        return sales.find_date_to_copy(self.event, but=self.performance.pk)

    def get(self, request, **kwargs):
        return self.refuse_second() or super().get(request, **kwargs)

    def post(self, request, **kwargs):
        if refused := self.refuse_second():
            return refused
        source = self.find_source() if "copy" in request.POST else None
        if not source:
            return super().post(request, **kwargs)
        try:
            copies.copy_sales(source, self.performance, by=request.user)
        except TicketingError as why:
            messages.error(request, why.message)
            return self.back(self.performance)
        when = {"when": format_start(source.starts_at)}
        messages.success(request, _("On sale with the same tickets as %(when)s.") % when)
        return self.back(self.performance)

    def refuse_second(self):
        """A second sale of one date is made in the form of sales, where it gets a name."""
        if not self.performance.sales.exists():
            return None
        messages.error(self.request, str(sales.AlreadyOnSale.default))
        return self.back(self.performance)


class SellPassView(NewSaleMixin, DatesView):
    page_title = gettext_lazy("Sell a pass for all dates")
    form_class = NewPassForm


class SellingView(DatesView):
    """Stops or resumes one sale."""

    http_method_names = ["post"]

    def find(self, sale_id, action):
        self.sale = get_object_or_404(EventSale.objects.select_related("page"), pk=sale_id)
        return self.sale.page

    def is_allowed(self):
        return self.rights.changes

    def post(self, request, action, **kwargs):
        if action == "stop" and sales.stop_selling(self.sale, by=request.user):
            messages.success(request, _("Stopped: nothing more is sold. What is sold stays valid."))
        elif action == "resume" and sales.resume_selling(self.sale, by=request.user):
            messages.success(request, _("Selling again, within the times of the sale."))
        return self.back(self.sale.performance)
