"""The order's machine. `advance` is the one place that changes `Order.state`."""

import logging

from django.db import transaction
from wagtail.log_actions import log

from ticketing.enums import OrderState
from ticketing.models import Order

logger = logging.getLogger(__name__)

LOG_ACTION = "ticketing.order.state"

LATE = {OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW}
"""Where money that comes after the end may still take an order."""

ALLOWED = {
    OrderState.PENDING_VERIFICATION: LATE | {OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED},
    OrderState.FAILED: LATE,
    OrderState.EXPIRED: LATE,
    OrderState.CANCELLED: LATE,
    OrderState.COMPLETED: {OrderState.REQUIRES_MANUAL_REVIEW, OrderState.REFUNDED},
    OrderState.REQUIRES_MANUAL_REVIEW: {OrderState.COMPLETED, OrderState.CANCELLED, OrderState.REFUNDED},
    OrderState.REFUNDED: set(),
}


def advance(order, to, *, reason="", by=None, **fields):
    """Moves the order if the machine allows it from what this caller read; True only for the one call that moved it.

    A conditional UPDATE, so of two callers at once one wins and the other learns that it did not. `fields` are written
    with it, the audit entry (`reason`, `by` whom, None for the system) in the same transaction.
    """
    before = order.state
    if to not in ALLOWED[before]:
        return False
    with transaction.atomic(savepoint=False):
        if not Order.objects.filter(pk=order.pk, state=before).update(state=to, **fields):
            return False
        log(order, LOG_ACTION, user=by, data={"from": before, "to": to, "reason": str(reason)})
    for name, value in {"state": to, **fields}.items():
        setattr(order, name, value)
    logger.info("order.state order=%s from=%s to=%s reason=%s", order.reference, before, to, reason or "-")
    return True
