"""What the simulator remembers."""

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

SESSION_LIFE = dt.timedelta(minutes=30)


class CheckoutStatus(StrEnum):
    PENDING = "PENDING"
    FAILED = "FAILED"
    PAID = "PAID"
    EXPIRED = "EXPIRED"


class TransactionStatus(StrEnum):
    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class EventStatus(StrEnum):
    FAILED = "FAILED"
    PAID_OUT = "PAID_OUT"
    PENDING = "PENDING"
    REFUNDED = "REFUNDED"
    SCHEDULED = "SCHEDULED"
    SUCCESSFUL = "SUCCESSFUL"


class EntryType(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CHARGE_BACK = "CHARGE_BACK"


@dataclass(frozen=True)
class Merchant:
    code: str
    name: str
    email: str
    api_key: str
    currency: str = "GBP"
    country: str = "JE"
    locale: str = "en-GB"
    sandbox: bool = True


MERCHANTS = (
    Merchant("MDEMO001", "Jersey Events Demo", "box-office@demo.example", "sup_sk_demo"),
    Merchant("MDEMO002", "Gorey Castle Players", "tickets@players.example", "sup_sk_demo2"),
    Merchant("MDEMO003", "Rozel Bay Jazz", "desk@rozeljazz.example", "sup_sk_demo3"),
    Merchant("MDEMO004", "Saint-Malo Sounds", "guichet@sounds.example", "sup_sk_demo4", "EUR", "FR", "fr-FR"),
)


@dataclass(frozen=True)
class App:
    """What somebody registered in the developer's part of the dashboard."""

    name: str
    client_id: str
    client_secret: str


APP = App("Jersey Events", "cc_sim_demo", "cc_sk_sim_demo")


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in at SumUp; the first merchant is the default one."""

    name: str
    merchant_codes: tuple[str, ...] = ()


PEOPLE = (Person("Ana", ("MDEMO002",)), Person("Ben", ("MDEMO003", "MDEMO004")), Person("Cleo"))


class TokenKind(StrEnum):
    ACCESS = "at"
    REFRESH = "rt"


@dataclass
class Code:
    digest: str
    person: str
    redirect_uri: str
    scope: str
    expires: dt.datetime
    challenge: str | None = None


@dataclass
class Token:
    digest: str
    kind: TokenKind
    person: str
    scope: str
    expires: dt.datetime


@dataclass
class Checkout:
    id: str
    reference: str
    merchant_code: str
    amount: Decimal
    currency: str
    created: dt.datetime
    description: str | None = None
    return_url: str | None = None
    redirect_url: str | None = None
    customer_id: str | None = None
    purpose: str = "CHECKOUT"
    hosted: bool = False
    valid_until: dt.datetime | None = None
    status: CheckoutStatus = CheckoutStatus.PENDING
    transaction_ids: list[str] = field(default_factory=list)
    challenge: str | None = None
    shown_status: CheckoutStatus | None = None
    hidden_looks: int = 0
    hidden_until: dt.datetime | None = None
    api_url: str = "https://api.sumup.com"
    announced: list[str] = field(default_factory=list)

    def session_ends(self):
        limit = self.created + SESSION_LIFE
        return min(limit, self.valid_until) if self.valid_until else limit


@dataclass
class Refund:
    event_id: int
    amount: Decimal
    created: dt.datetime
    status: EventStatus = EventStatus.REFUNDED
    due: dt.datetime | None = None


@dataclass
class ChargeBack:
    event_id: int
    amount: Decimal
    created: dt.datetime


@dataclass
class Transaction:
    """An attempt on a checkout, or a sale at the counter, which has none."""

    id: str
    code: str
    checkout_id: str | None
    merchant_code: str
    amount: Decimal
    currency: str
    created: dt.datetime
    changed: dt.datetime
    status: TransactionStatus
    brand: str
    last_digits: str
    event_id: int
    auth_code: str | None = None
    description: str | None = None
    payment_type: str = "ECOM"
    entry_mode: str = "CUSTOMER_ENTRY"
    refunds: list[Refund] = field(default_factory=list)
    charge_backs: list[ChargeBack] = field(default_factory=list)

    def refunded(self):
        made = (refund.amount for refund in self.refunds if refund.status == EventStatus.REFUNDED)
        return sum(made, Decimal(0))

    def charged_back(self):
        return sum((each.amount for each in self.charge_backs), Decimal(0))

    def left(self):
        """What can still be refunded; a refund on its way counts as gone."""
        going = (refund.amount for refund in self.refunds if refund.status == EventStatus.PENDING)
        return self.amount - self.refunded() - self.charged_back() - sum(going, Decimal(0))

    def fee(self):
        return (self.amount * Decimal("0.025")).quantize(Decimal("0.01"))

    def payout_date(self):
        return (self.created + dt.timedelta(days=2)).date()


@dataclass
class Entry:
    """One line of a merchant's history, in the order things happened."""

    id: str
    type: EntryType
    merchant_code: str
    transaction_id: str
    amount: Decimal
    created: dt.datetime
    status: TransactionStatus


def as_json_number(amount):
    """SumUp's spelling of an amount: a JSON number, whole ones without decimals."""
    return json.loads(f"{amount.normalize():f}")


def offset_stamp(moment):
    """Checkouts carry milliseconds and `+00:00`."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def z_stamp(moment):
    """Transactions carry milliseconds and `Z`."""
    return offset_stamp(moment).replace("+00:00", "Z")
