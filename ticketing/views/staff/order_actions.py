"""What staff do with an order in the admin: refund, accept, settle by hand, verify, resend, correct the address."""

from functools import partial

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
from payments.domain.refunds.requests import RefundRefused
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
    """For who may refund tickets of this order; a subclass may ask for more or less."""

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

    def attempt(self, action, *, done):
        try:
            action()
        except (TicketingError, RefundRefused) as error:
            return self.refuse(error)
        messages.success(self.request, done)
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


class FormActionMixin:
    """Shows a form and acts when it is valid. What the domain refuses is said above the form (409)."""

    form_class = None

    def build_form(self, data=None):
        return self.form_class(data)

    def show_form(self, form, status=200):
        return self.page(form=form, status=status)

    def refuse_form(self, form, error):
        form.add_error(None, error.message)
        return self.show_form(form, status=409)

    def get(self, request, **kwargs):
        return self.show_form(self.build_form())

    def post(self, request, **kwargs):
        form = self.build_form(request.POST)
        if not form.is_valid():
            return self.show_form(form, status=422)
        try:
            return self.act(form)
        except TicketingError as error:
            return self.refuse_form(form, error)


class DecisionView(OrderActionView):
    """For who decides about the order as a whole."""

    def is_allowed(self):
        return self.scope is not None and self.scope.is_whole


class RefundView(FormActionMixin, OrderActionView):
    """Asks, shows what exactly will happen, then does it. Works without JavaScript."""

    page_title = gettext_lazy("Refund")
    template_name = "ticketing/admin/refund.html"

    def build_form(self, data=None):
        initial = self.first_choices() if data is None else None
        return RefundForm(data, initial=initial, order=self.order, scope=self.scope)

    def first_choices(self):
        extent = RefundExtent.WHOLE if self.scope.is_whole else RefundExtent.TICKETS
        return {"extent": extent, "money_back": True, "tell_buyer": True, "seats_back": self.has_future()}

    def act(self, form):
        if "change" in self.request.POST:
            return self.page(form=form)
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
    """Refunds one payment as a whole, for an order in review."""

    http_method_names = ["post"]

    def post(self, request, payment_id, **kwargs):
        payment = get_object_or_404(Payment, pk=payment_id, subject=self.order.reference)
        left = payment_refunds.refundable_amount(payment)
        if request.POST.get("expected") != str(round_money(left)):
            return self.refuse(_("Meanwhile something changed. Please look again."))
        reason = self.order.review_reason[:LONGEST_REASON] or _("Money without tickets.")
        ask = partial(refunds.request_order_refund, self.order, by=request.user, reason=reason, payment=payment)
        return self.attempt(ask, done=refund_message(left))


class AcceptOrderView(FormActionMixin, DecisionView):
    """Completes an order in review: it gets its tickets."""

    page_title = gettext_lazy("Accept")
    template_name = "ticketing/admin/accept.html"
    form_class = ReasonForm

    def show_form(self, form, status=200):
        return self.page(form=form, differences=review.compare_with_provider(self.order), status=status)

    def act(self, form):
        review.accept_order(self.order, by=self.request.user, reason=form.cleaned_data["reason"])
        messages.success(self.request, _("Accepted. The tickets go to %(name)s.") % {"name": self.order.buyer})
        return self.back()


class SettleByHandView(FormActionMixin, OrderActionView):
    """For administrators, when the provider cannot be asked: settles the order by what they saw in its dashboard."""

    page_title = gettext_lazy("Settle by hand")
    template_name = "ticketing/admin/by_hand.html"

    def is_allowed(self):
        return self.request.user.is_superuser

    def build_form(self, data=None):
        may_fail = manual_settlement.may_fail_by_hand(
            self.order, payment_checks.list_payments_for(self.order.reference), timezone.now()
        )
        return ByHandForm(data, may_fail=may_fail)

    def act(self, form):
        self.settle(by=self.request.user, **form.cleaned_data)
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
    """Tries a refused refund again, or takes it back before it is sent."""

    http_method_names = ["post"]
    actions = {
        "retry": (payment_refunds.retry_refund, gettext_lazy("SumUp is asked again.")),
        "cancel": (payment_refunds.cancel_refund, gettext_lazy("Taken back: this refund is not made.")),
    }

    def post(self, request, refund_id, action, **kwargs):
        refund = get_object_or_404(Refund, pk=refund_id, subject=self.order.reference)
        if not may_decide_about(self.scope, self.order.refunds.filter(refund=refund).first()):
            raise PermissionDenied
        act, done = self.actions[action]
        return self.attempt(partial(act, refund, by=request.user), done=done)


class SeenOrderView(OrderActionView):
    """For who may see the order."""

    http_method_names = ["post"]

    def is_allowed(self):
        policy = policy_registry.get_by_type(Order)
        return policy.user_has_permission_for_instance(self.request.user, "view", self.order)


class VerifyPaymentsView(SeenOrderView):
    """Asks the provider now about every payment of the order."""

    def post(self, request, **kwargs):
        payments = payment_checks.list_payments_for(self.order.reference)
        looked = [payment for payment in payments if payment_checks.verify_payment(payment.pk, by=request.user)]
        if looked:
            messages.success(request, _("SumUp was asked. Below is what it says."))
        else:
            messages.info(request, _("Settled already, or looked at a moment ago."))
        return self.back()


class WholeOrderView(SeenOrderView):
    """For who may see every ticket of the order."""

    def is_allowed(self):
        return super().is_allowed() and order_scope(self.request.user, self.order).is_whole


class ResendTicketsView(WholeOrderView):
    """Sends the tickets again, always to the buyer's own address."""

    def post(self, request, **kwargs):
        return self.attempt(partial(outbox.resend_tickets, self.order), done=_("The tickets are being sent again."))


class CorrectAddressView(FormActionMixin, WholeOrderView):
    """Another address for the tickets, which go there at once; the former address hears of it."""

    http_method_names = ["get", "head", "post"]
    page_title = gettext_lazy("Correct the e-mail address")
    template_name = "ticketing/admin/address.html"
    form_class = AddressChangeForm

    def act(self, form):
        email, reason = form.cleaned_data["email"], form.cleaned_data["reason"]
        correct = partial(address_correction.correct_address, self.order, email, by=self.request.user, reason=reason)
        done = _("Corrected. The tickets are being sent there, and the former address is told.")
        return self.attempt(correct, done=done)


def refund_message(amount):
    if not amount:
        return _("The tickets are void. No money goes back.")
    return _("%(amount)s is on its way back. SumUp has to prove it before the tickets become void.") % {
        "amount": format_money(amount)
    }
