"""How a task and its duration are written."""

from django import template
from django.apps import apps
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def task_title(name):
    """“payments.tasks.poll_payments” → “Poll payments”."""
    return name.rpartition(".")[2].replace("_", " ").capitalize()


@register.filter
def task_app(name):
    label = name.partition(".")[0]
    return apps.get_app_config(label).verbose_name if apps.is_installed(label) else label


@register.filter
def task_time(seconds):
    """“0.2 s”, “48 s” or “3 min”."""
    if seconds >= 120:
        return _("%(n)d min") % {"n": seconds // 60}
    return _("%(n)s s") % {"n": f"{seconds:.1f}" if seconds < 10 else int(seconds)}
