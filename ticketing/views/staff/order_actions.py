"""What staff do with an order in the admin. Every change is a POST, every one says who may send it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from payments.domain.refunds import requests as payment_refunds
from payments.domain.verification import payment_checks
from payments.models import Payment, Refund
from payments.money import format_money, round_money
from ticketing.admin.forms import (
    LONGEST_REASON,
    AddressChangeForm,
    ByHandForm,
    ByHandVerdict,
    ReasonForm,
    RefundExtent,
    RefundForm,
)
from ticketing.admin.order_detail import may_decide_about
from ticketing.admin.permissions import order_scope, refund_scope
from ticketing.domain.catalogue import availability
from ticketing.domain.errors import TicketingError
from ticketing.domain.messages import address_correction, outbox
from ticketing.domain.orders import manual_settlement, refunds, review
from ticketing.domain.orders.payment_summary import get_payment_summary
from ticketing.enums import OrderState
from ticketing.models import Order


class OrderActionView(WagtailAdminTemplateMixin, View):
    """For who may refund tickets of this order; a subclass may ask for more. The others are refused before anything."""

    header_icon = "doc-full"

    def dispatch(self, request, *args, **kwargs):
        self.order = get_object_or_404(Order.objects.select_related("merchant"), pk=kwargs["order_id"])
        self.scope = refund_scope(request.user, self.order)
        if not self.is_allowed():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def is_allowed(self):
        return self.scope is not None

    @cached_property
    def order_url(self):
        return reverse("orders:inspect", args=[self.order.pk])

    def back(self):
        return redirect(self.order_url)

    def refuse(self, error):
        messages.error(self.request, str(error))
        return self.back()

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("orders:index"), "label": _("Orders")},
            {"url": self.order_url, "label": self.order.reference},
            {"url": "", "label": self.page_title, "sublabel": self.order.reference},
        ]

    def page(self, status=200, **context):
        context |= {"order": self.order, "order_url": self.order_url, "scope": self.scope}
        return self.render_to_response(self.get_context_data(**context), status=status)


class DecisionView(OrderActionView):
    """For who decides about the order as a whole."""

    def is_allowed(self):
        return self.scope is not None and self.scope.is_whole


class RefundView(OrderActionView):
    """First the three questions, then what exactly will happen, then it happens. Nothing here needs JavaScript."""

    page_title = _("Refund")
    template_name = "ticketing/admin/refund.html"

    def get(self, request, **kwargs):
        extent = RefundExtent.WHOLE if self.scope.is_whole else RefundExtent.TICKETS
        first = {"extent": extent, "money_back": True, "tell_buyer": True, "seats_back": self.has_future()}
        return self.page(form=RefundForm(initial=first, order=self.order, scope=self.scope))

    def post(self, request, **kwargs):
        form = RefundForm(request.POST, order=self.order, scope=self.scope)
        if not form.is_valid():
            return self.page(form=form, status=422)
        if "change" in request.POST:
            return self.page(form=form)
        try:
            return self.quote_or_ask(form)
        except TicketingError as error:
            form.add_error(None, error.message)
            return self.page(form=form, status=409)

    def quote_or_ask(self, form):
        quote = refunds.quote_refund(self.order, **form.what)
        if "confirm" not in self.request.POST or not form.is_about(quote.amount):
            self.template_name = "ticketing/admin/refund_confirm.html"
            return self.page(form=form, quote=quote, money_left=get_payment_summary(self.order).kept - quote.amount)
        refunds.request_order_refund(self.order, by=self.request.user, **form.what, **form.effects)
        messages.success(self.request, refund_message(quote.amount))
        return self.back()

    def has_future(self):
        lines = self.order.lines.select_related("sale__page")
        return not any(availability.why_performance_over(line.sale, timezone.now()) for line in lines)


class RefundPaymentView(DecisionView):
    """One press on an order that needs a person: this payment goes back as a whole."""

    http_method_names = ["post"]

    def post(self, request, payment_id, **kwargs):
        payment = get_object_or_404(Payment, pk=payment_id, subject=self.order.reference)
        left = payment_refunds.refundable_amount(payment)
        if request.POST.get("expected") != str(round_money(left)):
            return self.refuse(_("Meanwhile something changed. Please look again."))
        reason = self.order.review_reason[:LONGEST_REASON] or _("Money without tickets.")
        try:
            refunds.request_order_refund(self.order, by=request.user, reason=reason, payment=payment)
        except TicketingError as error:
            return self.refuse(error)
        messages.success(request, refund_message(left))
        return self.back()


class AcceptOrderView(DecisionView):
    """The order is right as it is: it gets its tickets."""

    page_title = _("Accept")
    template_name = "ticketing/admin/accept.html"

    def get(self, request, **kwargs):
        return self.page(form=ReasonForm(), differences=review.compare_with_sumup(self.order))

    def post(self, request, **kwargs):
        form = ReasonForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                review.accept_order(self.order, by=request.user, reason=form.cleaned_data["reason"])
            except TicketingError as error:
                form.add_error(None, error.message)
                status = 409
            else:
                messages.success(request, _("Accepted. The tickets go to %(name)s.") % {"name": self.order.buyer})
                return self.back()
        return self.page(form=form, differences=review.compare_with_sumup(self.order), status=status)


class SettleByHandView(OrderActionView):
    """For administrators, when SumUp cannot be asked: the order is settled by what they saw in SumUp's dashboard."""

    page_title = _("Settle by hand")
    template_name = "ticketing/admin/by_hand.html"

    def is_allowed(self):
        return self.request.user.is_superuser

    def form(self, data=None):
        may_fail = manual_settlement.may_fail_by_hand(
            self.order, payment_checks.list_payments_for(self.order.reference), timezone.now()
        )
        return ByHandForm(data, may_fail=may_fail)

    def get(self, request, **kwargs):
        return self.page(form=self.form())

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form=form, status=422)
        try:
            self.settle(by=request.user, **form.cleaned_data)
        except TicketingError as error:
            form.add_error(None, error.message)
            return self.page(form=form, status=409)
        return self.back()

    def settle(self, verdict, code, **why):
        if verdict == ByHandVerdict.UNPAID:
            manual_settlement.fail_order_by_hand(self.order, code=code, **why)
            messages.success(self.request, _("Ended unpaid. Its seats are back on sale, and the buyer is told."))
        elif manual_settlement.complete_order_by_hand(self.order, code=code, **why).state == OrderState.COMPLETED:
            messages.success(self.request, _("Completed by hand. It stays “not yet proved” until SumUp shows it."))
        else:
            messages.warning(self.request, _("Noted as paid by hand; but the order needs a person, as said below."))


