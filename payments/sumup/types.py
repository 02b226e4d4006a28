"""What SumUp says, read into our own words. Unknown keys are fine; a wrong type is an unreadable answer."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from payments.enums import CheckoutStatus, TransactionStatus
from payments.sumup.errors import printable
from payments.sumup.reading import a_list, amount, an_object, identifier, moment, text, word

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
    """One attempt to pay. `amount` in pounds (major units), `timestamp` by SumUp's clock."""

    id: str
    code: str
    status: str
    amount: Decimal
    currency: str
    timestamp: datetime | None = None


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
        attempts=tuple(read_transaction(item) for item in a_list(data, "transactions")),
        document=evidence(data),
    )


def read_transaction(data):
    """A transaction from SumUp's JSON (contract notes 2.3, 3.1). Raises `Unreadable`."""
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
    """The part of an answer that may be stored: short, without a token, a person or an instrument."""
    kept = {key: printable(str(data[key]))[:100] for key in KEPT if data.get(key) is not None}
    attempts = data.get("transactions")
    if isinstance(attempts, list):
        kept["transactions"] = [evidence(item) for item in attempts[-5:] if isinstance(item, dict)]
    return kept
