"""SumUp's error answers, read into `payments.provider`'s errors. Messages are cut and cleaned before they are kept."""

import json
import re

from payments.provider import (
    AlreadyProcessed,
    Busy,
    Conflict,
    Duplicate,
    NotAllowed,
    NotEnough,
    NotFound,
    ProviderError,
    TooHigh,
    Unauthorised,
    Unreadable,
)

LONGEST_MESSAGE = 200
LONGEST_READ = 2_000  # characters of a message that are looked at
MESSAGE_KEYS = ("detail", "details", "message", "error_message", "title", "error_description", "error")
CREDENTIAL = re.compile(r"\b(?:sup_|sk_|pk_|at_|rt_|cc_)\w++|Bearer\s++\S++|[\w.\-]{32,}+", re.IGNORECASE)
TRY_AGAIN = {424, 429}
TOO_HIGH = "amount_too_high"
PROCESSED = {"CHECKOUT_PROCESSED", "session-already-processed"}


def build_error(status, text, *, retry_after=None):
    """The error for an HTTP status and its body, in whichever of SumUp's nine shapes (contract notes 5.1, 5.2)."""
    document = _parse_json(text)
    code, message = _find_code(document), clean_message(_find_message(document))
    kind, permanent = _error_class(status, code)
    if status == 422:
        kind = TooHigh if any(part.get("reason") == TOO_HIGH for part in _list_parts(document)) else NotEnough
    return kind(message, permanent=permanent, status=status, code=code, retry_after=retry_after)


def clean_message(message):
    """One short line without anything that looks like a credential."""
    return CREDENTIAL.sub("…", strip_unprintable(" ".join(message[:LONGEST_READ].split())))[:LONGEST_MESSAGE]


def strip_unprintable(text):
    """Without control characters and half characters, which no database takes."""
    return "".join(character for character in text if character.isprintable())


def _error_class(status, code):
    if status == 409:
        return {"DUPLICATED_CHECKOUT": Duplicate}.get(code, AlreadyProcessed if code in PROCESSED else Conflict), True
    if status in TRY_AGAIN or status >= 500:
        return Busy, False
    if status < 400:
        return Unreadable, False
    return {401: Unauthorised, 403: NotAllowed, 404: NotFound}.get(status, ProviderError), True


def _parse_json(text):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _find_code(document):
    for part in _list_parts(document):
        for key in ("error_code", "code", "error"):
            if isinstance(part.get(key), str):
                return clean_message(part[key])[:64]
        if isinstance(part.get("type"), str):
            return clean_message(part["type"].rstrip("/").rpartition("/")[2])[:64]
    return clean_message(document)[:64] if isinstance(document, str) else ""


def _find_message(document):
    sentences = [_describe_part(part) for part in _list_parts(document)]
    return "; ".join(dict.fromkeys(sentence for sentence in sentences if sentence))


def _describe_part(part):
    words = next((part[key] for key in MESSAGE_KEYS if isinstance(part.get(key), str)), "")
    where = next((part[key] for key in ("param", "reference") if isinstance(part.get(key), str)), "")
    return f"{words} ({where})" if where else words


def _list_parts(document):
    found = [part for part in (document if isinstance(document, list) else [document]) if isinstance(part, dict)]
    nested = [part.get(key) for part in found for key in ("errors", "failed_constraints")]
    for inner in nested:
        found += [part for part in (inner if isinstance(inner, list) else [inner]) if isinstance(part, dict)]
    return found[:10]
