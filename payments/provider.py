"""The port to payment providers: the calls, results and errors that the domain knows.

`payments/sumup/` is the one provider there is. Amounts are Decimal pounds, times aware. No error carries a body, a
header or a credential.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from payments.enums import CheckoutStatus, EventStatus, MovementKind, TransactionStatus
from payments.money import ZERO

ON_ITS_WAY = {EventStatus.PENDING, EventStatus.SCHEDULED}


class ProviderError(Exception):
    """`permanent` False: the same call may succeed later. `code` is the provider's own word for what went wrong."""

    def __init__(self, message, *, permanent=False, status=None, code="", retry_after=None):
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.status = status
        self.code = code
        self.retry_after = retry_after

    def __str__(self):
        return " ".join(str(part) for part in (self.status, self.code, self.message) if part)


class Unreachable(ProviderError):
    """No answer: refused, timed out or dropped. A write may have taken effect all the same."""


class Hung(Unreachable):
    """No whole answer in the time that there was."""


class NotAsked(Unreachable):
    """Nothing was sent: too many wait for this merchant's answers, or there is no time left. A worker will ask."""


class Unreadable(ProviderError):
    """An answer that makes no sense. Nothing may be concluded from it."""


class Busy(ProviderError):
    """The provider's trouble, not ours."""


class Unauthorised(ProviderError):
    """The credential is wrong, revoked or missing."""


class InvalidGrant(ProviderError):
    """The code or the refresh token is dead for good: only the merchant can help, by connecting again."""


class NotAllowed(ProviderError):
    """The account may not do this, or something on the way blocked the call."""


class NotFound(ProviderError):
    """Not a proof for something that is seconds old."""


class Conflict(ProviderError):
    """Not in this state."""


class Duplicate(Conflict):
    """The reference was used before, be it by a dead checkout."""


class AlreadyProcessed(Conflict):
    """Too late to deactivate, probably paid."""


class TooHigh(ProviderError):
    """More than is left to refund. How much that is says the transaction."""


class NotEnough(ProviderError):
    """A refund that was refused for another reason: as a rule the merchant's balance is too small."""


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
        """What is neither refused nor on its way has happened, whatever word the provider finds for it next."""
        return self.status != EventStatus.FAILED and not self.is_on_its_way

    @property
    def is_on_its_way(self):
        return self.status in ON_ITS_WAY


@dataclass(frozen=True)
class Transaction:
    """One attempt to pay. Amounts in pounds, `timestamp` by the provider's clock.

    `events` are its refunds and charge backs; a checkout shows none. `document` is what may be kept as evidence:
    no token, no person, no card. Read later are `id`, `amount`, `currency`, `merchant_code`, `checkout_reference`,
    `status`, `transaction_id`, `declines` (how many attempts failed) and `transactions` (a list of the same).
    """

    id: str
    code: str
    status: str
    amount: Decimal
    currency: str
    timestamp: datetime | None = None
    fee: Decimal | None = None
    events: tuple[MoneyEvent, ...] = ()
    document: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def refunded(self):
        """What has gone back to the payer by refunds: the only proof there is."""
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
    """A request for money as the provider sees it. `amount` in pounds; `attempts` oldest first."""

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
        """The attempts that brought money, also when it went back since."""
        brought = {TransactionStatus.SUCCESSFUL, TransactionStatus.REFUNDED}
        return [attempt for attempt in self.attempts if attempt.status in brought]

    @property
    def was_refunded(self):
        """In part or as a whole; not every checkout says so."""
        return any(attempt.status == TransactionStatus.REFUNDED for attempt in self.attempts)

    @property
    def was_declined(self):
        """The last attempt failed, whatever became of the checkout since."""
        if self.status in {CheckoutStatus.PENDING, CheckoutStatus.FAILED}:
            return self.status == CheckoutStatus.FAILED
        return bool(self.attempts) and self.attempts[-1].status == TransactionStatus.FAILED


@dataclass(frozen=True)
class HistoryItem:
    """One line of a merchant's history: a payment, a refund or a charge back. Amounts in pounds, `at` aware."""

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


class BadWebhookEvent(Exception):
    """Wrongly signed, too old, or not an event."""


@dataclass(frozen=True)
class WebhookEvent:
    """Something happened at the provider. `checkout_id` "" when it is not about a checkout."""

    id: str
    checkout_id: str


@dataclass(frozen=True)
class MerchantProfile:
    """`currency` is the only one it can be paid in; `sandbox` None when the provider does not say."""

    code: str
    name: str
    currency: str
    country: str
    sandbox: bool | None


@dataclass(frozen=True)
class Membership:
    """A merchant that whoever consented may act for."""

    merchant_code: str
    name: str
    sandbox: bool | None


@dataclass(frozen=True)
class Grant:
    """`expires_in` seconds; `refresh_token` "" when the old one stays; `scope` is what was really granted."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scope: str
    may_collect: bool = True


class Provider(Protocol):
    """The calls for one credential, safe to share between threads. Every one may raise `ProviderError`."""

    def create_checkout(
        self, *, reference, amount, currency, merchant_code, description, valid_until, redirect_url, return_url
    ) -> Checkout:
        """With a page to pay on. Raises `Duplicate` when the reference was ever used: a second try is safe."""

    def checkout(self, checkout_id) -> Checkout:
        """Raises `NotFound`."""

    def checkouts(self, reference) -> list[Checkout]:
        """All with this reference, an empty list if there is none: the way back from a lost answer."""

    def deactivate(self, checkout_id) -> Checkout:
        """It cannot be paid any more. Raises `Conflict` when it is too late: read it again, it may be paid."""

    def transaction(self, *, merchant_code, transaction_id) -> Transaction:
        """With its `events`. Raises `NotFound`, which proves nothing for a payment of the last minutes."""

    def refund(self, *, merchant_code, transaction_id, amount) -> None:
        """Sends money back, at most once. Its events alone prove it; after any surprise the money may have moved."""

    def merchant(self, merchant_code) -> MerchantProfile:
        """Who it is. Raises `NotFound`."""

    def memberships(self) -> list[Membership]:
        """The merchants that whoever consented may act for."""

    def history(
        self,
        *,
        merchant_code,
        changes_since=None,
        oldest_time=None,
        newest_time=None,
        statuses=(),
        types=(),
        transaction_code=None,
        limit=100,
        most_pages=2000,
    ):
        """Yields `HistoryItem`s, oldest first. A list that cannot be read to its end raises `Unreadable`."""

    def payouts(self, *, merchant_code, first, last) -> list[PayoutRow]:
        """Of two dates and the days between."""


class ConsentApp(Protocol):
    """Our app at the provider, by which merchants connect their accounts (OAuth 2.0)."""

    def authorize_url(self, *, redirect_uri, state, verifier) -> str:
        """Where the merchant's browser goes to consent (PKCE, RFC 7636)."""

    def exchange(self, *, code, redirect_uri, verifier) -> Grant:
        """A code for tokens, once: raises `InvalidGrant` when it is used, old or not ours."""

    def refresh(self, refresh_token) -> Grant:
        """Fresh tokens. Raises `InvalidGrant` when the merchant has to connect again."""
