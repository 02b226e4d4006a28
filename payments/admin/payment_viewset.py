"""Payments in Wagtail's admin: to read, search and export. Nothing here changes one."""

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, Table
from wagtail.permissions import policy_registry

from payments.admin.base_viewset import (
    MerchantFilter,
    MoneyIndexView,
    MoneyInspectView,
    MoneyViewSet,
    list_payment_conditions,
    money_column,
)
from payments.domain.verification import payment_checks
from payments.enums import PaymentState
from payments.models import Payment

MOST_OBSERVATIONS = 200
TELLING = ("error", "status", "amount", "currency")
FIELDS = [
    "reference",
    "subject",
    "state",
    "amount",
    "merchant",
    "problem",
    "description",
    "checkout_id",
    "transaction_id",
    "transaction_code",
    "created_at",
    "deadline",
    "paid_at",
    "closed_at",
    "checks",
    "checked_at",
    "next_check_at",
    "observations",
]


class PaymentFilterSet(MerchantFilter):
    state = django_filters.MultipleChoiceFilter(choices=PaymentState.choices, label=_("State"))
    created_at = django_filters.DateFromToRangeFilter(label=_("Created"), widget=DateRangePickerWidget)

    class Meta:
        model = Payment
        fields = ["state", "merchant", "created_at"]


class PaymentIndexView(MoneyIndexView):
    def list_conditions(self, text):
        return list_payment_conditions(self.request.user, text)


class PaymentInspectView(MoneyInspectView):
    template_name = "payments/admin/payment.html"

    def get_context_data(self, **kwargs):
        look_url = reverse("payment_records:look", args=[self.object.pk])
        return super().get_context_data(**kwargs) | {"look_url": look_url}

    def get_observations_display_value(self):
        rows = self.object.observations.all()[:MOST_OBSERVATIONS]
        columns = [
            DateColumn("at", label=_("When")),
            Column("question", label=_("We asked SumUp to"), accessor="get_question_display"),
            Column("answer", label=_("It answered"), accessor=lambda row: describe_answer(row.answer)),
        ]
        return Table(columns, rows)


class PaymentViewSet(MoneyViewSet):
    model = Payment
    name = "payment_records"
    url_prefix = "payments"
    icon = "clipboard-list"
    menu_label = _("Payments")
    menu_order = 220
    add_to_admin_menu = True
    inspect_view_fields = FIELDS
    index_view_class = PaymentIndexView
    inspect_view_class = PaymentInspectView
    filterset_class = PaymentFilterSet
    form_fields = ["description"]
    search_fields = ["subject", "reference", "checkout_id", "transaction_code", "transaction_id"]
    list_display = [
        "reference",
        money_column("amount", _("Amount")),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda row: row.state == PaymentState.PAID and not row.problem,
        ),
        Column("problem", label=_("What differs")),
        "merchant",
        DateColumn("created_at", label=_("Created"), sort_key="pk"),
    ]
    list_export = [
        "reference",
        "subject",
        "amount",
        "currency",
        "state",
        "problem",
        "merchant",
        "checkout_id",
        "transaction_id",
        "transaction_code",
        "created_at",
        "paid_at",
        "closed_at",
        "checks",
    ]
    export_filename = "payments"

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("look/<int:pk>/", verify_payment_now, name="look")]


@require_POST
def verify_payment_now(request, pk):
    """For whoever may see the payment: SumUp is asked now, and what it says is settled."""
    payment = get_object_or_404(Payment, pk=pk)
    if not policy_registry.get_by_type(Payment).user_has_permission_for_instance(request.user, "view", payment):
        raise PermissionDenied
    looked = payment_checks.verify_payment(payment.pk, by=request.user)
    if looked is None:
        messages.info(request, _("Settled already, or looked at a moment ago."))
    else:
        messages.success(
            request, _("SumUp was asked. The payment is %(state)s.") % {"state": looked.get_state_display()}
        )
    return redirect("payment_records:inspect", pk)


def describe_answer(answer):
    """One line of the evidence, what matters first: `status PAID, amount 24.5, ...`; an error as it stands."""
    keys = [*(key for key in TELLING if key in answer), *sorted(answer.keys() - set(TELLING))]
    parts = [f"{key.replace('_', ' ')} {answer[key]}" for key in keys if isinstance(answer[key], str)]
    inner = [*answer.get("checkouts", []), *answer.get("transactions", [])]
    return ", ".join([*parts, *(f"[{describe_answer(each)}]" for each in inner)]) or "–"
