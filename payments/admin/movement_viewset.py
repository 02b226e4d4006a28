"""Movements in the admin: the lines of SumUp's lists, as last read."""

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column

from common.text.typed_dates import format_moment
from payments.admin.base_viewset import FoundByPayment, MerchantFilter, MoneyIndexView, MoneyViewSet, money_column
from payments.enums import MovementKind
from payments.models import Movement


def movement_columns():
    return [
        Column("at", label=_("When"), accessor=lambda row: format_moment(row.at)),
        Column("kind", label=_("What"), accessor="get_kind_display"),
        money_column("amount", _("Amount")),
        money_column("fee", _("Fee")),
        Column("status", label=_("SumUp says")),
        Column("payment", label=_("Payment"), accessor=lambda row: row.payment or "–"),
    ]


class MovementFilterSet(MerchantFilter):
    kind = django_filters.MultipleChoiceFilter(choices=MovementKind.choices, label=_("What"))
    at = django_filters.DateFromToRangeFilter(label=_("When"), widget=DateRangePickerWidget)
    unmatched = django_filters.BooleanFilter("payment", lookup_expr="isnull", label=_("Without a payment of ours"))

    class Meta:
        model = Movement
        fields = ["kind", "merchant", "at"]


class MovementIndexView(FoundByPayment, MoneyIndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("payment")


class MovementViewSet(MoneyViewSet):
    model = Movement
    name = "movements"
    url_prefix = "money/movements"
    icon = "list-ul"
    menu_label = _("SumUp’s list")
    index_view_class = MovementIndexView
    inspect_view_fields = ["merchant", "kind", "at", "amount", "currency", "status", "payment_type", "summary", "fee"]
    inspect_view_fields += ["payment", "transaction_code", "transaction_id", "sumup_id", "payout_reference"]
    inspect_view_fields += ["payout_date", "seen_at"]
    filterset_class = MovementFilterSet
    form_fields = ["status"]
    search_fields = ["transaction_code", "transaction_id", "sumup_id", "payout_reference"]
    list_display = [
        "__str__",
        *movement_columns(),
        "merchant",
        Column("payout_reference", label=_("Paid out with"), accessor=lambda row: row.payout_reference or "–"),
    ]
    list_export = ["at", "merchant", "kind", "amount", "currency", "fee", "status", "payment_type", "summary"]
    list_export += ["transaction_code", "transaction_id", "payment", "payout_reference", "payout_date"]
    export_filename = "movements"
