from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy

from payments.domain import outages
from payments.domain.states import LOG_ACTION
from payments.enums import MerchantStatus, PaymentState
from payments.models import Payment
from payments.permissions import ByMerchantPolicy
from payments.viewsets import PaymentViewSet

register_permission_policy(Payment, ByMerchantPolicy(Payment))


@hooks.register("register_admin_viewset")
def register_payments():
    return PaymentViewSet()


@hooks.register("register_log_actions")
def register_log_actions(actions):
    @actions.register_action(LOG_ACTION)
    class PaymentStateFormatter(LogFormatter):
        label = _("Payment state")

        def format_message(self, log_entry):
            return _("From %(before)s to %(after)s") % {
                "before": _label(log_entry.data.get("from")),
                "after": _label(log_entry.data.get("to")),
            }

        def format_comment(self, log_entry):
            return log_entry.data.get("problem", "")


@hooks.register("register_log_actions")
def register_merchant_status(actions):
    @actions.register_action(outages.LOG_ACTION)
    class MerchantStatusFormatter(LogFormatter):
        label = _("Connection to SumUp")

        def format_message(self, log_entry):
            words = {key: _status(log_entry.data.get(key)) for key in ("from", "to")}
            return _("From %(from)s to %(to)s") % words

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")


def _status(status):
    return MerchantStatus(status).label if status in MerchantStatus.values else status


def _label(state):
    return PaymentState(state).label if state in PaymentState.values else state
