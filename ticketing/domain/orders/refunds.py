"""Refunds of an order: what is asked for, and what becomes of tickets, seats and the order once it is confirmed.

`payments` moves the money and confirms it by SumUp's own transaction; an `OrderRefund` row says what that means here.
Tickets become void only then, so nobody stands at the door with neither ticket nor money. Locks: sales, order, payment.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.domain.refunds import amounts, estimates
from payments.domain.refunds import requests as money
from payments.domain.refunds.requests import RefundRefused
from payments.enums import OPEN_REFUND_STATES, OUTSIDE_ORIGINS, PaymentState, RefundOrigin, RefundState
from payments.models import MerchantAccount, Payment, Refund
from payments.money import ZERO, format_money, round_money
from ticketing.domain.errors import NotRefundable
from ticketing.domain.messages import order_alerts, outbox
from ticketing.domain.orders import states
from ticketing.domain.stock import order_seats
from ticketing.enums import DeliveryKind, OrderState, TicketState
from ticketing.models import Delivery, OrderRefund, Ticket

logger = logging.getLogger(__name__)

REFUNDABLE_STATES = (OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW)
UNAPPLIED_STATES = (*OPEN_REFUND_STATES, RefundState.PROVED)
DOUBLE_PRESS = timedelta(seconds=30)
MOST_PER_QUERY = 2000


@dataclass(frozen=True)
class RefundQuote:
    """What a refund would do, in pounds. `fee_lost` is SumUp's fee that nobody gets back, None when it is not known;
    `waits_for` is what is probably missing at SumUp; `tickets` become void.
    """

    amount: Decimal
    fee_lost: Decimal | None
    waits_for: Decimal
    tickets: list


@dataclass(frozen=True)
class RefundPlan:
    """`parts` are (payment, pounds)."""

    parts: list
    tickets: list

    @property
    def amount(self):
        return sum((amount for _payment, amount in self.parts), ZERO)


def quote_refund(order, *, tickets=None, amount=None, payment=None, money_back=True):
    """What `request_order_refund` would do with the same arguments. Changes nothing. Raises NotRefundable."""
    plan = _plan_refund(order, tickets, amount, payment, money_back)
    fees = [estimates.fee_lost_by_refund(each, part) for each, part in plan.parts]
    merchant = MerchantAccount.objects.filter(pk=order.merchant_id).first() if plan.parts else None
    return RefundQuote(
        amount=plan.amount,
        fee_lost=None if None in fees else sum(fees, ZERO),
        waits_for=estimates.balance_shortfall(merchant, plan.amount) if merchant else ZERO,
        tickets=plan.tickets,
    )


@transaction.atomic
def request_order_refund(
    order,
    *,
    by,
    reason,
    tickets=None,
    amount=None,
    payment=None,
    money_back=True,
    seats_back=False,
    tell_buyer=True,
    batch=None,
    notice=None,
):
    """Asks for a refund of these tickets at their prices, of an amount (pounds) without tickets, or of everything left;
    of one `payment` alone if given. Returns the OrderRefund, that of the oldest payment when there are several.

    Tickets become void when SumUp has confirmed the money, and at once without money (`money_back` False, a free
    order). An amount that leaves nothing is the whole. Of two people at once the second is refused.
    Raises NotRefundable with words for staff.
    """
    lines = order_seats.lock_order_and_sales(order)
    plan = _plan_refund(order, tickets, amount, payment, money_back)
    shared = {"by": by, "reason": reason[:500], "seats_back": seats_back, "tell_buyer": tell_buyer}
    shared |= {"batch": batch, "notice": notice}
    rows = [
        _create_order_refund(order, _request_payment_refund(*part, by=by, reason=reason), shared) for part in plan.parts
    ]
    if not rows:
        rows = [_create_order_refund(order, None, shared)]
    rows[0].tickets.set(plan.tickets)
    if not plan.parts:
        _apply_refund(order, rows[0], lines)
        if _is_all_refunded(order):
            finish_refunded_order(order, lines, reason=reason, by=by)
    return rows[0]


def refund_surplus_payments(order, payments, *, reason):
    """Gives back payments that bought nothing. Inside a transaction, after the order's lock."""
    for payment in payments:
        try:
            refund = money.request_refund(
                payment=payment, amount=money.refundable_amount(payment), reason=reason, origin=RefundOrigin.AUTOMATIC
            )
        except RefundRefused as error:
            logger.warning("refund.not_automatic order=%s why=%s", order.reference, error)
            continue
        _create_order_refund(order, refund, {"reason": reason[:500], "seats_back": True})


