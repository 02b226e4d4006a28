"""Everything SumUp would know: merchants, checkouts, transactions, history. In memory, one lock."""

import datetime as dt
import threading
import uuid
from collections import defaultdict
from itertools import count

from sumup_simulator.faults import Stage

from .cards import attempt_succeeds, brand_of
from .grants import Grants
from .ledger import Ledger
from .records import MERCHANTS, Checkout, CheckoutStatus, Entry, EntryType, Transaction, TransactionStatus

FIRST_EVENT = 90_000_000


class DuplicateReference(Exception):
    """SumUp remembers a reference for ever, also that of a dead checkout."""


class AlreadyProcessed(Exception):
    """The checkout was paid."""


class SessionOver(Exception):
    """The page of the checkout is dead: too old, past its end, or deactivated."""


class Sandbox:
    def __init__(self):
        self.lock = threading.RLock()
        self.merchants = {merchant.code: merchant for merchant in MERCHANTS}
        self.changes = 0
        self.grants = Grants(self)
        self.ledger = Ledger(self)
        self.reset()

    def reset(self):
        with self.lock:
            self.offset = dt.timedelta(0)
            self.grants.reset()
            self.ledger.reset()
            self.checkouts = {}
            self.references = {}
            self.transactions = {}
            self.codes = {}
            self.entries = defaultdict(list)
            self.places = {}
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
        transaction = self._add(
            checkout.merchant_code,
            checkout.amount,
            card=card,
            status=status,
            checkout_id=checkout.id,
            description=checkout.description,
        )
        checkout.transaction_ids.append(transaction.id)
        return transaction

    def sell(self, merchant_code, amount, *, card, description=None):
        """A sale with a card reader, which no checkout knows of."""
        with self.lock:
            return self._add(
                merchant_code,
                amount,
                card=card,
                status=TransactionStatus.SUCCESSFUL,
                description=description,
                payment_type="POS",
                entry_mode="CONTACTLESS",
            )

    def _add(self, merchant_code, amount, *, card, status, checkout_id=None, **fields):
        now, serial = self.now(), next(self.numbers)
        paid = status == TransactionStatus.SUCCESSFUL
        transaction = Transaction(
            id=str(uuid.uuid4()),
            code=f"TSIM{serial:06d}",
            checkout_id=checkout_id,
            merchant_code=merchant_code,
            amount=amount,
            currency=self.merchants[merchant_code].currency,
            created=now,
            changed=now,
            status=status,
            brand=brand_of(card),
            last_digits=card[-4:],
            event_id=FIRST_EVENT + serial,
            auth_code=f"{serial % 1_000_000:06d}" if paid else None,
            **fields,
        )
        self.transactions[transaction.id] = transaction
        self.codes[transaction.code] = transaction.id
        self.note(transaction, EntryType.PAYMENT, amount, status, now)
        if paid:
            self.ledger.earn(merchant_code, amount - transaction.fee())
        return transaction

    def next_event_id(self):
        return FIRST_EVENT + next(self.numbers)

    def note(self, transaction, kind, amount, status, moment):
        """A line of the merchant's history."""
        code = transaction.merchant_code
        self.keep(Entry(str(uuid.uuid4()), kind, code, transaction.id, amount, moment, status))

    def keep(self, entry):
        entries = self.entries[entry.merchant_code]
        self.places[entry.merchant_code, entry.id] = len(entries)
        entries.append(entry)
        self.changes += 1

    def place_of(self, merchant_code, entry_id):
        """Where in the merchant's history an entry stands, or None."""
        return self.places.get((merchant_code, entry_id))

    # Afterwards

    def transaction(self, merchant_code, *, transaction_id=None, code=None):
        found = self.transactions.get(transaction_id or self.codes.get(code))
        return found if found and found.merchant_code == merchant_code else None


class Till:
    def __init__(self, sandbox, faults, callbacks, events):
        self.sandbox = sandbox
        self.faults = faults
        self.callbacks = callbacks
        self.events = events

    def pay(self, checkout, card, *, force=False):
        """One attempt with a test card, then the callback and the event. Raises `AlreadyProcessed` or `SessionOver`."""
        hits = self.faults.take(Stage.PAY, "pay", lambda: checkout.reference, lambda: {checkout.merchant_code})
        scripted = {fault.name: fault.arguments for fault in hits}
        transaction = self.sandbox.attempt(
            checkout,
            card,
            force=force,
            successes=2 if "two_successes" in scripted else 1,
            hidden_looks=scripted.get("paid_after_looks", {}).get("looks", 0),
            hidden_seconds=scripted.get("paid_after_seconds", {}).get("seconds", 0),
        )
        self.callbacks.announce(checkout)
        self.events.announce(checkout)
        return transaction
