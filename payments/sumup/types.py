"""What SumUp says, read into our own words. Unknown keys are fine; a wrong type is an unreadable answer."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from payments.enums import CheckoutStatus, TransactionStatus
from payments.sumup.errors import Unreadable, printable

IDENTIFIER = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
LARGEST = Decimal(10) ** 9
LONGEST_TEXT = 500
MOST_ATTEMPTS = 50
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
)


@dataclass(frozen=True)
class Transaction:
    """One attempt to pay. `amount` in pounds (major units)."""

    id: str
    code: str
    status: str
    amount: Decimal
    currency: str


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
        return [attempt for attempt in self.attempts if attempt.status == TransactionStatus.SUCCESSFUL]

    @property
    def was_declined(self):
        """The last attempt failed, whatever became of the checkout since."""
        if self.status in {CheckoutStatus.PENDING, CheckoutStatus.FAILED}:
            return self.status == CheckoutStatus.FAILED
        return bool(self.attempts) and self.attempts[-1].status == TransactionStatus.FAILED


def read_checkout(data):
    """A checkout from SumUp's JSON (contract notes 2.2, 2.3). Raises `Unreadable`."""
    data = _object(data)
    return Checkout(
        id=_identifier(data, "id"),
        reference=_text(data, "checkout_reference"),
        merchant_code=_text(data, "merchant_code"),
        amount=_amount(data),
        currency=_text(data, "currency"),
        status=_word(data, "status", CheckoutStatus),
        hosted_url=_text(data, "hosted_checkout_url", default=""),
        transaction_id=_identifier(data, "transaction_id", default=""),
        transaction_code=_text(data, "transaction_code", default=""),
        attempts=tuple(read_transaction(item) for item in _list(data, "transactions")),
        document=evidence(data),
    )


def read_transaction(data):
    """A transaction from SumUp's JSON (contract notes 2.3, 3.1). Raises `Unreadable`."""
    data = _object(data)
    return Transaction(
        id=_identifier(data, "id"),
        code=_text(data, "transaction_code", default=""),
        status=_word(data, "status", TransactionStatus),
        amount=_amount(data),
        currency=_text(data, "currency"),
    )


def evidence(data):
    """The part of an answer that may be stored: short, without a token, a person or an instrument."""
    kept = {key: printable(str(data[key]))[:100] for key in KEPT if data.get(key) is not None}
    attempts = data.get("transactions")
    if isinstance(attempts, list):
        kept["transactions"] = [evidence(item) for item in attempts[-5:] if isinstance(item, dict)]
    return kept


def _object(data):
    if not isinstance(data, dict):
        raise Unreadable(f"an object was expected, not {type(data).__name__}")
    return data


def _text(data, key, default=None):
    value = data.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not value or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise Unreadable(f"{key} is not text")
    return value


def _identifier(data, key, default=None):
    value = _text(data, key, default)
    if value != default and not IDENTIFIER.fullmatch(value):
        raise Unreadable(f"{key} is not an identifier")
    return value


def _word(data, key, choices):
    value = _text(data, key)
    if value not in choices.values:
        raise Unreadable(f"{key} is a word we do not know")
    return value


def _amount(data):
    value = data.get("amount")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable("amount is not a number")
    value = Decimal(value)
    if not value.is_finite() or not 0 <= value < LARGEST:
        raise Unreadable("amount is out of range")
    return value


def _list(data, key):
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_ATTEMPTS:
        raise Unreadable(f"{key} is not a short list")
    return value
