"""What SumUp says, read into our own words. Unknown keys are fine; a wrong type is an unreadable answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from payments.enums import CheckoutStatus, EventStatus, MovementKind, TransactionStatus
from payments.money import ZERO
from payments.sumup.errors import Unreadable, strip_unprintable
from payments.sumup.json_fields import (
    LARGEST,
    read_amount,
    read_choice,
    read_identifier,
    read_list,
    read_object,
    read_text,
    read_time,
)

MOST_EVENTS = 1000
MONEY_BACK = {MovementKind.REFUND, MovementKind.CHARGE_BACK}
ON_ITS_WAY = {EventStatus.PENDING, EventStatus.SCHEDULED}
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


@dataclass(frozen=True)
class MoneyEvent:
    """Money that went back, or was to go back, for a transaction. `amount` in pounds, never below zero; `at` aware."""

    id: str
    kind: str
    status: str
    amount: Decimal
    at: datetime | None = None
    fee: Decimal | None = None

    @property
    def is_done(self):
        """What is neither refused nor on its way has happened, whatever word SumUp finds for it next."""
        return self.status != EventStatus.FAILED and not self.is_on_its_way

    @property
    def is_on_its_way(self):
        return self.status in ON_ITS_WAY


@dataclass(frozen=True)
class Transaction:
    """One attempt to pay. Amounts in pounds (major units), `timestamp` by SumUp's clock.

    `events` are its refunds and charge backs, whichever of SumUp's two lists names them; a checkout shows none.
    `refundable` is what SumUp's own refund link allows, None without one, which proves nothing (contract notes 3.1).
    """

    id: str
    code: str
    status: str
    amount: Decimal
    currency: str
    timestamp: datetime | None = None
    fee: Decimal | None = None
    events: tuple[MoneyEvent, ...] = ()
    refundable: Decimal | None = None
    document: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def refunded(self):
        """What has gone back to the payer by refunds: the only proof there is (contract notes 3.3)."""
        return self._sum(event for event in self.events if event.kind == MovementKind.REFUND and event.is_done)

    @property
    def left(self):
        """What could still go back: the amount less all that went back or is on its way."""
        gone = self._sum(event for event in self.events if event.status != EventStatus.FAILED)
        return max(self.amount - gone, ZERO)

    @staticmethod
    def _sum(events):
        return sum((event.amount for event in events), ZERO)


@dataclass(frozen=True)
class Checkout:
    """A checkout as SumUp sees it. `amount` in pounds (major units); `attempts` oldest first."""

    id: str
    reference: str
    merchant_code: str
    amount: Decimal
    currency: str
    status: str
    hosted_url: str = ""
    transaction_id: str = ""
    transaction_code: str = ""
    attempts: tuple[Transaction, ...] = ()
    document: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def successes(self):
        """The attempts that brought money, also when it went back since (contract notes 3.3)."""
        brought = {TransactionStatus.SUCCESSFUL, TransactionStatus.REFUNDED}
        return [attempt for attempt in self.attempts if attempt.status in brought]

    @property
    def was_refunded(self):
        """In part or as a whole; SumUp does not always say so here."""
        return any(attempt.status == TransactionStatus.REFUNDED for attempt in self.attempts)

    @property
    def was_declined(self):
        """The last attempt failed, whatever became of the checkout since."""
        if self.status in {CheckoutStatus.PENDING, CheckoutStatus.FAILED}:
            return self.status == CheckoutStatus.FAILED
        return bool(self.attempts) and self.attempts[-1].status == TransactionStatus.FAILED


def read_checkout(data):
    """A checkout from SumUp's JSON (contract notes 2.2, 2.3). Raises `Unreadable`."""
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
    """A transaction with its story (contract notes 3.1). Raises `Unreadable`.

    A refund or charge back that cannot be read is no proof of anything: the whole answer is refused.
    """
    return replace(
        read_transaction(data),
        fee=_read_fee(data),
        events=_merge_events(_read_money_events(data, "transaction_events"), _read_money_events(data, "events")),
        refundable=_read_refundable(data),
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
    """SumUp tells the same story in two lists: an event of the second counts only if the first has not got it."""
    known = {(event.kind, event.id) for event in events} | {(each.kind, each.amount, each.at) for each in events}
    new = [each for each in others if not {(each.kind, each.id), (each.kind, each.amount, each.at)} & known]
    return (*events, *new)


def _read_refundable(data):
    links = [link for link in read_list(data, "links") if isinstance(link, dict) and link.get("rel") == "refund"]
    return read_amount(links[0], "max_amount") if links and links[0].get("max_amount") is not None else None


def read_transaction(data):
    """A transaction as a checkout shows it (contract notes 2.3). Raises `Unreadable`."""
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
    """The part of an answer that may be stored: short, without a token, a person or an instrument.

    Of many attempts the last ones are kept; how many were declined is counted before (`declines`).
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
