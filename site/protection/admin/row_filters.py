"""Filters by a row that is picked by typing, where a list to choose from would have ten thousand lines.

A person's own rows are found by their words, or by “#” and their number. The browser suggests some while one types;
without its script all rows that the words find are meant.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import django_filters
from django import forms
from django.http import Http404, JsonResponse
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from common.http.browser_policy import keep_private

MOST_FOUND = 50
MOST_SUGGESTED = 20
NUMBERED = re.compile(r"(?:.*#)?(\d{1,9})\s*", re.ASCII | re.DOTALL)
_choices = {}


@dataclass(frozen=True)
class RowChoice:
    """Rows of one kind. `rows(request)` are a person's own, `find(rows, text)` at most MOST_FOUND of them, the best
    first; `describe(row)` tells one from the others."""

    kind: str
    rows: Callable
    find: Callable
    describe: Callable

    def pick(self, request, text):
        """Those that a text means: one by its number, or all that it finds."""
        rows = self.rows(request)
        numbered = NUMBERED.fullmatch(text)
        if numbered and (row := rows.filter(pk=numbered[1]).first()):
            return PickedRows(self.describe(row), [row])
        return PickedRows(text, list(self.find(rows, text)))

    def suggest(self, request, text):
        return [self.name_row(row) for row in self.find(self.rows(request), text)[:MOST_SUGGESTED]]

    def name_row(self, row):
        return f"{self.describe(row)} #{row.pk}"


@dataclass(frozen=True)
class PickedRows:
    words: str
    rows: list

    def __str__(self):
        return self.words


def register_choice(choice):
    _choices[choice.kind] = choice
    return choice


class RowField(forms.CharField):
    """`request` is set by its filter."""

    request = None

    def __init__(self, *, choice, **kwargs):
        address = reverse_lazy("row_suggestions", args=[choice.kind])
        words = _("Words of it, or # and its number.")
        widget = forms.TextInput({"data-suggestions": address, "autocomplete": "off"})
        super().__init__(max_length=200, widget=widget, **{"help_text": words} | kwargs)
        self.choice, self.picked = choice, {}

    def pick(self, text):
        if text not in self.picked:
            self.picked[text] = self.choice.pick(self.request, text)
        return self.picked[text]

    def clean(self, value):
        text = super().clean(value)
        return self.pick(text) if text else None

    def prepare_value(self, value):
        """A number from a link as the words that it stands for."""
        text = str(value or "").strip()
        if not NUMBERED.fullmatch(text):
            return value
        found = self.pick(text)
        return self.choice.name_row(found.rows[0]) if len(found.rows) == 1 else value


class RowFilter(django_filters.Filter):
    field_class = RowField

    @cached_property
    def field(self):
        field = super().field
        field.request = self.parent.request
        return field

    def filter(self, rows, picked):
        return rows if picked is None else rows.filter(**{f"{self.field_name}__in": picked.rows})


def suggest_rows(request, kind):
    """For all of the staff, about their own rows."""
    if kind not in _choices:
        raise Http404
    found = _choices[kind].suggest(request, request.GET.get("q", "")[:200])
    return keep_private(JsonResponse({"rows": found}))
