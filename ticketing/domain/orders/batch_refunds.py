"""Batch refunds: everybody of a sale gets their money back, order by order, in the background.

The rows are the queue. What is still to be asked for is a query, what was asked for are the `OrderRefund` rows of the
batch. If the process dies here, the sweep goes on within minutes and nothing is asked for twice. Stopping takes effect
before the next order; refunds that were asked for already go on.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.queue import wake
from payments.domain.refunds.estimates import balance_shortfall
from payments.enums import RefundState
from payments.models import MerchantAccount
from payments.money import ZERO
from ticketing.domain.catalogue import availability
from ticketing.domain.errors import TicketingError
from ticketing.domain.orders import refunds, states
from ticketing.enums import BatchState, OrderState, TicketState
from ticketing.models import Order, OrderRefund, RefundBatch, Ticket

logger = logging.getLogger(__name__)

ORDERS_PER_TASK = 50
STALLED_AFTER = timedelta(minutes=2)
"""A running batch that wrote no row for so long has lost its worker."""


class StillSelling(TicketingError):
    default = _("Tickets are still on sale. Cancel the event, or untick “selling”, before everybody is refunded.")


class AlreadyRefunding(TicketingError):
    default = _("Everybody of this sale is being refunded already.")


class NobodyToRefund(TicketingError):
    default = _("Nobody holds a ticket that could be refunded.")


@dataclass(frozen=True)
class BatchPlan:
    """`missing` pounds are probably not in SumUp's balance; `waiting` of the `orders` wait for them."""

    orders: int
    tickets: int
    amount: Decimal
    missing: Decimal
    waiting: int
    in_review: int


@dataclass(frozen=True)
class BatchProgress:
    """Each of the orders `asked` for is done, under way, waiting or failed."""

    asked: int
    done: int
    under_way: int
    waiting: int
    failed: int
    amount: Decimal
    left: int
    expected_by: object = field(default=None)

    @property
    def total(self):
        return self.asked + self.left


def plan_batch(*sales):
    """In pounds, at the prices that were paid; of several sales an order counts once."""
    held = list_unrefunded_tickets(*sales).order_by("line__order").values("line__order", "line__order__merchant")
    held = held.annotate(price=Sum("line__unit_price"), number=Count("pk"))
    orders = [(row["line__order__merchant"], row["price"], row["number"]) for row in held]
    shortfalls = [_merchant_shortfall(merchant_id, orders) for merchant_id in {row[0] for row in orders if row[0]}]
    review = Order.objects.filter(lines__sale__in=sales, state=OrderState.REQUIRES_MANUAL_REVIEW).distinct()
    return BatchPlan(
        orders=len(orders),
        tickets=sum(number for _merchant, _price, number in orders),
        amount=sum((price for _merchant, price, _number in orders), ZERO),
        missing=sum((missing for missing, _waiting in shortfalls), ZERO),
        waiting=sum(waiting for _missing, waiting in shortfalls),
        in_review=review.count(),
    )


def list_unrefunded_tickets(*sales):
    """Of completed orders, those that are not void and that nobody is refunding yet. An order may hold tickets of
    another sale too, whose money is on its way: that is no reason to keep this."""
    on_its_way = OrderRefund.tickets.through.objects.filter(
        ticket=OuterRef("pk"), orderrefund__applied_at=None, orderrefund__refund__state__in=refunds.UNAPPLIED_STATES
    )
    held = Ticket.objects.filter(sale__in=sales, line__order__state=OrderState.COMPLETED)
    return held.exclude(state=TicketState.VOID).exclude(Exists(on_its_way))


def list_refundable_orders(sale, *, batch=None):
    """Completed orders with a ticket of this sale that nobody is refunding yet, by id; without those that this `batch`
    has asked for already, and those in review.
    """
    orders = Order.objects.filter(Exists(list_unrefunded_tickets(sale).filter(line__order=OuterRef("pk"))))
    if batch:
        orders = orders.exclude(Exists(OrderRefund.objects.filter(order=OuterRef("pk"), batch=batch)))
    return orders.order_by("pk")


def start_batch(sale, *, by, reason, seats_back=False, tell_buyer=True, notice=None):
    """`notice` is the change that is the cause, of which the buyers' mails tell. Raises StillSelling, AlreadyRefunding,
    NobodyToRefund.
    """
    if not (availability.why_sale_stopped(sale) or availability.why_performance_over(sale, timezone.now())):
        raise StillSelling
    if not list_refundable_orders(sale).exists():
        raise NobodyToRefund
    try:
        with transaction.atomic():
            batch = RefundBatch.objects.create(
                sale=sale, by=by, reason=reason, seats_back=seats_back, tell_buyer=tell_buyer, notice=notice
            )
            states.log_batch_state(batch, by=by)
    except IntegrityError as error:
        raise AlreadyRefunding from error
    wake("ticketing.tasks.carry_on_batch", batch.pk)
    return batch


