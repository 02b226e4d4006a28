"""SumUp's JSON, read into the types of `payments.provider`. Unknown keys are fine; a wrong type is `Unreadable`."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from payments.enums import CheckoutStatus, MovementKind, TransactionStatus
from payments.provider import Checkout, Membership, MerchantProfile, MoneyEvent, Transaction, Unreadable
from payments.sumup.errors import strip_unprintable

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


MOST_EVENTS = 1000
MONEY_BACK = {MovementKind.REFUND, MovementKind.CHARGE_BACK}
KEPT = (
    "id",
    "checkout_reference",
    "merchant_code",
    "amount",
    "currency",
    "status",
    "date",
    "timestamp",
    "valid_until",
    "transaction_id",
    "transaction_code",
    "payment_type",
    "entry_mode",
    "type",
    "event_type",
    "fee_amount",
)
LISTS = {"transactions": 5, "events": 20, "transaction_events": 20}  # how many of the last ones are kept
MOST_TRIES = 1000
"""Of one checkout: whoever tries out stolen cards leaves hundreds, and the payment among them must stay readable."""


def read_checkout(data):
    data = read_object(data)
    return Checkout(
        id=read_identifier(data, "id"),
        reference=read_text(data, "checkout_reference"),
        merchant_code=read_text(data, "merchant_code"),
        amount=read_amount(data),
        currency=read_text(data, "currency"),
        status=read_choice(data, "status", CheckoutStatus),
        hosted_url=read_text(data, "hosted_checkout_url", default=""),
        transaction_id=read_identifier(data, "transaction_id", default=""),
        transaction_code=read_text(data, "transaction_code", default=""),
        attempts=tuple(read_transaction(item) for item in read_list(data, "transactions", most=MOST_TRIES)),
        document=build_evidence(data),
    )


def read_whole_transaction(data):
    """With its refunds and charge backs (contract notes 3.1). One that cannot be read proves nothing: all is
    `Unreadable`.
    """
    return replace(
        read_transaction(data),
        fee=_read_fee(data),
        events=_merge_events(_read_money_events(data, "transaction_events"), _read_money_events(data, "events")),
        document=build_evidence(data),
    )


def _read_money_events(data, key):
    items = [read_object(item) for item in read_list(data, key, most=MOST_EVENTS)]
    kinds = [item.get("event_type") or item.get("type") for item in items]
    return [_read_money_event(item, kind) for item, kind in zip(items, kinds, strict=True) if kind in MONEY_BACK]


def _read_money_event(item, kind):
    number = item.get("id")
    return MoneyEvent(
        id=str(number) if type(number) is int else read_identifier(item, "id"),
        kind=kind,
        status=read_text(item, "status"),
        amount=abs(read_amount(item, least=-LARGEST)),
        at=read_time(item, "timestamp", optional=True),
        fee=_read_fee(item),
    )


def _read_fee(data):
    try:
        return read_amount(data, "fee_amount")
    except Unreadable:
        return None


def _merge_events(events, others):
    """SumUp lists the same events twice: one of the second list counts only if the first has not got it."""
    known = {(event.kind, event.id) for event in events} | {(each.kind, each.amount, each.at) for each in events}
    new = [each for each in others if not {(each.kind, each.id), (each.kind, each.amount, each.at)} & known]
    return (*events, *new)


def read_transaction(data):
    """As a checkout shows it (contract notes 2.3)."""
    data = read_object(data)
    return Transaction(
        id=read_identifier(data, "id"),
        code=read_text(data, "transaction_code", default=""),
        status=read_choice(data, "status", TransactionStatus),
        amount=read_amount(data),
        currency=read_text(data, "currency"),
        timestamp=read_time(data, "timestamp", optional=True),
    )


def build_evidence(data):
    """The part of an answer that may be stored: short, without a token, a person or a card.

    Of many attempts the last ones are kept, and how many were declined (`declines`).
    """
    kept = {key: strip_unprintable(str(data[key]))[:100] for key in KEPT if data.get(key) is not None}
    if declines := _count_declines(data.get("transactions")):
        kept["declines"] = declines
    for key, most in LISTS.items():
        if isinstance(data.get(key), list):
            kept[key] = [build_evidence(item) for item in data[key][-most:] if isinstance(item, dict)]
    return kept


def _count_declines(attempts):
    attempts = attempts if isinstance(attempts, list) else []
    return sum(isinstance(each, dict) and each.get("status") == TransactionStatus.FAILED for each in attempts)


def read_merchant(data):
    data = read_object(data)
    profile = data.get("business_profile") if isinstance(data.get("business_profile"), dict) else {}
    code = read_identifier(data, "merchant_code")
    return MerchantProfile(
        code=code,
        name=read_text(profile, "name", default="") or read_text(data, "alias", default="") or code,
        currency=read_text(data, "default_currency"),
        country=read_text(data, "country"),
        sandbox=_read_flag(data, "sandbox"),
    )


def read_memberships(data):
    data = read_object(data)
    total = data.get("total_count")
    if isinstance(total, bool) or not isinstance(total, int):
        raise Unreadable("total_count is not a number")
    return [_read_membership(read_object(item)) for item in read_list(data, "items")], total


def _read_membership(data):
    resource = read_object(data.get("resource") or {})
    attributes = read_object(resource.get("attributes") or {})
    code = read_identifier(data, "resource_id")
    return Membership(code, read_text(resource, "name", default="") or code, _read_flag(attributes, "sandbox"))


def _read_flag(data, key):
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(f"{key} is neither true nor false")
    return value
