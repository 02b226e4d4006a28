"""What Wagtail's history says of an order, its tickets, a sale, the refund of everybody, and what holders are told."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from ticketing.domain.changes import states as change_states
from ticketing.domain.dates import copies, sale_changes, sales
from ticketing.domain.messages import address_correction
from ticketing.domain.orders import manual_settlement, states
from ticketing.enums import BatchState, ChangeKind, NoticeState, OrderState


def describe_order_state(data):
    before, to = (OrderState(data[key]).label for key in ("from", "to"))
    return _("Order moved from “%(before)s” to “%(to)s”") % {"before": before, "to": to}


def describe_batch_state(data):
    return _("Refund of everybody: %(state)s") % {"state": BatchState(data["to"]).label}


def describe_settlement(data):
    return _("Settled by hand: paid") if data["paid"] else _("Settled by hand: not paid")


def describe_address_change(data):
    return _("E-mail address corrected")


def describe_void_tickets(data):
    number = data["tickets"]
    return ngettext("%(count)d ticket made void", "%(count)d tickets made void", number) % {"count": number}


def describe_sale_start(data):
    words = ngettext("Put on sale: %(count)d ticket type", "Put on sale: %(count)d ticket types", data["types"])
    return words % {"count": data["types"]}


def describe_sale_copy(data):
    return _("Put on sale with the tickets of %(when)s") % {"when": data["when"]}


def describe_sale_change(data):
    lines = [
        _("%(what)s: %(was)s → %(is)s") % {"what": what, "was": was, "is": now} for what, was, now in data["lines"]
    ]
    return _("Changed with other dates. %(lines)s") % {"lines": "; ".join(map(str, lines))}


def describe_stop(data):
    return _("Selling stopped")


def describe_resumption(data):
    return _("Sold again")


def describe_notice_state(data):
    told = {"kind": ChangeKind(data["kind"]).label, "state": NoticeState(data["to"]).label}
    return _("“%(kind)s” for ticket holders: %(state)s") % told


def describe_notice_words(data):
    return _("“%(kind)s” for ticket holders: words edited") % {"kind": ChangeKind(data["kind"]).label}


def describe_undone_change(data):
    return _("“%(kind)s”: put back before anybody was told") % {"kind": ChangeKind(data["kind"]).label}


LOG_ACTIONS = {
    states.LOG_ACTION: (_("Change an order's state"), describe_order_state),
    sales.STARTED: (_("Put on sale"), describe_sale_start),
    copies.COPIED: (_("Copy a sale"), describe_sale_copy),
    sales.STOPPED: (_("Stop selling"), describe_stop),
    sales.RESUMED: (_("Sell again"), describe_resumption),
    sale_changes.CHANGED: (_("Change several dates"), describe_sale_change),
    states.BATCH_ACTION: (_("Refund everybody"), describe_batch_state),
    states.VOID_ACTION: (_("Make tickets void"), describe_void_tickets),
    manual_settlement.LOG_ACTION: (_("Settle by hand"), describe_settlement),
    address_correction.LOG_ACTION: (_("Correct an address"), describe_address_change),
    change_states.LOG_ACTION: (_("Tell ticket holders of a change"), describe_notice_state),
    change_states.WORDS_ACTION: (_("Edit a change notice"), describe_notice_words),
    change_states.UNDONE_ACTION: (_("Put a changed date back"), describe_undone_change),
}


def build_formatter(words, describe):
    class ReasonFormatter(LogFormatter):
        label = words

        def format_message(self, log_entry):
            return describe(log_entry.data)

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")

    return ReasonFormatter


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for action, (words, describe) in LOG_ACTIONS.items():
        actions.register_action(action)(build_formatter(words, describe))
