"""How the admin's history tells what became of a payment, a refund, a discrepancy or a connection."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter

from payments.enums import MerchantStatus


def make_state_formatter(model):
    states = model._meta.get_field("state")

    class StateFormatter(LogFormatter):
        label = _("%(what)s: state") % {"what": capfirst(model._meta.verbose_name)}

        def format_message(self, log_entry):
            words = {key: dict(states.flatchoices).get(log_entry.data.get(key), "") for key in ("from", "to")}
            return _("From %(from)s to %(to)s") % words if words["from"] else words["to"]

        def format_comment(self, log_entry):
            return log_entry.data.get("reason") or log_entry.data.get("problem", "")

    return StateFormatter


class MerchantStatusFormatter(LogFormatter):
    label = _("Connection to SumUp")

    def format_message(self, log_entry):
        words = {key: _status(log_entry.data.get(key)) for key in ("from", "to")}
        return _("From %(from)s to %(to)s") % words

    def format_comment(self, log_entry):
        return log_entry.data.get("reason", "")


def _status(status):
    return MerchantStatus(status).label if status in MerchantStatus.values else _("new")