def stop_batch(batch, *, by):
    return states.advance_batch(batch, BatchState.STOPPED, by=by)


def resume_batch(batch, *, by):
    moved = states.advance_batch(batch, BatchState.RUNNING, by=by)
    if moved:
        wake("ticketing.tasks.carry_on_batch", batch.pk)
    return moved


def request_next_refunds(batch_id, *, after=0):
    """For at most ORDERS_PER_TASK orders after id `after`; returns the id to go on from, None at the end.

    Each order is a transaction of its own under the batch's lock, so that two workers take turns and a stop counts at
    once. An order that cannot be refunded is passed over and remains on the batch's page.
    """
    batch = RefundBatch.objects.select_related("sale", "by", "notice").get(pk=batch_id)
    ids = list(
        list_refundable_orders(batch.sale, batch=batch)
        .filter(pk__gt=after)
        .values_list("pk", flat=True)[:ORDERS_PER_TASK]
    )
    for order_id in ids:
        if not _request_locked(batch, order_id):
            return None
    if len(ids) == ORDERS_PER_TASK:
        return ids[-1]
    states.advance_batch(batch, BatchState.DONE, finished_at=timezone.now())
    return None


def wake_stalled_batches():
    """For running batches that wrote no row for STALLED_AFTER. Safe to run twice at once."""
    quiet = timezone.now() - STALLED_AFTER
    running = RefundBatch.objects.filter(state=BatchState.RUNNING, started_at__lte=quiet)
    lost = running.exclude(Exists(OrderRefund.objects.filter(batch=OuterRef("pk"), created_at__gt=quiet)))
    for batch_id in lost.values_list("pk", flat=True):
        wake("ticketing.tasks.carry_on_batch", batch_id)


def get_batch_progress(batch):
    rows = OrderRefund.objects.filter(batch=batch)
    proved = Q(refund__state=RefundState.PROVED) | Q(refund=None)
    counts = rows.aggregate(
        asked=Count("pk"),
        done=Count("pk", filter=proved),
        waiting=Count("pk", filter=Q(refund__state=RefundState.WAITING)),
        under_way=Count("pk", filter=Q(refund__state__in=[RefundState.REQUESTED, RefundState.SENT])),
        failed=Count("pk", filter=Q(refund__state__in=[RefundState.FAILED, RefundState.CANCELLED])),
        amount=Coalesce(Sum("refund__amount", filter=Q(refund__state=RefundState.PROVED)), ZERO),
        expected_by=Max("refund__expected_by", filter=Q(refund__state=RefundState.WAITING)),
    )
    return BatchProgress(**counts, left=list_refundable_orders(batch.sale, batch=batch).count())


def list_failed_refunds(batch):
    """Those that SumUp refused for good: a person decides about each."""
    rows = OrderRefund.objects.filter(batch=batch, refund__state__in=[RefundState.FAILED, RefundState.CANCELLED])
    return rows.select_related("order", "refund").order_by("pk")


def _request_locked(batch, order_id):
    """False when the batch was stopped, or finished by another worker."""
    with transaction.atomic():
        running = RefundBatch.objects.select_for_update().filter(pk=batch.pk, state=BatchState.RUNNING)
        if not running.exists():
            return False
        order = list_refundable_orders(batch.sale, batch=batch).filter(pk=order_id).first()
        if order is not None:
            _request_or_pass_over(batch, order)
    return True


def _request_or_pass_over(batch, order):
    try:
        with transaction.atomic():
            refunds.request_order_refund(order, **_refund_arguments(batch, order))
    except TicketingError as error:
        logger.warning("batch.passed_over batch=%s order=%s reason=%s", batch.pk, order.reference, error)


def _refund_arguments(batch, order):
    # The order as a whole when all of it is of this sale; else its tickets of this sale.
    foreign = order.lines.exclude(sale=batch.sale).exists()
    tickets = list_unrefunded_tickets(batch.sale).filter(line__order=order).select_related("line")
    mine = list(tickets) if foreign else None
    paid = any(ticket.line.unit_price for ticket in mine) if foreign else not order.is_free
    return {
        "tickets": mine,
        "money_back": paid,
        "by": batch.by,
        "reason": batch.reason,
        "seats_back": batch.seats_back,
        "tell_buyer": batch.tell_buyer,
        "batch": batch,
        "notice": batch.notice,
    }


def _merchant_shortfall(merchant_id, orders):
    """(missing pounds, orders that wait for them) of one merchant; the first come are paid first."""
    prices = [price for merchant, price, _number in orders if merchant == merchant_id]
    merchant = MerchantAccount.objects.get(pk=merchant_id)
    missing = balance_shortfall(merchant, sum(prices, ZERO))
    left, waiting = sum(prices, ZERO) - missing, 0
    for price in prices:
        left -= price
        waiting += left < 0
    return missing, waiting if missing else 0
