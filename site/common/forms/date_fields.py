"""Date and time fields of every form, the site's, the admin's, Wagtail's and those of filters, read as `typed_dates`
reads.

Django has no setting for it: its formats are tried one by one against the whole text, depend on the language of the
person, and what none of them fits is "a valid date" to nobody. So the one method that turns text into a value is
replaced, once, for every field whose formats nobody has chosen.
"""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import format_html

from common.text import typed_dates
from common.text.typed_dates import Unreadable

_django_reads = {kind: kind.to_python for kind in (forms.DateField, forms.TimeField, forms.DateTimeField)}
_django_shows = forms.DateTimeField.prepare_value


def install_typed_dates():
    forms.DateField.to_python = read_date_field
    forms.TimeField.to_python = read_time_field
    forms.DateTimeField.to_python = read_moment_field
    forms.DateTimeField.prepare_value = show_moment
    forms.DateTimeField.get_bound_field = bind_moment


def read_date_field(field, value):
    return _read(field, value, kind=forms.DateField, reader=typed_dates.read_date)


def read_time_field(field, value):
    return _read(field, value, kind=forms.TimeField, reader=typed_dates.read_time)


def read_moment_field(field, value):
    """Aware UTC: two moments in one zone are compared by their figures, which are not in order when clocks go back."""
    reader = _begin_typed_day if asks_for_day(field) else typed_dates.read_moment
    return _read(field, value, kind=forms.DateTimeField, reader=reader)


def show_moment(field, value):
    """Reads back as the same moment: in the hour that comes twice its name stands behind it."""
    name = typed_dates.name_hour(value) if _is_aware(value) and not asks_for_day(field) else ""
    if not name:
        return _django_shows(field, value)
    return f"{timezone.localtime(value):{getattr(field.widget, 'format', None) or '%Y-%m-%d %H:%M'}} {name}"


def bind_moment(field, form, name):
    bound = BoundField(form, field, name)
    if note := _note_of(bound.value()):
        bound.help_text = format_html("{} {}", bound.help_text, note)
    return bound


def asks_for_day(field):
    return isinstance(field.widget, forms.DateInput)


def _read(field, value, *, kind, reader):
    if not isinstance(value, str) or field.input_formats is not kind.input_formats:
        return _django_reads[kind](field, value)
    if not value.strip():
        return None
    try:
        return reader(value)
    except Unreadable as wrong:
        raise ValidationError(str(wrong), code="invalid") from wrong


def _begin_typed_day(text):
    return typed_dates.begin_day(typed_dates.read_date(text))


def _note_of(value):
    if not isinstance(value, str):
        return ""
    try:
        return typed_dates.explain_moment(typed_dates.read_moment(value))
    except Unreadable:
        return ""


def _is_aware(value):
    return isinstance(value, date) and hasattr(value, "tzinfo") and timezone.is_aware(value)