def apply_confirmed_refunds(order):
    """Makes tickets void, gives seats back and tells the buyer, also for refunds made outside; True if it did anything.

    Repeating it changes nothing. Whether the order is refunded as a whole is decided by `decide_order`.
    """
    if not Refund.objects.filter(subject=order.reference).exists():
        return False
    if not (_confirmed_refunds(order).exists() or _waiting_untold(order).exists() or _outside_refunds(order).exists()):
        return False
    with transaction.atomic():
        lines = order_seats.lock_order_and_sales(order)
        for row in _confirmed_refunds(order):
            _apply_refund(order, row, lines)
            lines = list(order.lines.all())
        for refund in _outside_refunds(order):
            _adopt_outside_refund(order, refund)
        if _waiting_untold(order).exists():
            outbox.owe_delivery_again(order, DeliveryKind.REFUND_WAITING, pause=timedelta())
    return True


def finish_refunded_order(order, lines, *, reason="", by=None):
    """Makes the last tickets void; True if this call moved the order to refunded.

    The seats of an order without tickets go back on sale; those of others if the last refund says so. Inside a
    transaction, after `order_seats.lock_order_and_sales`.
    """
    if not states.advance(order, OrderState.REFUNDED, reason=reason, by=by):
        return False
    tickets = _tickets_of_order(order)
    last = order.refunds.filter(applied_at__isnull=False).order_by("-applied_at").first()
    if not tickets:
        order_seats.return_all_seats(lines)
        return True
    void = states.void_tickets(
        order, [ticket for ticket in tickets if ticket.state != TicketState.VOID], by=by, reason=reason
    )
    if last is None or last.seats_back:
        order_seats.return_seats_of_tickets(void, lines)
    return True


def find_orders_to_apply(since):
    """References of orders with something for `apply_confirmed_refunds`, in three indexed queries."""
    rows = OrderRefund.objects.filter(applied_at=None)
    waiting = rows.filter(~_was_buyer_told(), refund__state=RefundState.WAITING, tell_buyer=True)
    elsewhere = _without_adopted(
        Refund.objects.filter(proved_at__gt=since, state=RefundState.PROVED, origin__in=OUTSIDE_ORIGINS)
    )
    found = [
        rows.filter(refund__state=RefundState.PROVED).values_list("order__reference", flat=True),
        waiting.values_list("order__reference", flat=True),
        elsewhere.exclude(subject="").values_list("subject", flat=True),
    ]
    return [reference for references in found for reference in references[:MOST_PER_QUERY]]


def list_unapplied_refunds(order):
    return order.refunds.filter(applied_at=None, refund__state__in=UNAPPLIED_STATES)


def list_unproved_payments(order):
    """Settled by hand and not shown by SumUp: nobody knows yet whether there is money."""
    return list(Payment.objects.filter(subject=order.reference, state=PaymentState.BY_HAND))


def _plan_refund(order, tickets, amount, payment, money_back):
    if order.state not in REFUNDABLE_STATES:
        raise NotRefundable(_("There is nothing to refund: this order was not paid, or it was refunded."))
    if money_back and not _refundable_payments(order) and list_unproved_payments(order):
        raise NotRefundable(
            _(
                "This order was settled by hand, and SumUp has not shown its payment yet, so no money can go back from "
                "here. Wait for the proof, or make the tickets void without money."
            )
        )
    free, paid = list_refundable_tickets(order), _refundable_payments(order, payment)
    if tickets is not None:
        return _plan_tickets(tickets, free, paid, money_back)
    if amount is not None:
        return _plan_amount(order, round_money(amount), free, paid)
    parts = paid if money_back else []
    alone = payment is None or not [each for each in _refundable_payments(order) if each[0].pk != payment.pk]
    plan = RefundPlan(parts, free if alone else [])
    if not plan.parts and not plan.tickets:
        raise NotRefundable(_why_nothing_left(order))
    return plan


def _plan_tickets(tickets, free, paid, money_back):
    wanted, known = {ticket.pk for ticket in tickets}, {ticket.pk: ticket for ticket in free}
    if not wanted:
        raise NotRefundable(_("Choose at least one ticket."))
    if not wanted <= known.keys():
        raise NotRefundable(_("These tickets are already being refunded."))
    chosen = [ticket for pk, ticket in known.items() if pk in wanted]
    price = sum((ticket.line.unit_price for ticket in chosen), ZERO) if money_back else ZERO
    return RefundPlan(_part_of_one_payment(paid, price), chosen)


