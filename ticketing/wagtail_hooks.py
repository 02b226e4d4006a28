from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from ticketing.domain import states
from ticketing.enums import OrderState


@hooks.register("register_log_actions")
def register_order_states(actions):
    @actions.register_action(states.LOG_ACTION)
    class OrderStateFormatter(LogFormatter):
        label = _("Change an order's state")

        def format_message(self, log_entry):
            before, to = (OrderState(log_entry.data[key]).label for key in ("from", "to"))
            return _("Order moved from “%(before)s” to “%(to)s”") % {"before": before, "to": to}

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")
