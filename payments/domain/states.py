"""The payment's machine. `advance` is the one place that changes `Payment.state`."""

import logging
from functools import partial

from django.db import transaction
from wagtail.log_actions import log

from payments.enums import PaymentState
from payments.models import Payment
from payments.signals import payment_changed

logger = logging.getLogger(__name__)

LOG_ACTION = "payments.payment.state"

# FAILED and EXPIRED may still turn PAID: the provider is the truth. PAID is the end.
ALLOWED = {
    PaymentState.CREATED: {PaymentState.OPEN, PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED},
    PaymentState.OPEN: {PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED},
    PaymentState.FAILED: {PaymentState.PAID},
    PaymentState.EXPIRED: {PaymentState.PAID},
    PaymentState.PAID: set(),
}


def advance(payment, to, **fields):
    """Moves the payment if the machine allows it; True only for the one call that moved it.

    A conditional update, so of two callers at once one wins. The audit entry is part of the same transaction; the
    signal goes out after it.
    """
    sources = [state for state, targets in ALLOWED.items() if to in targets]
    before = payment.state
    with transaction.atomic(savepoint=False):
        moved = Payment.objects.filter(pk=payment.pk, state__in=sources).update(state=to, **fields)
        if moved:
            _remember(payment, state=to, **fields)
            data = {"from": before, "to": to, "subject": payment.subject, "problem": payment.problem}
            log(instance=payment, action=LOG_ACTION, data=data)
            announce(payment)
    if moved:
        logger.info("payment.state payment=%s from=%s to=%s", payment.reference, before, to)
    return bool(moved)


def announce(payment):
    """Tells whoever asked for the money, after commit. A receiver that fails is logged by Django and stops nothing."""
    transaction.on_commit(partial(payment_changed.send_robust, sender=Payment, subject=payment.subject))


def _remember(payment, **fields):
    for name, value in fields.items():
        setattr(payment, name, value)
