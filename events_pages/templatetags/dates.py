"""Dates in words, as `events_pages.dates.wording` says them now."""

from django import template
from django.template.defaultfilters import capfirst
from django.utils import timezone

from events_pages.dates import wording

register = template.Library()


@register.filter
def in_words(schedule):
    """All its dates on a line of their own: “Fri 2 – Sat 10 July, 8 dates”."""
    return capfirst(wording.describe_dates(schedule, timezone.now()))


@register.filter
def short_date(performance):
    return wording.format_short_date(performance, timezone.now())


@register.filter
def lasts_days(performance):
    first, last = wording.span_days(performance)
    return last > first
