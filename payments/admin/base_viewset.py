"""What the lists of payments' admin share: a person's own merchants only, read-only, amounts in the row's currency."""

from functools import reduce
from operator import or_

from django.core.exceptions import PermissionDenied
from django.db.models import DecimalField, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

from common.text.typed_codes import tidy_code
from payments.admin import permissions
from payments.domain.reconciliation import fulfilment_status
from payments.domain.verification import references
from payments.models import Payment, ReconciliationRun
from payments.money import format_amount
from protection.admin.row_filters import MOST_FOUND as MOST_CHOICES
from protection.admin.row_filters import RowChoice, RowFilter, register_choice
from protection.admin.row_scopes import ScopedList, ScopedObject

MOST_FOUND = 500
SUMS = {field.name: field for field in ReconciliationRun._meta.fields if isinstance(field, DecimalField)}


def money_column(name, label, **options):
    return Column(name, label=label, accessor=lambda row: _in_money(row, name), **options)


def _in_money(row, name):
    currency = getattr(row, "currency", None) or row.merchant.currency
    value = getattr(row, name)
    return "–" if value is None else format_amount(value, currency)


def find_merchants(merchants, text):
    return merchants.filter(Q(name__icontains=text) | Q(merchant_code__icontains=text))[:MOST_CHOICES]


MERCHANTS = register_choice(
    RowChoice("merchants", lambda request: permissions.own_merchants(request.user), find_merchants, str)
)


class MerchantFilter(WagtailFilterSet):
    merchant = RowFilter(choice=MERCHANTS, label=_("Merchant"))


class MoneyIndexView(ScopedList, generic.IndexView):
    any_permission_required = ["view"]

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("merchant")

    def search_queryset(self, queryset):
        """Their ids first: PostgreSQL would read the list from its end until it had met a page of them."""
        if not self.is_searching:
            return queryset
        for condition in self.list_conditions(self.search_query):
            if found := list(queryset.order_by().filter(condition).values_list("pk", flat=True)[:MOST_FOUND]):
                return queryset.filter(pk__in=found)
        return queryset.none()

    def list_conditions(self, text):
        """What a text may mean, the likeliest first; each is looked up in an index."""
        return []


class FoundByPayment:
    """By a code of its own (`search_fields`), or by whatever finds its payment: a code, or the words of the order."""

    def list_conditions(self, text):
        codes = {text.strip(), text.strip().lower(), tidy_code(text)} - {""}
        own = [Q(**{f"{field}__in": codes}) for field in self.search_fields]
        for condition in list_payment_conditions(self.request.user, text):
            payments = list(Payment.objects.filter(condition).values_list("pk", flat=True)[:MOST_FOUND])
            yield reduce(or_, own, Q(payment__in=payments))


def list_payment_conditions(user, text):
    yield references.payment_code_filter(text)
    yield Q(subject__in=fulfilment_status.find_subjects(user, text))


class MoneyInspectView(ScopedObject, generic.InspectView):
    any_permission_required = ["view"]

    def get_field_display_value(self, field_name, field):
        if field_name in {*SUMS, "amount", "fee"}:
            return _in_money(self.object, field_name)
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value


class MoneyHistoryView(ScopedObject, HistoryView):
    any_permission_required = ["view"]
    header_buttons = []

    def get_edit_url(self, instance):
        return self.get_inspect_url(instance)

    def get_inspect_url(self, instance):
        return reverse(self.inspect_url_name, args=[instance.pk])


class MoneyViewSet(ModelViewSet):
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = MoneyIndexView
    inspect_view_class = MoneyInspectView
    list_per_page = 50

    @property
    def history_view_class(self):
        return type("HistoryView", (MoneyHistoryView,), {"inspect_url_name": self.get_url_name("inspect")})


def get_closable_row(request, model, pk, *verbs):
    """The row, for those who may see its merchant, close discrepancies and have these `verbs` besides."""
    row = get_object_or_404(model.objects.select_related("merchant"), pk=pk)
    own = policy_registry.get_by_type(model).user_has_permission_for_instance(request.user, "view", row)
    if not own or not request.user.has_perms(["payments.change_discrepancy", *verbs]):
        raise PermissionDenied
    return row
