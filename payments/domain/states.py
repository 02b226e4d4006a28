"""The machines of payments. `advance` alone changes the state of a payment, a refund or a discrepancy."""

import logging
from functools import partial

from django.db import transaction

from common.log_entries import build_log_entry
from common.rows import copy_fields
from common.statements.conditional_updates import update_and_insert
from payments.enums import TAKEN_FOR_PAID, DiscrepancyState, PaymentState, RefundState
from payments.models import Discrepancy, Payment, Refund
from payments.signals import payment_changed

logger = logging.getLogger(__name__)

LOG_ACTION = "payments.payment.state"
LOG_ACTIONS = {
    Payment: LOG_ACTION,
    Refund: "payments.refund.state",
    Discrepancy: "payments.discrepancy.state",
}

ALLOWED = {
    # FAILED and EXPIRED may still turn PAID: the provider is the truth. PAID is the end. What a person settled is
    # proved by SumUp or stays unproved: no other word of SumUp's takes the tickets away by itself.
    Payment: {
        PaymentState.CREATED: {PaymentState.OPEN, PaymentState.FAILED, PaymentState.EXPIRED, *TAKEN_FOR_PAID},
        PaymentState.OPEN: {PaymentState.FAILED, PaymentState.EXPIRED, *TAKEN_FOR_PAID},
        PaymentState.FAILED: {*TAKEN_FOR_PAID},
        PaymentState.EXPIRED: {*TAKEN_FOR_PAID},
        PaymentState.BY_HAND: {PaymentState.PAID},
        PaymentState.PAID: set(),
    },
    # What SumUp shows is the end; what it refused may be asked for again.
    Refund: {
        RefundState.REQUESTED: {RefundState.SENT, RefundState.PROVED, RefundState.FAILED, RefundState.CANCELLED},
        RefundState.SENT: {RefundState.WAITING, RefundState.PROVED, RefundState.FAILED},
        RefundState.WAITING: {RefundState.SENT, RefundState.PROVED, RefundState.FAILED, RefundState.CANCELLED},
        RefundState.FAILED: {RefundState.REQUESTED, RefundState.PROVED, RefundState.CANCELLED},
        RefundState.PROVED: set(),
        RefundState.CANCELLED: set(),
    },
    # What turns up again after it had cleared is open again; what staff explained stays explained.
    Discrepancy: {
        DiscrepancyState.OPEN: {DiscrepancyState.EXPLAINED, DiscrepancyState.CLEARED},
        DiscrepancyState.CLEARED: {DiscrepancyState.OPEN},
        DiscrepancyState.EXPLAINED: set(),
    },
}


def advance(row, to, *, by=None, reason="", beside=(), **fields):
    """Moves the row if its machine allows it; True only for the one call that moved it.

    A conditional update, so of two callers at once one wins. `fields`, the audit entry (`by` whom, None for the system,
    and `reason`) and unsaved rows `beside` are written with it; the signal goes out after the transaction.
    """
    model, before = type(row), row.state
    sources = [state for state, targets in ALLOWED[model].items() if to in targets]
    data = {"from": before, "to": to, **_log_data(row, reason, fields)}
    entry = build_log_entry(row, LOG_ACTIONS[model], user=by, data=data)
    movable = model.objects.filter(pk=row.pk, state__in=sources)
    if not update_and_insert(movable, [*beside, entry], state=to, **fields):
        return False
    copy_fields(row, state=to, **fields)
    announce_change(row)
    name, known_as = model._meta.model_name, getattr(row, "reference", row.pk)
    logger.info("%s.state %s=%s from=%s to=%s", name, name, known_as, before, to)
    return True


def announce_change(row):
    """Tells whoever asked for the money, after commit. A receiver that fails is logged by Django and stops nothing."""
    if subject := getattr(row, "subject", ""):
        transaction.on_commit(partial(payment_changed.send_robust, sender=Payment, subject=subject))


def _log_data(row, reason, fields):
    told = {name: fields.get(name, getattr(row, name)) for name in ("subject", "problem") if hasattr(row, name)}
    return told | ({"reason": str(reason)} if reason else {})
