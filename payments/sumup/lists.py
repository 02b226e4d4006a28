"""SumUp's two lists, history and payouts, read into our own words (contract notes 3.2, 3.5).

The words of statuses and types are kept as they come: a new one is no reason to lose sight of the money.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qs

from payments.sumup.errors import Unreadable, printable
from payments.sumup.reading import LARGEST, amount, an_object, day, identifier, moment, text

LONGEST_SUMMARY = 255
MOST_ITEMS = 10_000
MOST_MONEY = 10**8
CURRENCY_LETTERS = 3


@dataclass(frozen=True)
class HistoryItem:
    """One line of the history: a payment, a refund or a charge back. Amounts in pounds, `at` aware."""

    id: str
    transaction_id: str
    code: str
    amount: Decimal
    currency: str
    at: datetime
    status: str
    kind: str
    payment_type: str = ""
    summary: str = ""
    refunded: Decimal = Decimal(0)
    payout_date: date | None = None


@dataclass(frozen=True)
class PayoutRow:
    """One sale's (or deduction's) part of a bank transfer. Amounts in pounds."""

    id: str
    kind: str
    amount: Decimal
    date: date
    currency: str
    fee: Decimal
    status: str
    reference: str
    transaction_code: str


def read_history_item(data):
    """Raises `Unreadable`."""
    data = an_object(data)
    transaction_id = identifier(data, "transaction_id")
    return HistoryItem(
        id=identifier(data, "id", default=transaction_id),
        transaction_id=transaction_id,
        code=text(data, "transaction_code", default=""),
        amount=_money(data, "amount"),
        currency=_currency(data),
        at=moment(data, "timestamp"),
        status=text(data, "status"),
        kind=text(data, "type"),
        payment_type=text(data, "payment_type", default=""),
        summary=_summary(data),
        refunded=_money(data, "refunded_amount", default=Decimal(0)),
        payout_date=day(data, "payout_date", optional=True),
    )


def read_payout_row(data):
    """Raises `Unreadable`. Its number becomes text, as every other id of SumUp's."""
    data = an_object(data)
    number = data.get("id")
    return PayoutRow(
        id=identifier(data | {"id": str(number) if type(number) is int else number}, "id"),
        kind=text(data, "type"),
        amount=_money(data, "amount"),
        date=day(data, "date"),
        currency=_currency(data),
        fee=_money(data, "fee", default=Decimal(0)),
        status=text(data, "status"),
        reference=text(data, "reference", default=""),
        transaction_code=text(data, "transaction_code", default=""),
    )


def history_query(*, changes_since, oldest_time, newest_time, statuses, types, transaction_code, limit):
    """Filters that are lists keep their brackets."""
    times = {"changes_since": changes_since, "oldest_time": oldest_time, "newest_time": newest_time}
    stamps = {name: _stamp(when) for name, when in times.items() if when is not None}
    lists = {"statuses[]": list(statuses), "types[]": list(types)}
    code = {"transaction_code": transaction_code} if transaction_code else {}
    return (
        {"limit": limit, "order": "ascending"} | code | stamps | {name: words for name, words in lists.items() if words}
    )


def read_page(data):
    """The items of one page and the query of the next, or None. Only the query of a link counts, never its host."""
    data = an_object(data)
    links = [an_object(link) for link in entries(data.get("links") or [])]
    following = [text(link, "href", default="") for link in links if link.get("rel") == "next"]
    items = [read_history_item(item) for item in entries(data.get("items"))]
    return items, parse_qs(following[0].rpartition("?")[2]) if following and following[0] else None


def entries(value):
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise Unreadable("a list was expected")
    return value


def _money(data, key, default=None):
    """Some lists write what goes out below zero: the kind of the line tells the direction, so the sign is dropped."""
    value = abs(amount(data, key, default, least=-LARGEST))
    if value >= MOST_MONEY:
        raise Unreadable(f"{key} is out of range")
    return value


def _currency(data):
    code = text(data, "currency")
    if len(code) != CURRENCY_LETTERS:
        raise Unreadable("currency is not one")
    return code


def _summary(data):
    """What the payer read; a hint and nothing more, so that nothing in it is a reason to stop."""
    words = data.get("product_summary")
    return printable(words)[:LONGEST_SUMMARY] if isinstance(words, str) else ""


def _stamp(when):
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