class RefundActionView(OrderActionView):
    """A refund that SumUp refused: try again, or take it back before it is sent."""

    http_method_names = ["post"]
    actions = {"retry": payment_refunds.retry_refund, "cancel": payment_refunds.cancel_refund}
    said = {
        "retry": gettext_lazy("SumUp is asked again."),
        "cancel": gettext_lazy("Taken back: this refund is not made."),
    }

    def post(self, request, refund_id, action, **kwargs):
        refund = get_object_or_404(Refund, pk=refund_id, subject=self.order.reference)
        if not may_decide_about(self.scope, self.order.refunds.filter(refund=refund).first()):
            raise PermissionDenied
        try:
            self.actions[action](refund, by=request.user)
        except payment_refunds.RefundRefused as error:
            return self.refuse(error)
        messages.success(request, self.said[action])
        return self.back()


class SeenOrderView(OrderActionView):
    """For who may see the order."""

    http_method_names = ["post"]

    def is_allowed(self):
        policy = policy_registry.get_by_type(Order)
        return policy.user_has_permission_for_instance(self.request.user, "view", self.order)


class VerifyPaymentsView(SeenOrderView):
    """Asks SumUp now about every payment. It changes nothing by itself: what SumUp says does."""

    def post(self, request, **kwargs):
        payments = payment_checks.list_payments_for(self.order.reference)
        looked = [payment for payment in payments if payment_checks.verify_payment(payment.pk, by=request.user)]
        if looked:
            messages.success(request, _("SumUp was asked. Below is what it says."))
        else:
            messages.info(request, _("Settled already, or looked at a moment ago."))
        return self.back()


class WholeOrderView(SeenOrderView):
    """For who may see every ticket of the order: what is done here reaches them all."""

    def is_allowed(self):
        return super().is_allowed() and order_scope(self.request.user, self.order).is_whole


class ResendTicketsView(WholeOrderView):
    """The tickets go to the buyer's own address again, never to another one."""

    def post(self, request, **kwargs):
        try:
            outbox.resend_tickets(self.order)
        except TicketingError as error:
            return self.refuse(error)
        messages.success(request, _("The tickets are being sent again."))
        return self.back()


class CorrectAddressView(WholeOrderView):
    """Another address for the tickets, when the buyer says that it was mistyped; they go there at once, and the former
    address hears of it."""

    http_method_names = ["get", "head", "post"]
    page_title = _("Correct the e-mail address")
    template_name = "ticketing/admin/address.html"

    def get(self, request, **kwargs):
        return self.page(form=AddressChangeForm())

    def post(self, request, **kwargs):
        form = AddressChangeForm(request.POST)
        if not form.is_valid():
            return self.page(form=form, status=422)
        try:
            address_correction.correct_address(
                self.order, form.cleaned_data["email"], by=request.user, reason=form.cleaned_data["reason"]
            )
        except TicketingError as error:
            return self.refuse(error)
        messages.success(request, _("Corrected. The tickets are being sent there, and the former address is told."))
        return self.back()


def refund_message(amount):
    if not amount:
        return _("The tickets are void. No money goes back.")
    return _("%(amount)s is on its way back. SumUp has to prove it before the tickets become void.") % {
        "amount": format_money(amount)
    }
