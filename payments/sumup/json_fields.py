"""Fields of SumUp's JSON: the right type, or `Unreadable`. With a `default` a missing or null value is fine."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from payments.provider import Unreadable

IDENTIFIER = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
LARGEST = Decimal(10) ** 9
LONGEST_TEXT = 500
MOST_ATTEMPTS = 50
YEARS = range(2000, 2200)


def read_object(data):
    if not isinstance(data, dict):
        raise Unreadable(f"an object was expected, not {type(data).__name__}")
    return data


def read_text(data, key, default=None):
    value = data.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not value or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise Unreadable(f"{key} is not text")
    return value


def read_identifier(data, key, default=None):
    value = read_text(data, key, default)
    if value != default and not IDENTIFIER.fullmatch(value):
        raise Unreadable(f"{key} is not an identifier")
    return value


def read_choice(data, key, choices):
    value = read_text(data, key)
    if value not in choices.values:
        raise Unreadable(f"{key} is a word we do not know")
    return value


def read_amount(data, key="amount", default=None, *, least=0):
    value = data.get(key)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable(f"{key} is not a number")
    value = Decimal(value)
    if not value.is_finite() or not least <= value < LARGEST:
        raise Unreadable(f"{key} is out of range")
    return value


def read_time(data, key, *, optional=False):
    """An aware time. SumUp writes `Z` or an offset; without either it is UTC. No payment waits for an optional one."""
    parsed = _parse_date(datetime, data, key, optional)
    return parsed.replace(tzinfo=UTC) if parsed and parsed.tzinfo is None else parsed


def read_date(data, key, *, optional=False):
    """A date; a time of day behind it is left out."""
    return _parse_date(date, data | {key: str(data.get(key) or "")[:10]}, key, optional)


def _parse_date(kind, data, key, optional):
    try:
        parsed = kind.fromisoformat(read_text(data, key))
        if parsed.year in YEARS:
            return parsed
    except (ValueError, Unreadable):
        pass
    if optional:
        return None
    raise Unreadable(f"{key} is not a {kind.__name__}")


def read_list(data, key, *, most=MOST_ATTEMPTS):
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise Unreadable(f"{key} is not a short list")
    return value
