"""The states of orders, tickets and refund batches. `advance` alone changes `Order.state`."""

import logging

from django.db import transaction
from wagtail.log_actions import log

from common.log_entries import build_log_entry
from common.rows import copy_fields
from common.statements.conditional_updates import update_and_insert
from ticketing.enums import BatchState, OrderState, TicketState
from ticketing.models import Order, RefundBatch, Ticket

logger = logging.getLogger(__name__)

LOG_ACTION = "ticketing.order.state"

VOID_ACTION = "ticketing.tickets.void"

LATE_MONEY_TARGETS = {OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW, OrderState.REFUNDED}
"""Where money that comes after the end may still take an order; refunded if it went back before we knew of it."""

ALLOWED_MOVES = {
    OrderState.PENDING_VERIFICATION: LATE_MONEY_TARGETS | {OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED},
    OrderState.FAILED: LATE_MONEY_TARGETS,
    OrderState.EXPIRED: LATE_MONEY_TARGETS,
    OrderState.CANCELLED: LATE_MONEY_TARGETS,
    OrderState.COMPLETED: {OrderState.REQUIRES_MANUAL_REVIEW, OrderState.REFUNDED},
    OrderState.REQUIRES_MANUAL_REVIEW: {
        OrderState.COMPLETED,
        OrderState.CANCELLED,
        OrderState.FAILED,
        OrderState.REFUNDED,
    },
    OrderState.REFUNDED: {OrderState.REQUIRES_MANUAL_REVIEW},  # money that came after it had all gone back
}

BATCH_ACTION = "ticketing.batch.state"

ALLOWED_BATCH_MOVES = {
    BatchState.RUNNING: {BatchState.STOPPED, BatchState.DONE},
    BatchState.STOPPED: {BatchState.RUNNING},
    BatchState.DONE: set(),
}


def advance(order, to, *, reason="", by=None, **fields):
    """Moves the order if the machine allows it from what this caller read; True only for the one call that moved it.

    A conditional UPDATE, so of two callers at once one wins and the other learns that it did not. `fields` are written
    with it, and the audit entry (`reason`, `by` whom, None for the system).
    """
    before = order.state
    if to not in ALLOWED_MOVES[before]:
        return False
    entry = build_log_entry(order, LOG_ACTION, user=by, data=build_entry_data(before, to, reason))
    if not update_and_insert(Order.objects.filter(pk=order.pk, state=before), [entry], state=to, **fields):
        return False
    copy_fields(order, state=to, **fields)
    log_move(order, before, to, reason)
    return True


def build_state_entry(order, before, to):
    """Of an order that is written in its state."""
    log_move(order, before, to)
    return build_log_entry(order, LOG_ACTION, data=build_entry_data(before, to))


def build_entry_data(before, to, reason=""):
    return {"from": before, "to": to, "reason": str(reason)}


def log_move(order, before, to, reason=""):
    logger.info("order.state order=%s from=%s to=%s reason=%s", order.reference, before, to, reason or "-")


def void_tickets(order, tickets, *, reason="", by=None):
    """Makes valid and used tickets of the order void; returns those that this call changed. `used_at` stays.

    In the caller's transaction, under the order's lock.
    """
    live = [ticket for ticket in tickets if ticket.state != TicketState.VOID]
    moved = [
        ticket
        for ticket in live
        if Ticket.objects.filter(pk=ticket.pk).exclude(state=TicketState.VOID).update(state=TicketState.VOID)
    ]
    if moved:
        data = {"tickets": len(moved), "reason": str(reason)}
        log(order, VOID_ACTION, user=by, data=data)
        logger.info("tickets.void order=%s tickets=%s", order.reference, len(moved))
    return moved


def advance_batch(batch, to, *, by=None, **fields):
    """As `advance`, from any state that the batch is in now."""
    sources = [state for state, targets in ALLOWED_BATCH_MOVES.items() if to in targets]
    with transaction.atomic(savepoint=False):
        if not RefundBatch.objects.filter(pk=batch.pk, state__in=sources).update(state=to, **fields):
            return False
        before = batch.state
        copy_fields(batch, state=to, **fields)
        log_batch_state(batch, by=by, before=before)
    return True


def log_batch_state(batch, *, by, before=""):
    # On the sale, where staff look for what happened to it.
    data = {"from": before, "to": batch.state, "reason": batch.reason}
    log(batch.sale, BATCH_ACTION, user=by, data=data)
    logger.info("batch.state batch=%s from=%s to=%s", batch.pk, before or "-", batch.state)
