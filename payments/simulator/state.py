"""Everything SumUp would know: merchants, checkouts, transactions, history. In memory, one lock."""

import datetime as dt
import threading
import uuid
from collections import defaultdict
from itertools import count

from .cards import attempt_succeeds, brand_of
from .grants import Grants
from .records import (
    MERCHANTS,
    Checkout,
    CheckoutStatus,
    Entry,
    EntryType,
    EventStatus,
    Refund,
    Transaction,
    TransactionStatus,
)


class DuplicateReference(Exception):
    """SumUp remembers a reference for ever, also that of a dead checkout."""


class AlreadyProcessed(Exception):
    """The checkout was paid."""


class SessionOver(Exception):
    """The page of the checkout is dead: too old, past its end, or deactivated."""


class NotRefundable(Exception):
    pass


class RefundTooHigh(Exception):
    def __init__(self, left):
        super().__init__(left)
        self.left = left


class Sandbox:
    def __init__(self):
        self.lock = threading.RLock()
        self.merchants = {merchant.code: merchant for merchant in MERCHANTS}
        self.changes = 0
        self.grants = Grants(self)
        self.reset()

    def reset(self):
        with self.lock:
            self.offset = dt.timedelta(0)
            self.mark_refunded = False
            self.grants.reset()
            self.checkouts = {}
            self.references = {}
            self.transactions = {}
            self.codes = {}
            self.entries = defaultdict(list)
            self.numbers = count(1)
            self.changes += 1

    def now(self):
        return dt.datetime.now(dt.UTC) + self.offset

    # Checkouts

    def create(self, **fields):
        with self.lock:
            key = fields["merchant_code"], fields["reference"]
            if key in self.references:
                raise DuplicateReference
            checkout = Checkout(id=str(uuid.uuid4()), created=self.now(), **fields)
            self.checkouts[checkout.id] = checkout
            self.references[key] = checkout.id
            self.changes += 1
            return checkout

    def update(self, checkout, **fields):
        with self.lock:
            self._refuse_processed(checkout)
            reference = fields.get("reference", checkout.reference)
            if reference != checkout.reference:
                self._move_reference(checkout, reference)
            for name, value in fields.items():
                setattr(checkout, name, value)
            self.changes += 1

    def _move_reference(self, checkout, reference):
        key = checkout.merchant_code, reference
        if key in self.references:
            raise DuplicateReference
        self.references[key] = checkout.id

    def deactivate(self, checkout):
        with self.lock:
            if checkout.status == CheckoutStatus.PAID:
                raise AlreadyProcessed
            if self.expire_when_due(checkout) != CheckoutStatus.EXPIRED:
                checkout.status = CheckoutStatus.EXPIRED
                checkout.valid_until = self.now()
                self.changes += 1

    def expire_when_due(self, checkout):
        """Only `valid_until` ends a checkout for the API; the page also dies after half an hour."""
        with self.lock:
            due = checkout.valid_until is not None and checkout.valid_until <= self.now()
            if due and checkout.status in {CheckoutStatus.PENDING, CheckoutStatus.FAILED}:
                checkout.status = CheckoutStatus.EXPIRED
                self.changes += 1
            return checkout.status

    def session_is_over(self, checkout):
        expired = self.expire_when_due(checkout) == CheckoutStatus.EXPIRED
        return expired or checkout.session_ends() <= self.now()

    def find(self, checkout_id, merchant_code=None):
        checkout = self.checkouts.get(checkout_id)
        if checkout is None or merchant_code not in {None, checkout.merchant_code}:
            return None
        return checkout

    def find_by_reference(self, reference, merchant_code=None):
        codes = [merchant_code] if merchant_code else self.merchants
        found = (self.references.get((code, reference)) for code in codes)
        checkouts = (self.checkouts[checkout_id] for checkout_id in found if checkout_id)
        return next((each for each in checkouts if each.reference == reference), None)

    def checkouts_of(self, merchant_code, reference=None):
        with self.lock:
            if reference is not None:
                found = self.find_by_reference(reference, merchant_code)
                return [found] if found else []
            return [each for each in self.checkouts.values() if each.merchant_code == merchant_code]

    def look(self, checkout):
        """Status and transactions as a reader sees them now; a scripted delay hides a payment for a while."""
        with self.lock:
            self.expire_when_due(checkout)
            if self._is_hidden(checkout):
                return checkout.shown_status, []
            return checkout.status, self.transactions_of(checkout)

    def _is_hidden(self, checkout):
        if checkout.hidden_looks > 0:
            checkout.hidden_looks -= 1
            return True
        return checkout.hidden_until is not None and self.now() < checkout.hidden_until

    def transactions_of(self, checkout):
        return [self.transactions[each] for each in checkout.transaction_ids]

    # Paying

    def attempt(self, checkout, card, *, force=False, successes=1, hidden_looks=0, hidden_seconds=0):
        """One attempt to pay. `force` lets money arrive after the session's end, as a slow bank may."""
        with self.lock:
            self._refuse_processed(checkout, force=force)
            checkout.challenge = None
            if not attempt_succeeds(card, checkout.amount):
                checkout.status = CheckoutStatus.FAILED
                return self._record(checkout, card, TransactionStatus.FAILED)
            checkout.shown_status = checkout.status
            checkout.hidden_looks = hidden_looks
            if hidden_seconds:
                checkout.hidden_until = self.now() + dt.timedelta(seconds=hidden_seconds)
            checkout.status = CheckoutStatus.PAID
            made = [self._record(checkout, card, TransactionStatus.SUCCESSFUL) for _ in range(successes)]
            return made[0]

    def challenge(self, checkout, card):
        with self.lock:
            self._refuse_processed(checkout)
            if self.session_is_over(checkout):
                raise SessionOver
            checkout.challenge = card
            self.changes += 1

    def _refuse_processed(self, checkout, *, force=False):
        if checkout.status == CheckoutStatus.PAID:
            raise AlreadyProcessed
        if not force and self.session_is_over(checkout):
            raise SessionOver

    def _record(self, checkout, card, status):
        now, serial = self.now(), next(self.numbers)
        paid = status == TransactionStatus.SUCCESSFUL
        transaction = Transaction(
            id=str(uuid.uuid4()),
            code=f"TSIM{serial:06d}",
            checkout_id=checkout.id,
            merchant_code=checkout.merchant_code,
            amount=checkout.amount,
            currency=checkout.currency,
            created=now,
            changed=now,
            status=status,
            brand=brand_of(card),
            last_digits=card[-4:],
            event_id=90_000_000 + serial,
            auth_code=f"{serial % 1_000_000:06d}" if paid else None,
            description=checkout.description,
        )
        checkout.transaction_ids.append(transaction.id)
        self.transactions[transaction.id] = transaction
        self.codes[transaction.code] = transaction.id
        self._note(transaction, EntryType.PAYMENT, transaction.amount, status)
        return transaction

    def _note(self, transaction, kind, amount, status):
        code = transaction.merchant_code
        entry = Entry(str(uuid.uuid4()), kind, code, transaction.id, amount, self.now(), status)
        self.entries[code].append(entry)
        self.changes += 1

    # Afterwards

    def transaction(self, merchant_code, *, transaction_id=None, code=None):
        found = self.transactions.get(transaction_id or self.codes.get(code))
        return found if found and found.merchant_code == merchant_code else None

    def refund(self, transaction, amount=None, *, status=EventStatus.REFUNDED):
        """A refund of all that is left, or of a part. The checkout stays PAID whatever happens."""
        with self.lock:
            left = transaction.amount - transaction.refunded()
            if transaction.status == TransactionStatus.FAILED or left <= 0:
                raise NotRefundable
            amount = left if amount is None else amount
            if amount > left:
                raise RefundTooHigh(left)
            refund = Refund(90_000_000 + next(self.numbers), amount, self.now(), status)
            transaction.refunds.append(refund)
            transaction.changed = refund.created
            if status == EventStatus.REFUNDED:
                self._note(transaction, EntryType.REFUND, amount, TransactionStatus.REFUNDED)
                if self.mark_refunded:
                    transaction.status = TransactionStatus.REFUNDED
            self.changes += 1
            return refund
