"""Questions to the provider about one payment. HTTP only: no row is read or written, so threads may share the work."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone

from payments import time_limits
from payments.domain.merchants import credentials
from payments.domain.verification import references
from payments.enums import CheckoutStatus, PaymentState, Question
from payments.provider import (
    Busy,
    Checkout,
    Conflict,
    Duplicate,
    Hung,
    NotAsked,
    NotFound,
    ProviderError,
    Transaction,
    Unreachable,
    Unreadable,
)

MAYBE_DONE = (Busy, Unreachable, Unreadable)
CREATE_TRIES = 2


@dataclass(frozen=True)
class LookupResult:
    """What the provider said. `closed`: it confirmed that nobody can pay any more. `taken`: the reference is not ours.

    `transaction` is there when money of a paid checkout has gone back already; `asked` are the evidence of each call.
    """

    asked: list = field(default_factory=list)
    checkout: Checkout | None = None
    transaction: Transaction | None = None
    error: ProviderError | None = None
    closed: bool = False
    taken: bool = False

    @property
    def is_paid(self):
        return self.checkout is not None and self.checkout.status == CheckoutStatus.PAID

    @property
    def summary(self):
        if self.error:
            return str(self.error)
        if self.taken:
            return "the reference is taken"
        word = self.checkout.status if self.checkout else "no checkout"
        return f"{word}, closed" if self.closed and word != CheckoutStatus.EXPIRED else word


def look_up_checkout(payment, *, closing=None):
    """Reads the checkout; finds or makes it if we have none yet; from the deadline on deactivates it.

    Never raises: an error is part of the answer. `payment.merchant` must be loaded.
    """
    if closing is None:
        closing = _is_to_be_closed(payment)
    question = _read_checkout if payment.checkout_id else _recover_checkout
    return _run_calls(payment, partial(question, closing=closing))


def create_checkout(payment):
    return _run_calls(payment, _create_or_find)


def _is_to_be_closed(payment):
    """What a person settled must not be paid a second time on a page that is still open somewhere."""
    over = payment.deadline <= timezone.now() or payment.state in (PaymentState.EXPIRED, PaymentState.BY_HAND)
    return over and payment.closed_at is None


def _run_calls(payment, question):
    asked = []
    try:
        return question(ProviderCalls(payment, asked))
    except ProviderError as error:
        return LookupResult(asked=asked, error=error)


class ProviderCalls:
    """The calls about one payment, each with its evidence."""

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
            return_url=references.build_callback_url(payment),
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

    def result(self, **fields):
        return LookupResult(asked=self.asked, **fields)

    def _evidenced(self, question, call, *args, **kwargs):
        try:
            found = call(*args, **kwargs)
        except NotAsked:
            raise
        except ProviderError as error:
            self.asked.append((question, {"error": str(error)}))
            raise
        documents = [each.document for each in found] if isinstance(found, list) else found.document
        self.asked.append((question, {"checkouts": documents} if isinstance(documents, list) else documents))
        return found


def _read_checkout(calls, closing):
    try:
        checkout = calls.get(calls.payment.checkout_id)
    except NotFound:
        if closing and _is_long_over(calls.payment) and not calls.find():
            return calls.result(closed=True)
        raise
    return _deactivate_checkout(calls, checkout) if closing else _build_result(calls, checkout)


def _is_long_over(payment):
    """Only then is a 404 believed: with a new key or a fresh checkout it passes."""
    return timezone.now() - payment.deadline > timedelta(seconds=settings.PAYMENT_MAX_AGE)


def _build_result(calls, checkout):
    # Money that went back before we knew of the payment is learned with it, or tickets would be made.
    refunded = checkout.status == CheckoutStatus.PAID and checkout.transaction_id and checkout.was_refunded
    transaction = calls.transaction(checkout) if refunded else None
    closed = checkout.status == CheckoutStatus.EXPIRED
    return calls.result(checkout=checkout, transaction=transaction, closed=closed)


def _deactivate_checkout(calls, checkout):
    """Between reading and deactivating the payer may pay: then the provider refuses, and only reading again tells."""
    if checkout.status in {CheckoutStatus.PAID, CheckoutStatus.EXPIRED}:
        return _build_result(calls, checkout)
    try:
        calls.deactivate(checkout.id)
    except Conflict:
        return _build_result(calls, calls.get(checkout.id))
    return calls.result(checkout=checkout, closed=True)


def _recover_checkout(calls, closing):
    found = calls.find()
    ours = _find_own_checkout(calls.payment, found)
    if ours:
        return _deactivate_checkout(calls, ours) if closing else _build_result(calls, ours)
    if closing:
        return calls.result(closed=True)
    return calls.result(taken=True) if found else _create_or_find(calls)


def _create_or_find(calls):
    """A second try is safe, because each reference is taken only once (contract notes 2.5, 5.3).

    In a web request the second one is the worker's. After a call that hung nobody waits for the next.
    """
    for tries_left in reversed(range(1 if time_limits.is_in_request() else CREATE_TRIES)):
        try:
            return _build_result(calls, calls.create())
        except Duplicate:
            ours = _find_own_checkout(calls.payment, calls.find())
            return _build_result(calls, ours) if ours else calls.result(taken=True)
        except (Hung, NotAsked):
            raise
        except MAYBE_DONE:
            ours = _find_own_checkout(calls.payment, calls.find())
            if ours:
                return _build_result(calls, ours)
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
