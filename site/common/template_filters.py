"""Filters that every template has without loading them. Those that do load them say `email_tags` (TEMPLATES)."""

from django import template
from django.template.defaultfilters import stringfilter

from common.text.direction import isolate_text, reading_direction
from common.text.email_addresses import readable_email

LONG_TITLE = 60

register = template.Library()
register.filter("isolated", stringfilter(isolate_text), is_safe=True)
register.filter("direction", stringfilter(reading_direction))
register.filter("readable_email", readable_email)


@register.filter
def is_long_title(title):
    """Set smaller, or it fills the screen of a phone."""
    return len(title or "") > LONG_TITLE


@register.filter("titles")
def join_titles(pages):
    return ", ".join(isolate_text(page.title) for page in pages)
