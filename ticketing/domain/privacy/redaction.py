"""Redaction: takes names and e-mail addresses out of sentences that somebody typed or a provider said."""

import re
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from wagtail.models import ModelLogEntry

from common.text.email_addresses import E_MAIL_IN_SENTENCE

ERASED_MARK = "[erased]"
SHORTEST_NAME_PART = 3  # letters of a name's part: shorter ones are in every sentence


@dataclass(frozen=True)
class TextColumns:
    """Columns of a model with sentences in them. `key` leads to the order: its id, its reference or its admin path."""

    model: type
    fields: tuple
    key: str
    by: str


def compile_name_pattern(names):
    """Finds these names, and each part of them by itself, whatever the case; None without a name."""
    words = {name for name in names if name} | {
        part for name in names for part in name.split() if len(part) >= SHORTEST_NAME_PART
    }
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE) if words else None


def redact_text(text, pattern):
    text = E_MAIL_IN_SENTENCE.sub(ERASED_MARK, text)
    return pattern.sub(ERASED_MARK, text) if pattern else text


def redact_rows(text, patterns):
    """Redacts the rows that one `TextColumns` names; `patterns` by what its key finds. Returns {row id: pattern} of all
    it looked at.
    """
    seen = {}
    rows = text.model.objects.filter(**{f"{text.key}__in": list(patterns)})
    for pk, key, *before in rows.values_list("pk", text.key, *text.fields):
        seen[pk] = patterns[key]
        after = [redact_text(value, patterns[key]) for value in before]
        if after != before:
            text.model.objects.filter(pk=pk).update(**dict(zip(text.fields, after, strict=True)))
    return seen


def redact_log_entries(model, patterns):
    kind = ContentType.objects.get_for_model(model)
    entries = ModelLogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in patterns])
    for entry in entries.only("pk", "object_id", "data"):
        after = _redact_values(entry.data, patterns[int(entry.object_id)])
        if after != entry.data:
            ModelLogEntry.objects.filter(pk=entry.pk).update(data=after)


def _redact_values(value, pattern):
    if isinstance(value, dict):
        return {key: each if key in ("from", "to") else _redact_values(each, pattern) for key, each in value.items()}
    if isinstance(value, list):
        return [_redact_values(each, pattern) for each in value]
    return redact_text(value, pattern) if isinstance(value, str) else value