def _plan_amount(order, amount, free, paid):
    same = Q(applied_at=None, refund__state__in=UNAPPLIED_STATES) | Q(created_at__gt=timezone.now() - DOUBLE_PRESS)
    if order.refunds.filter(same, refund__amount=amount, tickets=None).exists():
        raise NotRefundable(_("The same amount is already being refunded."))
    if amount <= 0:
        raise NotRefundable(_("The amount must be more than nothing."))
    left = sum((each for _payment, each in paid), ZERO)
    return RefundPlan(paid, free) if amount == left else RefundPlan(_part_of_one_payment(paid, amount), [])


def _part_of_one_payment(paid, amount):
    """The oldest payment that has enough left."""
    if not amount:
        return []
    for payment, left in paid:
        if amount <= left:
            return [(payment, amount)]
    most = max((left for _payment, left in paid), default=ZERO)
    raise NotRefundable(_("Only %(left)s is left to refund.") % {"left": format_money(most)})


def _why_nothing_left(order):
    if list_unapplied_refunds(order).exists():
        return _("These tickets are already being refunded.")
    return _("Nothing is left to refund.")


def _refundable_payments(order, payment=None):
    """[(payment, pounds left)], oldest first."""
    payments = Payment.objects.filter(subject=order.reference, state=PaymentState.PAID).order_by("pk")
    payments = payments.filter(pk=payment.pk) if payment else payments
    pairs = [(each, money.refundable_amount(each)) for each in payments]
    return [(each, left) for each, left in pairs if left]


def _tickets_of_order(order):
    return list(Ticket.objects.filter(line__order=order).select_related("line").order_by("pk"))


def list_refundable_tickets(order):
    """Valid and used ones that nobody is refunding yet."""
    busy = set(list_unapplied_refunds(order).values_list("tickets", flat=True))
    return [each for each in _tickets_of_order(order) if each.state != TicketState.VOID and each.pk not in busy]


def _request_payment_refund(payment, amount, *, by, reason):
    try:
        return money.request_refund(payment=payment, amount=amount, reason=reason, by=by)
    except RefundRefused as error:
        raise NotRefundable(error.message) from error


def _create_order_refund(order, refund, fields):
    row = OrderRefund.objects.create(order=order, refund=refund, **fields)
    logger.info("order.refund order=%s refund=%s", order.reference, refund.pk if refund else "-")
    return row


def _apply_refund(order, row, lines):
    # Once: the conditional update is under the order's lock.
    if not OrderRefund.objects.filter(pk=row.pk, applied_at=None).update(applied_at=timezone.now()):
        return
    void = states.void_tickets(order, list(row.tickets.all()), by=row.by, reason=row.reason)
    if row.seats_back:
        order_seats.return_seats_of_tickets(void, lines)
    if row.tell_buyer:
        outbox.owe_delivery_again(order, DeliveryKind.REFUND, pause=timedelta())


def _adopt_outside_refund(order, refund):
    """A refund that we did not ask for: the whole is a refunded order, a part is for people to know."""
    whole = not any(amounts.unrefunded_amounts(list(Payment.objects.filter(subject=order.reference))).values())
    fields = {"seats_back": True, "tell_buyer": whole, "applied_at": timezone.now(), "reason": refund.reason}
    _create_order_refund(order, refund, fields)
    order_alerts.alert_outside_refund(order, refund, whole=whole)
    if whole:
        outbox.owe_delivery_again(order, DeliveryKind.REFUND, pause=timedelta())


def _is_all_refunded(order):
    live = Ticket.objects.filter(line__order=order).exclude(state=TicketState.VOID).exists()
    return not live and not any(
        amounts.unrefunded_amounts(list(Payment.objects.filter(subject=order.reference))).values()
    )


def _confirmed_refunds(order):
    return order.refunds.filter(applied_at=None, refund__state=RefundState.PROVED).select_related("by").order_by("pk")


def _was_buyer_told():
    # Since the refund was asked for.
    mails = Delivery.objects.filter(kind=DeliveryKind.REFUND_WAITING, requested_at__gte=OuterRef("created_at"))
    return Exists(mails.filter(order=OuterRef("order")))


def _waiting_untold(order):
    waiting = order.refunds.filter(applied_at=None, refund__state=RefundState.WAITING, tell_buyer=True)
    return waiting.filter(~_was_buyer_told())


def _outside_refunds(order):
    proved = Refund.objects.filter(subject=order.reference, state=RefundState.PROVED, origin__in=OUTSIDE_ORIGINS)
    return _without_adopted(proved).order_by("pk")


def _without_adopted(refunds):
    return refunds.filter(~Exists(OrderRefund.objects.filter(refund=OuterRef("pk"))))
