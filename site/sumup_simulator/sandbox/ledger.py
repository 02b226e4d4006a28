"""What happens to money after a sale: refunds, charge backs, and the balance refunds are paid from."""

from .records import ChargeBack, EntryType, EventStatus, Refund, TransactionStatus


class NotRefundable(Exception):
    """The sale failed, or nothing of it is left."""


class RefundTooHigh(Exception):
    def __init__(self, left):
        super().__init__(left)
        self.left = left


class NotEnoughBalance(Exception):
    """The refund would have to be paid from money the merchant does not have at SumUp."""


class Ledger:
    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.reset()

    def reset(self):
        self.mark_refunded = False
        self.balance = {}
        self.waiting = []

    def earn(self, merchant_code, amount):
        """A merchant without a balance has no limit. A charge back may take the balance below zero."""
        if self.balance.get(merchant_code) is not None:
            self.balance[merchant_code] += amount

    def _spend(self, merchant_code, amount):
        balance = self.balance.get(merchant_code)
        if balance is not None and amount > balance:
            raise NotEnoughBalance
        self.earn(merchant_code, -amount)

    def refund(self, transaction, amount=None, *, fails=False, delay=None):
        """A refund of all that is left, or of a part; after a delay if one is given. The checkout stays PAID."""
        with self.sandbox.lock:
            left = transaction.left()
            if transaction.status == TransactionStatus.FAILED or left <= 0:
                raise NotRefundable
            amount = left if amount is None else amount
            if amount > left:
                raise RefundTooHigh(left)
            now = self.sandbox.now()
            refund = Refund(self.sandbox.next_event_id(), amount, now, EventStatus.FAILED)
            if not fails:
                self._spend(transaction.merchant_code, amount)
                refund.status, refund.due = EventStatus.PENDING, now + delay if delay else now
                self.waiting.append((transaction, refund))
            transaction.refunds.append(refund)
            transaction.changed = now
            self.sandbox.changes += 1
            self.catch_up()
            return refund

    def catch_up(self):
        """Refunds whose time has come are done."""
        if not self.waiting:
            return
        with self.sandbox.lock:
            now = self.sandbox.now()
            due = [pair for pair in self.waiting if pair[1].due <= now]
            self.waiting = [pair for pair in self.waiting if pair[1].due > now]
            for transaction, refund in due:
                self._finish(transaction, refund)

    def _finish(self, transaction, refund):
        refund.status = EventStatus.REFUNDED
        transaction.changed = refund.due
        self.sandbox.note(transaction, EntryType.REFUND, refund.amount, TransactionStatus.REFUNDED, refund.due)
        if self.mark_refunded:
            transaction.status = TransactionStatus.REFUNDED

    def remember(self):
        """After a restart: what was still on its way."""
        transactions = self.sandbox.transactions.values()
        pairs = ((transaction, refund) for transaction in transactions for refund in transaction.refunds)
        self.waiting = [pair for pair in pairs if pair[1].status == EventStatus.PENDING]

    def charge_back(self, transaction, amount=None):
        """The payer's bank takes money back: what is left, or an amount, also of a sale that was refunded."""
        with self.sandbox.lock:
            amount = transaction.left() if amount is None else amount
            most = transaction.amount - transaction.charged_back()
            if transaction.status == TransactionStatus.FAILED or not 0 < amount <= most:
                raise NotRefundable
            now = self.sandbox.now()
            transaction.charge_backs.append(ChargeBack(self.sandbox.next_event_id(), amount, now))
            transaction.changed = now
            self.earn(transaction.merchant_code, -amount)
            self.sandbox.note(transaction, EntryType.CHARGE_BACK, amount, TransactionStatus.SUCCESSFUL, now)
