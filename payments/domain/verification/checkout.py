"""Starting and closing a payment: the row first, then the provider's hosted page."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.queue import wake
from payments.domain.verification import history_watcher, provider_lookup
from payments.domain.verification.payment_checks import ask_provider, record_answer, record_first_answer, request_check
from payments.domain.verification.references import new_reference
from payments.enums import PaymentState
from payments.models import Payment
from payments.money import round_money
from payments.provider import NotAllowed, Unauthorised

logger = logging.getLogger(__name__)

FIRST_CHECK = timedelta(seconds=20)
CHECK_DELAYS = (10, 30)  # seconds after the buyer leaves for the page: for merchants whose history we may not read
LONGEST_DESCRIPTION = 255
PAYABLE = {PaymentState.OPEN, PaymentState.FAILED}


class NotStarted(Exception):
    """The buyer cannot be sent to the payment page now. `permanent`: trying again will not help."""

    def __init__(self, message, *, permanent):
        super().__init__(message)
        self.permanent = permanent


def prepare_payment(*, subject, amount, merchant, description, redirect_url, deadline):
    """A payment that the provider does not know yet, in the caller's transaction; `start_payment` it after commit.

    `amount` in Decimal pounds above zero, `deadline` aware. If the process dies in between, the sweep makes or finds
    the checkout.
    """
    return Payment.objects.create(
        subject=subject,
        reference=new_reference(subject),
        merchant=merchant,
        amount=round_money(amount),
        currency=merchant.currency,
        description=description[:LONGEST_DESCRIPTION],
        redirect_url=redirect_url,
        deadline=deadline,
        next_check_at=timezone.now() + FIRST_CHECK,
    )


def start_payment(payment):
    """Makes the hosted checkout; returns the open payment with the page to send the buyer to. Repeating it is harmless.

    Raises `NotStarted` with words for the buyer; unless it is permanent, a worker goes on trying at once. RuntimeError
    inside a transaction.
    """
    return _start(_reload_payment(payment))


def start_new_payment(payment):
    """As `start_payment`, for one that `prepare_payment` has just made: its row is not read again."""
    with transaction.atomic(durable=True):  # RuntimeError as there; the database is told nothing of it
        pass
    return _start(payment, record=record_first_answer)


def _start(payment, *, record=record_answer):
    if payment.state == PaymentState.CREATED:
        payment = _create_checkout(payment, record)
    elif payment.state in PAYABLE and not payment.hosted_url:
        payment = record_answer(payment, ask_provider(payment))
    if payment.state not in PAYABLE or payment.closed_at:
        raise NotStarted(_("This payment is no longer open."), permanent=True)
    if not payment.hosted_url:
        raise NotStarted(_("SumUp’s payment page is not available right now."), permanent=False)
    return payment


def close_payment(payment):
    """True when the provider confirmed that the payment cannot be paid any more, or never knew of it.

    False when it is paid or nobody knows: then the seats stay reserved. RuntimeError inside a transaction.
    """
    payment = _reload_payment(payment)
    if payment.state != PaymentState.PAID and payment.closed_at is None:
        payment = record_answer(payment, ask_provider(payment, partial(provider_lookup.look_up_checkout, closing=True)))
    return payment.state != PaymentState.PAID and payment.closed_at is not None


def _reload_payment(payment):
    with transaction.atomic(durable=True):  # RuntimeError when the caller holds a transaction open
        return Payment.objects.select_related("merchant").get(pk=payment.pk)


def _create_checkout(payment, record):
    is_open = payment.deadline > timezone.now()
    answer = ask_provider(payment, provider_lookup.create_checkout if is_open else provider_lookup.look_up_checkout)
    payment = record(payment, answer)
    if answer.taken and payment.state == PaymentState.CREATED:
        answer = ask_provider(payment, provider_lookup.create_checkout)
        payment = record_answer(payment, answer)
    if payment.state == PaymentState.CREATED:
        raise _leave_to_worker(payment, answer)
    if payment.state == PaymentState.EXPIRED and payment.closed_at is None:
        close_payment(payment)  # it was taken back while SumUp was making it
    if history_watcher.is_unwatched(payment.merchant):
        wake("payments.tasks.watch_payments")
    for seconds in CHECK_DELAYS:
        wake("payments.tasks.verify_payment", payment.pk, delay=seconds)
    return payment


def _leave_to_worker(payment, answer):
    refusal = _explain_not_started(answer)
    if not refusal.permanent:
        request_check(payment)
    return refusal


def _explain_not_started(answer):
    if isinstance(answer.error, Unauthorised | NotAllowed):
        return NotStarted(_("Card payment is not set up for this organiser yet."), permanent=True)
    if answer.error and answer.error.permanent:
        return NotStarted(_("SumUp did not accept this payment."), permanent=True)
    return NotStarted(_("SumUp cannot be reached right now. Please try again in a moment."), permanent=False)
