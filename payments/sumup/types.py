"""What SumUp says, read into our own words. Unknown keys are fine; a wrong type is an unreadable answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from payments.enums import CheckoutStatus, EventStatus, MovementKind, TransactionStatus
from payments.money import ZERO
from payments.sumup.errors import Unreadable, printable
from payments.sumup.reading import LARGEST, a_list, amount, an_object, identifier, moment, text, word

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
    data = an_object(data)
    return Checkout(
        id=identifier(data, "id"),
        reference=text(data, "checkout_reference"),
        merchant_code=text(data, "merchant_code"),
        amount=amount(data),
        currency=text(data, "currency"),
        status=word(data, "status", CheckoutStatus),
        hosted_url=text(data, "hosted_checkout_url", default=""),
        transaction_id=identifier(data, "transaction_id", default=""),
        transaction_code=text(data, "transaction_code", default=""),
        attempts=tuple(read_transaction(item) for item in a_list(data, "transactions", most=MOST_TRIES)),
        document=evidence(data),
    )


def read_whole_transaction(data):
    """A transaction with its story (contract notes 3.1). Raises `Unreadable`.

    A refund or charge back that cannot be read is no proof of anything: the whole answer is refused.
    """
    return replace(
        read_transaction(data),
        fee=_fee(data),
        events=_merge(_money_events(data, "transaction_events"), _money_events(data, "events")),
        refundable=_refundable(data),
        document=evidence(data),
    )


def _money_events(data, key):
    items = [an_object(item) for item in a_list(data, key, most=MOST_EVENTS)]
    kinds = [item.get("event_type") or item.get("type") for item in items]
    return [_money_event(item, kind) for item, kind in zip(items, kinds, strict=True) if kind in MONEY_BACK]


def _money_event(item, kind):
    number = item.get("id")
    return MoneyEvent(
        id=str(number) if type(number) is int else identifier(item, "id"),
        kind=kind,
        status=text(item, "status"),
        amount=abs(amount(item, least=-LARGEST)),
        at=moment(item, "timestamp", optional=True),
        fee=_fee(item),
    )


def _fee(data):
    try:
        return amount(data, "fee_amount")
    except Unreadable:
        return None


def _merge(events, others):
    """SumUp tells the same story in two lists: an event of the second counts only if the first has not got it."""
    known = {(event.kind, event.id) for event in events} | {(each.kind, each.amount, each.at) for each in events}
    new = [each for each in others if not {(each.kind, each.id), (each.kind, each.amount, each.at)} & known]
    return (*events, *new)


def _refundable(data):
    links = [link for link in a_list(data, "links") if isinstance(link, dict) and link.get("rel") == "refund"]
    return amount(links[0], "max_amount") if links and links[0].get("max_amount") is not None else None


def read_transaction(data):
    """A transaction as a checkout shows it (contract notes 2.3). Raises `Unreadable`."""
    data = an_object(data)
    return Transaction(
        id=identifier(data, "id"),
        code=text(data, "transaction_code", default=""),
        status=word(data, "status", TransactionStatus),
        amount=amount(data),
        currency=text(data, "currency"),
        timestamp=moment(data, "timestamp", optional=True),
    )


def evidence(data):
    """The part of an answer that may be stored: short, without a token, a person or an instrument.

    Of many attempts the last ones are kept; how many were declined is counted before (`declines`).
    """
    kept = {key: printable(str(data[key]))[:100] for key in KEPT if data.get(key) is not None}
    if declines := _declines(data.get("transactions")):
        kept["declines"] = declines
    for key, most in LISTS.items():
        if isinstance(data.get(key), list):
            kept[key] = [evidence(item) for item in data[key][-most:] if isinstance(item, dict)]
    return kept


def _declines(attempts):
    attempts = attempts if isinstance(attempts, list) else []
    return sum(isinstance(each, dict) and each.get("status") == TransactionStatus.FAILED for each in attempts)
