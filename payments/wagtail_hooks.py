from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy

from payments.admin import polling_page
from payments.admin.merchant_viewset import MerchantViewSet
from payments.admin.payment_viewset import PaymentViewSet
from payments.admin.permissions import ByMerchantPolicy, MerchantPolicy
from payments.books import MoneyViewSetGroup
from payments.domain.merchants import status
from payments.domain.states import LOG_ACTIONS
from payments.domain.verification import payment_checks
from payments.enums import MerchantStatus
from payments.models import Discrepancy, MerchantAccount, Movement, Payment, ReconciliationRun, Refund

register_permission_policy(Payment, ByMerchantPolicy(Payment))
register_permission_policy(MerchantAccount, MerchantPolicy(MerchantAccount, merchant="pk"))

for book in (ReconciliationRun, Discrepancy, Movement):
    register_permission_policy(book, ByMerchantPolicy(book))


@hooks.register("register_admin_viewset")
def register_money_lists():
    return MoneyViewSetGroup()


@hooks.register("register_permissions")
def register_permissions():
    """What a group may be given, besides what the lists themselves register."""
    content_types = ContentType.objects.get_for_models(Discrepancy, Refund).values()
    wanted = ["change_discrepancy", "add_refund"]
    return Permission.objects.filter(content_type__in=content_types, codename__in=wanted)


@hooks.register("register_admin_viewset")
def register_payments():
    return PaymentViewSet()


@hooks.register("register_admin_viewset")
def register_merchants():
    return MerchantViewSet()


@hooks.register("register_admin_urls")
def polling_url():
    return [path("polling/", polling_page.PollingView.as_view(), name="polling")]


@hooks.register("register_settings_menu_item")
def polling_menu_item():
    return polling_page.menu_item


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for model, action in LOG_ACTIONS.items():
        actions.register_action(action)(_state_formatter(model))


@hooks.register("register_log_actions")
def register_looks(actions):
    actions.register_action(payment_checks.LOG_ACTION_ASKED, _("Ask SumUp"), _("Asked SumUp what became of it"))


def _state_formatter(model):
    """Every machine of payments tells its steps in the same words."""
    states = model._meta.get_field("state")

    class StateFormatter(LogFormatter):
        label = _("%(what)s: state") % {"what": capfirst(model._meta.verbose_name)}

        def format_message(self, log_entry):
            words = {key: dict(states.flatchoices).get(log_entry.data.get(key), "") for key in ("from", "to")}
            return _("From %(from)s to %(to)s") % words if words["from"] else words["to"]

        def format_comment(self, log_entry):
            return log_entry.data.get("reason") or log_entry.data.get("problem", "")

    return StateFormatter


@hooks.register("register_log_actions")
def register_merchant_status(actions):
    @actions.register_action(status.LOG_ACTION)
    class MerchantStatusFormatter(LogFormatter):
        label = _("Connection to SumUp")

        def format_message(self, log_entry):
            words = {key: _status(log_entry.data.get(key)) for key in ("from", "to")}
            return _("From %(from)s to %(to)s") % words

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")


def _status(status):
    return MerchantStatus(status).label if status in MerchantStatus.values else _("new")
