"""Filters that every template has without loading them (settings: TEMPLATES)."""

from django import template
from django.template.defaultfilters import stringfilter

from common.text.direction import isolate_text, reading_direction

register = template.Library()
register.filter("isolated", stringfilter(isolate_text), is_safe=True)
register.filter("direction", stringfilter(reading_direction))
