"""Asking SumUp about one payment. HTTP only: no row is read or written here, so threads may share the work."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from payments import time_limits
from payments.domain.merchants import credentials
from payments.domain.verification import callbacks
from payments.enums import CheckoutStatus, PaymentState, Question
from payments.sumup.answers import Checkout, Transaction
from payments.sumup.errors import Busy, Duplicate, Hung, NotAsked, NotFound, SumUpError, Unreachable, Unreadable

MAYBE_DONE = (Busy, Unreachable, Unreadable)
CREATE_TRIES = 2


@dataclass(frozen=True)
class LookupResult:
    """What SumUp said. `closed`: it confirmed that nobody can pay any more. `taken`: the reference is not ours.

    `transaction` is there when money of a paid checkout has gone back already.
    """

    asked: list = field(default_factory=list)
    checkout: Checkout | None = None
    transaction: Transaction | None = None
    error: SumUpError | None = None
    closed: bool = False
    taken: bool = False

    @property
    def is_paid(self):
        return self.checkout is not None and self.checkout.status == CheckoutStatus.PAID

    @property
    def summary(self):
        """What SumUp said, in a few words for the log."""
        if self.error:
            return str(self.error)
        if self.taken:
            return "the reference is taken"
        word = self.checkout.status if self.checkout else "no checkout"
        return f"{word}, closed" if self.closed and word != CheckoutStatus.EXPIRED else word


def look_up_checkout(payment, *, closing=None):
    """Reads the checkout; finds or makes it if we have none yet; from the deadline on makes sure it is dead.

    Never raises `SumUpError`: a failed look is an answer too. `payment.merchant` must be loaded.
    """
    if closing is None:
        closing = _is_to_be_closed(payment)
    return _run_calls(
        payment, lambda talk: _read_checkout(talk, closing) if payment.checkout_id else _recover_checkout(talk, closing)
    )


def create_checkout(payment):
    """Makes the checkout, or adopts the one that an earlier, unanswered call made."""
    return _run_calls(payment, _create_or_find)


def _is_to_be_closed(payment):
    """What was settled by hand must not be paid a second time on a page that is still open somewhere."""
    over = payment.deadline <= timezone.now() or payment.state in (PaymentState.EXPIRED, PaymentState.BY_HAND)
    return over and payment.closed_at is None


def _run_calls(payment, question):
    asked = []
    try:
        return question(ProviderCalls(payment, asked))
    except SumUpError as error:
        return LookupResult(asked=asked, error=error)


class ProviderCalls:
    """The calls about one payment, and the evidence of each."""

    def __init__(self, payment, asked):
        self.payment = payment
        self.asked = asked
        self.client = credentials.get_client(payment.merchant)

    def create(self):
        payment = self.payment
        return self._evidenced(
            Question.CREATE,
            self.client.create_checkout,
            reference=payment.reference,
            amount=payment.amount,
            currency=payment.currency,
            merchant_code=payment.merchant.merchant_code,
            description=payment.description,
            valid_until=payment.deadline,
            redirect_url=payment.redirect_url,
            return_url=callbacks.build_callback_url(payment),
        )

    def find(self):
        return self._evidenced(Question.LIST, self.client.checkouts, self.payment.reference)

    def get(self, checkout_id):
        return self._evidenced(Question.GET, self.client.checkout, checkout_id)

    def deactivate(self, checkout_id):
        return self._evidenced(Question.DEACTIVATE, self.client.deactivate, checkout_id)

    def transaction(self, checkout):
        code = self.payment.merchant.merchant_code
        ask = self.client.transaction
        return self._evidenced(Question.TRANSACTION, ask, merchant_code=code, transaction_id=checkout.transaction_id)

    def answer(self, **fields):
        return LookupResult(asked=self.asked, **fields)

    def _evidenced(self, question, call, *args, **kwargs):
        try:
            found = call(*args, **kwargs)
        except NotAsked:
            raise
        except SumUpError as error:
            self.asked.append((question, {"error": str(error)}))
            raise
        documents = [each.document for each in found] if isinstance(found, list) else found.document
        self.asked.append((question, {"checkouts": documents} if isinstance(documents, list) else documents))
        return found


def _read_checkout(talk, closing):
    try:
        checkout = talk.get(talk.payment.checkout_id)
    except NotFound:
        if closing and _is_long_over(talk.payment) and not talk.find():
            return talk.answer(closed=True)
        raise
    return _deactivate_checkout(talk, checkout) if closing else _build_result(talk, checkout)


def _is_long_over(payment):
    """Only then is "unknown" believed: a new key or a fresh checkout may be answered with 404 for a while."""
    return timezone.now() - payment.deadline > timedelta(seconds=settings.PAYMENT_MAX_AGE)


def _build_result(talk, checkout):
    """Money that went back before we ever knew of it is learned together with the payment, or tickets would be made."""
    refunded = checkout.status == CheckoutStatus.PAID and checkout.transaction_id and checkout.was_refunded
    transaction = talk.transaction(checkout) if refunded else None
    closed = checkout.status == CheckoutStatus.EXPIRED
    return talk.answer(checkout=checkout, transaction=transaction, closed=closed)


def _deactivate_checkout(talk, checkout):
    """Between reading and deactivating the payer may pay: SumUp then answers 409, and only reading again tells."""
    if checkout.status in {CheckoutStatus.PAID, CheckoutStatus.EXPIRED}:
        return _build_result(talk, checkout)
    try:
        talk.deactivate(checkout.id)
    except SumUpError as error:
        if error.status != 409:
            raise
        return _build_result(talk, talk.get(checkout.id))
    return talk.answer(checkout=checkout, closed=True)


def _recover_checkout(talk, closing):
    """The process died between our row and SumUp's answer: adopt what is there, else make it."""
    found = talk.find()
    ours = _find_own_checkout(talk.payment, found)
    if ours:
        return _deactivate_checkout(talk, ours) if closing else _build_result(talk, ours)
    if closing:
        return talk.answer(closed=True)
    return talk.answer(taken=True) if found else _create_or_find(talk)


def _create_or_find(talk):
    """The reference makes a second try safe: SumUp takes each only once (contract notes 2.5, 5.3).

    In a web request the second one is the worker's. After a call that hung nobody waits for the next.
    """
    for tries_left in reversed(range(1 if time_limits.is_in_request() else CREATE_TRIES)):
        try:
            return _build_result(talk, talk.create())
        except Duplicate:
            ours = _find_own_checkout(talk.payment, talk.find())
            return _build_result(talk, ours) if ours else talk.answer(taken=True)
        except (Hung, NotAsked):
            raise
        except MAYBE_DONE:
            ours = _find_own_checkout(talk.payment, talk.find())
            if ours:
                return _build_result(talk, ours)
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def _find_own_checkout(payment, found):
    """The checkout we asked for. A paid one is ours whatever its amount: the acceptance check says what differs."""
    same = [each for each in found if _is_own_checkout(payment, each)]
    return min(same, key=lambda each: each.status != CheckoutStatus.PAID, default=None)


def _is_own_checkout(payment, checkout):
    if checkout.reference != payment.reference:
        return False
    asked = (payment.amount, payment.currency, payment.merchant.merchant_code)
    return checkout.status == CheckoutStatus.PAID or asked == (
        checkout.amount,
        checkout.currency,
        checkout.merchant_code,
    )
