"""SumUp's history and payouts, read into the types of `payments.provider` (contract notes 3.2, 3.5).

Words of statuses and kinds are kept as they come: a new one is no reason to lose sight of the money.
"""

from datetime import UTC
from decimal import Decimal
from urllib.parse import parse_qs

from payments.provider import HistoryItem, PayoutRow, Unreadable
from payments.sumup.answers import (
    LARGEST,
    read_amount,
    read_date,
    read_identifier,
    read_object,
    read_text,
    read_time,
)
from payments.sumup.errors import strip_unprintable

LONGEST_SUMMARY = 255
MOST_ITEMS = 10_000
MOST_MONEY = 10**8
CURRENCY_LETTERS = 3


def read_history_item(data):
    data = read_object(data)
    transaction_id = read_identifier(data, "transaction_id")
    return HistoryItem(
        id=read_identifier(data, "id", default=transaction_id),
        transaction_id=transaction_id,
        code=read_text(data, "transaction_code", default=""),
        amount=_read_money(data, "amount"),
        currency=_read_currency(data),
        at=read_time(data, "timestamp"),
        status=read_text(data, "status"),
        kind=read_text(data, "type"),
        payment_type=read_text(data, "payment_type", default=""),
        summary=_read_summary(data),
        refunded=_read_money(data, "refunded_amount", default=Decimal(0)),
        payout_date=read_date(data, "payout_date", optional=True),
    )


def read_payout_row(data):
    data = read_object(data)
    number = data.get("id")
    return PayoutRow(
        id=read_identifier(data | {"id": str(number) if type(number) is int else number}, "id"),
        kind=read_text(data, "type"),
        amount=_read_money(data, "amount"),
        date=read_date(data, "date"),
        currency=_read_currency(data),
        fee=_read_money(data, "fee", default=Decimal(0)),
        status=read_text(data, "status"),
        reference=read_text(data, "reference", default=""),
        transaction_code=read_text(data, "transaction_code", default=""),
    )


def build_history_query(*, changes_since, oldest_time, newest_time, statuses, types, transaction_code, limit):
    times = {"changes_since": changes_since, "oldest_time": oldest_time, "newest_time": newest_time}
    stamps = {name: _format_time(when) for name, when in times.items() if when is not None}
    lists = {"statuses[]": list(statuses), "types[]": list(types)}
    code = {"transaction_code": transaction_code} if transaction_code else {}
    return (
        {"limit": limit, "order": "ascending"} | code | stamps | {name: words for name, words in lists.items() if words}
    )


def read_history_page(data):
    """(items, query of the next page or None). Only the query of a link counts, never its host."""
    data = read_object(data)
    links = [read_object(link) for link in read_entries(data.get("links") or [])]
    following = [read_text(link, "href", default="") for link in links if link.get("rel") == "next"]
    items = [read_history_item(item) for item in read_entries(data.get("items"))]
    return items, parse_qs(following[0].rpartition("?")[2]) if following and following[0] else None


def read_entries(value):
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise Unreadable("a list was expected")
    return value


def _read_money(data, key, default=None):
    """Some lists write what goes out below zero: the kind tells the direction, so the sign is dropped."""
    value = abs(read_amount(data, key, default, least=-LARGEST))
    if value >= MOST_MONEY:
        raise Unreadable(f"{key} is out of range")
    return value


def _read_currency(data):
    code = read_text(data, "currency")
    if len(code) != CURRENCY_LETTERS:
        raise Unreadable("currency is not one")
    return code


def _read_summary(data):
    words = data.get("product_summary")  # only a hint: nothing in it is a reason to stop
    return strip_unprintable(words)[:LONGEST_SUMMARY] if isinstance(words, str) else ""


def _format_time(when):
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
