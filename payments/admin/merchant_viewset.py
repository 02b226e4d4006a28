"""Merchant accounts in Wagtail's admin: how their connection is, and the buttons that reconnect or end it."""

from datetime import timedelta

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from common.search.lists import WordSearchList
from payments.admin.base_viewset import MoneyInspectView, MoneyViewSet
from payments.admin.permissions import may_connect_accounts, own_merchants
from payments.domain.merchants import connection_checks, credentials
from payments.domain.merchants.connect_errors import ConnectionRefusal
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from protection.admin.row_scopes import ScopedList, scope_view

JUST_NOW = timedelta(minutes=1)
FIELDS = [
    "name",
    "merchant_code",
    "status",
    "status_reason",
    "sandbox",
    "currency",
    "kind",
    "scope",
    "group",
    "connected_by",
    "connected_at",
]
SCOPES = {
    "payments": _("take and refund payments"),
    "transactions.history": _("read its transactions"),
    "user.profile_readonly": _("read who it is, and its payouts"),
}


class MerchantFilterSet(WagtailFilterSet):
    status = django_filters.MultipleChoiceFilter(choices=MerchantStatus.choices, label=_("Connection"))
    kind = django_filters.MultipleChoiceFilter(choices=MerchantKind.choices, label=_("Kind"))

    class Meta:
        model = MerchantAccount
        fields = ["status", "kind"]


class MerchantIndexView(WordSearchList, ScopedList, generic.IndexView):
    any_permission_required = ["view"]
    sorted_by = ("name", "merchant_code")

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("group")

    @property
    def header_buttons(self):
        if not can_start_connecting(self.request.user):
            return []
        return [HeaderButton(_("Connect a SumUp account"), url=reverse("payments:connect"), icon_name="plus")]


class MerchantInspectView(MoneyInspectView):
    template_name = "payments/admin/merchant.html"

    def get_context_data(self, **kwargs):
        merchant, user = self.object, self.request.user
        connected = merchant.kind == MerchantKind.OAUTH
        facts = {
            "is_closed": merchant.status != MerchantStatus.CONNECTED,
            "is_revoked": merchant.status == MerchantStatus.REVOKED,
            "can_check": may_connect_accounts(user) and merchant.status != MerchantStatus.REVOKED,
            "can_connect": connected and can_start_connecting(user),
            "can_disconnect": connected and may_connect_accounts(user) and merchant.status != MerchantStatus.REVOKED,
        }
        return super().get_context_data(**kwargs) | facts

    def get_status_display_value(self):
        return describe_connection(self.object)

    def get_sandbox_display_value(self):
        return describe_sandbox(self.object)

    def get_scope_display_value(self):
        return ", ".join(str(SCOPES.get(each, each)) for each in self.object.scope.split())


class MerchantViewSet(MoneyViewSet):
    model = MerchantAccount
    name = "merchants"
    url_prefix = "merchants"
    icon = "key"
    menu_label = _("SumUp accounts")
    menu_order = 225
    add_to_admin_menu = True
    inspect_view_fields = FIELDS
    index_view_class = MerchantIndexView
    inspect_view_class = MerchantInspectView
    edit_view_class = scope_view(generic.EditView)
    filterset_class = MerchantFilterSet
    form_fields = ["name", "group"]
    search_fields = ["name", "merchant_code"]
    list_display = [
        "name",
        "merchant_code",
        StatusTagColumn(
            "status",
            label=_("Connection"),
            accessor=lambda row: describe_connection(row),
            primary=lambda row: row.status == MerchantStatus.CONNECTED,
        ),
        Column("sandbox", label=_("Money"), accessor=lambda row: describe_sandbox(row)),
        Column("group", label=_("Run by"), accessor=lambda row: row.group or _("administrators")),
    ]
    list_export = ["name", "merchant_code", "kind", "status", "status_reason", "sandbox", "currency", "checked_at"]
    export_filename = "merchant-accounts"

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("check/<int:pk>/", check_merchant, name="check"),
            path("disconnect/<int:pk>/", disconnect_merchant, name="disconnect"),
        ]


@require_POST
def check_merchant(request, pk):
    """For whoever may connect, of their own accounts: asks SumUp now."""
    merchant = _own_merchant_or_refuse(request, pk)
    if connection_checks.check_connection(merchant):
        messages.success(request, _("SumUp knows the account and our connection works."))
    else:
        messages.error(request, merchant.status_reason or _("The connection does not work."))
    return redirect("merchants:inspect", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def disconnect_merchant(request, pk):
    """For whoever may connect, of their own accounts: asks first, then forgets the tokens."""
    merchant = _own_merchant_or_refuse(request, pk)
    if request.method != "POST":
        return render(request, "payments/admin/disconnect.html", {"merchant": merchant})
    try:
        connection_checks.disconnect_merchant(merchant, by=request.user)
    except ConnectionRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request, _("Disconnected. Remove this site in SumUp’s dashboard too, under connected apps, to be complete.")
        )
    return redirect("merchants:inspect", pk)


def can_start_connecting(user):
    return credentials.get_oauth_app() is not None and may_connect_accounts(user)


def describe_connection(merchant):
    """“Connected, checked 3 minutes ago”."""
    status = merchant.get_status_display().capitalize()
    if merchant.checked_at is None:
        return _("%(status)s, not checked yet") % {"status": status}
    if timezone.now() - merchant.checked_at < JUST_NOW:
        return _("%(status)s, checked just now") % {"status": status}
    return _("%(status)s, checked %(time)s ago") % {"status": status, "time": timesince(merchant.checked_at, depth=1)}


def describe_sandbox(merchant):
    return {True: _("Sandbox: no real money"), False: _("Real money"), None: _("Not known yet")}[merchant.sandbox]


def _own_merchant_or_refuse(request, pk):
    """403 for somebody else's account, 404 for one that does not exist."""
    if not may_connect_accounts(request.user):
        raise PermissionDenied
    merchant = get_object_or_404(MerchantAccount, pk=pk)
    if not own_merchants(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return merchant
