"""What Wagtail's history says of the dates of an event page."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from events_pages.dates import edits


def describe_added(data):
    return _("Date added: %(date)s") % {"date": data["starts_at"]}


def describe_changed(data):
    was = data.get("was", {})
    if was.get("starts_at") != data["starts_at"]:
        return _("Date changed: %(was)s is now %(date)s") % {"was": was["starts_at"], "date": data["starts_at"]}
    return _("Date changed: %(date)s") % {"date": data["starts_at"]}


def describe_deleted(data):
    return _("Date deleted: %(date)s") % {"date": data["starts_at"]}


LOG_ACTIONS = {
    edits.ADDED: (_("Add a date"), describe_added),
    edits.CHANGED: (_("Change a date"), describe_changed),
    edits.DELETED: (_("Delete a date"), describe_deleted),
}


def build_formatter(words, describe):
    class DateFormatter(LogFormatter):
        label = words

        def format_message(self, log_entry):
            return describe(log_entry.data)

    return DateFormatter


@hooks.register("register_log_actions")
def register_date_actions(actions):
    for action, (words, describe) in LOG_ACTIONS.items():
        actions.register_action(action)(build_formatter(words, describe))
