"""What Wagtail's history of an event page says of its dates."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from events_pages.enums import PerformanceStatus

LABELS = {
    "events_pages.date_added": _("Add a date"),
    "events_pages.date_changed": _("Change a date"),
    "events_pages.date_removed": _("Delete a date"),
}


def name_logged_date(told):
    return date_format(datetime.fromisoformat(told["starts_at"]), "D j F Y, H:i")


def describe_added(told):
    return _("Date added: %(when)s") % {"when": name_logged_date(told)}


def describe_removed(told):
    return _("Date deleted: %(when)s") % {"when": name_logged_date(told)}


def describe_changed(told):
    was, now = ({"when": name_logged_date(each), "status": each["status"]} for each in (told["was"], told))
    if was["when"] != now["when"]:
        return _("Date moved: from %(was)s to %(is)s") % {"was": was["when"], "is": now["when"]}
    if was["status"] != now["status"]:
        words = {"when": now["when"], "status": PerformanceStatus(now["status"]).label}
        return _("Date of %(when)s: %(status)s") % words
    return _("Date changed: %(when)s") % {"when": now["when"]}


DESCRIPTIONS = {
    "events_pages.date_added": describe_added,
    "events_pages.date_changed": describe_changed,
    "events_pages.date_removed": describe_removed,
}


def build_formatter(action):
    class DateFormatter(LogFormatter):
        label = LABELS[action]

        def format_message(self, log_entry):
            return DESCRIPTIONS[action](log_entry.data)

    return DateFormatter


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for action in DESCRIPTIONS:
        actions.register_action(action)(build_formatter(action))
