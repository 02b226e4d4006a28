"""Payments in Wagtail's admin: to read, search and export. Nothing here changes one."""

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, Table
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

from payments.admin import permissions
from payments.domain import payment_codes
from payments.domain.reconciliation import fulfilment_status
from payments.domain.verification import payment_checks
from payments.enums import PaymentState
from payments.models import Payment
from payments.money import format_money
from protection.admin.row_scopes import ScopedList, ScopedObject

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


def own_merchants_for_filter(request):
    """For a filter's choices: the accounts that whoever asks may see."""
    return permissions.own_merchants(request.user)


class PaymentFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(choices=PaymentState.choices, label=_("State"))
    merchant = django_filters.ModelChoiceFilter(queryset=own_merchants_for_filter, label=_("Merchant"))
    created_at = django_filters.DateFromToRangeFilter(label=_("Created"), widget=DateRangePickerWidget)

    class Meta:
        model = Payment
        fields = ["state", "merchant", "created_at"]


class PaymentIndexView(ScopedList, generic.IndexView):
    any_permission_required = ["view"]

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("merchant")

    def search_queryset(self, queryset):
        """By a code of ours or of SumUp's, however it is grouped; else by what the money was for."""
        if not self.is_searching:
            return queryset
        by_code = queryset.filter(payment_codes.has_code(self.search_query))
        found = fulfilment_status.find_subjects(self.request.user, self.search_query)
        return by_code if by_code.exists() else queryset.filter(subject__in=found)


class PaymentInspectView(ScopedObject, generic.InspectView):
    any_permission_required = ["view"]
    template_name = "payments/admin/payment.html"

    def get_context_data(self, **kwargs):
        look_url = reverse("payment_records:look", args=[self.object.pk])
        return super().get_context_data(**kwargs) | {"look_url": look_url}

    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value

    def get_amount_display_value(self):
        return format_money(self.object.amount)

    def get_observations_display_value(self):
        rows = self.object.observations.all()[:MOST_OBSERVATIONS]
        columns = [
            DateColumn("at", label=_("When")),
            Column("question", label=_("We asked SumUp to"), accessor="get_question_display"),
            Column("answer", label=_("It answered"), accessor=lambda row: describe_answer(row.answer)),
        ]
        return Table(columns, rows)


class PaymentHistoryView(ScopedObject, HistoryView):
    any_permission_required = ["view"]
    header_buttons = []

    def get_edit_url(self, instance):
        """Where the breadcrumb leads: nobody edits, so to the payment itself."""
        return reverse("payment_records:inspect", args=[instance.pk])


class PaymentViewSet(ModelViewSet):
    model = Payment
    name = "payment_records"
    url_prefix = "payments"
    icon = "clipboard-list"
    menu_label = _("Payments")
    menu_order = 220
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = FIELDS
    index_view_class = PaymentIndexView
    inspect_view_class = PaymentInspectView
    history_view_class = PaymentHistoryView
    filterset_class = PaymentFilterSet
    form_fields = ["description"]
    list_per_page = 50
    search_fields = ["subject", "reference", "checkout_id", "transaction_code", "transaction_id"]
    list_display = [
        "reference",
        Column("amount", label=_("Amount"), accessor=lambda row: format_money(row.amount), sort_key="amount"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda row: row.state == PaymentState.PAID and not row.problem,
        ),
        Column("problem", label=_("What differs")),
        "merchant",
        DateColumn("created_at", label=_("Created"), sort_key="created_at"),
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
    """Asks SumUp now. It changes nothing by itself: what SumUp says does."""
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
