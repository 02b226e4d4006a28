"""What SumUp accepts in the body of a checkout. A field is read, or named as MISSING or INVALID."""

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import urlsplit

from .answers import Refused, validation_errors

CURRENCIES = frozenset(
    {"BRL", "CHF", "CLP", "COP", "CZK", "DKK", "EUR", "GBP", "HRK", "HUF", "NOK", "PLN", "RON", "SEK", "USD"}
)
PURPOSES = frozenset({"CHECKOUT", "SETUP_RECURRING_PAYMENT"})
LONGEST_REFERENCE = 64


class Invalid(Exception):
    """The value is not one SumUp takes."""


def json_object(body, *, empty_is=None):
    """The body as a dict with Decimals, or the refusal that SumUp would send."""
    if not body.strip() and empty_is is not None:
        return empty_is
    try:
        data = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(validation_errors([("body", "INVALID")])) from None
    if not isinstance(data, dict):
        raise Refused(validation_errors([("body", "INVALID")]))
    return data


def _no_constant(name):
    raise ValueError(name)


def require_valid(condition):
    if not condition:
        raise Invalid


def read_filled_text(value):
    require_valid(isinstance(value, str) and value.strip())
    return value


def read_reference(value):
    require_valid(len(read_filled_text(value)) <= LONGEST_REFERENCE)
    return value


def read_amount(value):
    require_valid(isinstance(value, int | Decimal) and not isinstance(value, bool))
    value = Decimal(value)
    require_valid(value.is_finite() and 0 < value < 10**9 and value == round(value, 2))
    return round(value, 2)


def read_currency(value):
    require_valid(isinstance(value, str) and value in CURRENCIES)
    return value


def web_address(value):
    try:
        parts = urlsplit(read_filled_text(value))
    except ValueError:
        raise Invalid from None
    require_valid(parts.scheme in {"http", "https"} and parts.hostname)
    return value


def read_timestamp(value):
    try:
        parsed = dt.datetime.fromisoformat(read_filled_text(value))
    except ValueError:
        raise Invalid from None
    require_valid(parsed.tzinfo)
    return parsed


def read_purpose(value):
    require_valid(isinstance(value, str) and value in PURPOSES)
    return value


def read_hosted(value):
    require_valid(isinstance(value, dict) and isinstance(value.get("enabled"), bool))
    return value["enabled"]


# The field at SumUp, the field of our record, its reader
REQUIRED = (
    ("checkout_reference", "reference", read_reference),
    ("amount", "amount", read_amount),
    ("currency", "currency", read_currency),
    ("merchant_code", "merchant_code", read_filled_text),
)
OPTIONAL = (
    ("description", "description", read_filled_text),
    ("return_url", "return_url", web_address),
    ("redirect_url", "redirect_url", web_address),
    ("customer_id", "customer_id", read_filled_text),
    ("purpose", "purpose", read_purpose),
    ("hosted_checkout", "hosted", read_hosted),
    ("valid_until", "valid_until", read_timestamp),
)
CHANGEABLE = frozenset({"amount", "currency", "description", "checkout_reference", "valid_until", "customer_id"})


def read_fields(data, *, required, optional, now):
    """The fields of a record. Raises `Refused` naming every field that is missing or wrong."""
    wrong = [(name, "MISSING") for name, _, _ in required if data.get(name) in (None, "")]
    missing = {name for name, _ in wrong}
    read = {}
    for name, target, reader in (*required, *optional):
        if name in missing or data.get(name) is None:
            continue
        try:
            read[target] = reader(data[name])
        except Invalid:
            wrong.append((name, "INVALID"))
    if "valid_until" in read and read["valid_until"] <= now:
        wrong.append(("valid_until", "INVALID"))
    if wrong:
        raise Refused(validation_errors(wrong))
    return read


def read_new_checkout(data, *, now):
    return read_fields(data, required=REQUIRED, optional=OPTIONAL, now=now)


def read_changes(data, *, now):
    fields = tuple(field for field in (*REQUIRED, *OPTIONAL) if field[0] in CHANGEABLE)
    return read_fields(data, required=(), optional=fields, now=now)
