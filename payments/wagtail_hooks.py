from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.permissions import register_permission_policy

from payments.admin import polling_page
from payments.admin.discrepancy_viewset import DiscrepancyViewSet
from payments.admin.log_actions import MerchantStatusFormatter, make_state_formatter
from payments.admin.merchant_viewset import MerchantViewSet
from payments.admin.movement_viewset import MovementViewSet
from payments.admin.payment_viewset import PaymentViewSet
from payments.admin.permissions import ByMerchantPolicy, MerchantPolicy
from payments.admin.report_viewset import RunViewSet
from payments.domain.merchants import status
from payments.domain.states import LOG_ACTIONS
from payments.domain.verification import payment_checks
from payments.models import Discrepancy, MerchantAccount, Movement, Payment, ReconciliationRun, Refund

register_permission_policy(Payment, ByMerchantPolicy(Payment, order=("pk",)))
register_permission_policy(Movement, ByMerchantPolicy(Movement, order=("at", "pk")))
register_permission_policy(MerchantAccount, MerchantPolicy(MerchantAccount, merchant="pk"))

register_permission_policy(ReconciliationRun, ByMerchantPolicy(ReconciliationRun, order=("day", "pk")))
register_permission_policy(Discrepancy, ByMerchantPolicy(Discrepancy))


class MoneyViewSetGroup(ViewSetGroup):
    menu_label = _("Money")
    menu_icon = "list-ol"
    menu_order = 230
    items = (RunViewSet, DiscrepancyViewSet, MovementViewSet)


for viewset in (MoneyViewSetGroup, PaymentViewSet, MerchantViewSet):
    hooks.register("register_admin_viewset", viewset)
hooks.register("register_settings_menu_item", lambda: polling_page.menu_item)


@hooks.register("register_permissions")
def register_permissions():
    """What a group may be given, besides what the lists themselves register."""
    content_types = ContentType.objects.get_for_models(Discrepancy, Refund).values()
    wanted = ["change_discrepancy", "add_refund"]
    return Permission.objects.filter(content_type__in=content_types, codename__in=wanted)


@hooks.register("register_admin_urls")
def polling_url():
    return [path("polling/", polling_page.PollingView.as_view(), name="polling")]


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for model, action in LOG_ACTIONS.items():
        actions.register_action(action)(make_state_formatter(model))
    actions.register_action(status.LOG_ACTION)(MerchantStatusFormatter)
    actions.register_action(payment_checks.LOG_ACTION_ASKED, _("Ask SumUp"), _("Asked SumUp what became of it"))
