"""Fulfilment: a paid order gets its tickets, an unpaid one gives its seats back.

Each order is settled in a transaction of its own, after that of the payment. Locks: sales, then the order; then the
payments are read. Nothing here talks HTTP.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from common.statements.conditional_updates import insert_rows
from payments.domain.refunds.amounts import unrefunded_amounts
from payments.domain.verification import payment_checks
from payments.enums import TAKEN_FOR_PAID, PaymentState, RefundState, Severity
from payments.models import Payment, Refund
from ticketing.domain.abuse import abandonment
from ticketing.domain.admission import ticket_codes
from ticketing.domain.catalogue import availability
from ticketing.domain.errors import SoldOut
from ticketing.domain.messages import order_alerts, outbox
from ticketing.domain.orders import refunds, states
from ticketing.domain.orders.decision import ENDED_UNPAID, decide_order
from ticketing.domain.stock import order_seats
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Order, Ticket

logger = logging.getLogger(__name__)

MOST_PER_QUERY = 2000
LATE_MONEY_PERIOD = timedelta(days=7)
"""How long after we heard of money the sweep still looks whether its order has moved; at night it is NIGHTLY_PERIOD."""
NIGHTLY_PERIOD = timedelta(days=30)
QUIET_AT, OVERLAP = "orders-quiet-at", timedelta(minutes=5)

MAILS_OF_STATE = {
    OrderState.FAILED: [DeliveryKind.FAILURE],
    OrderState.EXPIRED: [DeliveryKind.EXPIRY],
}


def settle_order(subject):
    """Moves the order `subject` (its reference) where its payments say; True if this call changed anything.

    May run any number of times, at once or never: the sweep finds what was missed. Late money takes the seats again if
    they are free; otherwise, and when the money is not exactly what was asked for, the order goes to review. What goes
    wrong is raised, after staff were told.
    """
    try:
        return _settle_by_payments(subject)
    except Exception:  # whatever it was, staff hear of it, and it goes on up
        order_alerts.alert_settling_failed(subject)
        raise


def _settle_by_payments(subject):
    order = Order.objects.filter(reference=subject).first()
    if order is None:
        logger.error("settle.unknown subject=%s", subject)
        order_alerts.alert_money_without_order(subject)
        return False
    applied = refunds.apply_confirmed_refunds(order)
    decision = _decide(order)
    return (decision is not None and _carry_out_decision(order, decision)) or applied


def _decide(order):
    payments = payment_checks.list_payments_for(order.reference)
    return decide_order(order, payments, timezone.now(), unrefunded_amounts(payments))


def settle_due_orders(*, look_back=LATE_MONEY_PERIOD):
    """Settles what no signal settled; returns how many orders moved. Safe to run many times at once.

    An order that fails is logged and does not stop the others.
    """
    return sum(_settle_or_log(reference) for reference in find_unsettled_orders(timezone.now(), look_back))


def sweep_unsettled_orders():
    """As `settle_due_orders`, for money that was heard of since a sweep last found nothing to do: the sweep of a quiet
    minute costs the same however much was sold this week. A cache that forgets makes it look back a week once.
    """
    now, quiet_at = timezone.now(), cache.get(QUIET_AT)
    look_back = min(LATE_MONEY_PERIOD, now - quiet_at + OVERLAP) if quiet_at else LATE_MONEY_PERIOD
    references = find_unsettled_orders(now, look_back)
    if not references:
        cache.set(QUIET_AT, now, LATE_MONEY_PERIOD.total_seconds())
    return sum(map(_settle_or_log, references))


def find_unsettled_orders(now, look_back=LATE_MONEY_PERIOD):
    """References of orders whose payments or refunds may move them, the longest waiting first.

    Pending orders and those in review are found by partial indexes, all others by what was heard of their money within
    `look_back`: old orders cost nothing.
    """
    mine = Payment.objects.filter(subject=OuterRef("reference"))
    paid = Exists(mine.filter(state__in=TAKEN_FOR_PAID))
    undecided = Exists(mine.filter(closed_at=None, problem="").exclude(state__in=TAKEN_FOR_PAID))
    pending = Order.objects.filter(state=OrderState.PENDING_VERIFICATION)
    since = now - look_back
    found = [
        pending.filter(Q(deadline__lte=now) & ~undecided | paid),
        _ended_with_money(since),
        _completed_with_other_money(since),
        _reviewed_with_money_back(),
    ]
    found = [orders.order_by("deadline").values_list("reference", flat=True)[:MOST_PER_QUERY] for orders in found]
    found.append(refunds.find_orders_to_apply(since))
    return [reference for references in found for reference in references]


def list_stuck_orders(*, age=timedelta(hours=26)):
    """Pending after the deadline for longer than SumUp is asked; for the nightly alarm."""
    pending = Order.objects.filter(state=OrderState.PENDING_VERIFICATION, deadline__lte=timezone.now() - age)
    return pending.order_by("deadline")


def complete_order(order, lines, *, reason="", by=None):
    """Makes the tickets, once, and owes the e-mail; True if this call completed the order. Inside a transaction.

    All its seats must be counted. An order that comes back from review keeps the tickets it has.
    """
    first = order.completed_at is None
    facts = {"completed_at": timezone.now()} if first else {}
    if not states.advance(order, OrderState.COMPLETED, reason=reason, by=by, **facts):
        return False
    if first:
        issue_tickets(order, lines)
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    if not order.is_free:
        abandonment.reset_abandonment(place=order.place, email=order.buyer_email)
    return True


def complete_new_order(order, lines):
    """As `complete_order`, for a free order that this transaction wrote as completed: nobody else knows of it yet."""
    entry = states.build_state_entry(order, OrderState.PENDING_VERIFICATION, OrderState.COMPLETED)
    insert_rows([*build_tickets(order, lines), entry])
    outbox.owe_delivery(order, DeliveryKind.TICKETS)


def issue_tickets(order, lines):
    Ticket.objects.bulk_create(build_tickets(order, lines))


def build_tickets(order, lines):
    numbered = [(line, number) for line in lines for number in range(1, line.quantity + 1)]
    return [_build_ticket(order, line, number) for line, number in numbered]


def end_unpaid_order(order, lines, to, *, reason="", by=None):
    """Gives its seats back; True if this call ended it. In a transaction, after `order_seats.lock_order_and_sales`."""
    if not states.advance(order, to, reason=reason, by=by):
        return False
    order_seats.return_all_seats(lines)
    abandonment.record_abandoned_seats(
        sum(line.allocated for line in lines), place=order.place, email=order.buyer_email
    )
    for kind in MAILS_OF_STATE.get(to, []):
        outbox.owe_delivery(order, kind)
    if to == OrderState.EXPIRED:
        order_alerts.alert_ended_unpaid(order)
    return True


def is_order_paid(order):
    return Payment.objects.filter(subject=order.reference, state__in=TAKEN_FOR_PAID).exists()


@transaction.atomic
def _carry_out_decision(order, expected):
    # Decided again under the locks: somebody else may have been faster.
    counted = order.state == OrderState.PENDING_VERIFICATION and expected.to == OrderState.COMPLETED
    lines = order_seats.lock_order(order) if counted else order_seats.lock_order_and_sales(order)
    decision = _decide(order)
    if decision != expected:
        return False
    if decision.to == OrderState.REQUIRES_MANUAL_REVIEW:
        return _send_to_review(order, decision.reason, too_much=_second_payments(order))
    if decision.to == OrderState.COMPLETED:
        return _complete_or_review(order, lines)
    if decision.to == OrderState.REFUNDED:
        return refunds.finish_refunded_order(order, lines, reason=decision.reason)
    return end_unpaid_order(order, lines, decision.to, reason=decision.reason)


def _complete_or_review(order, lines):
    # Late money takes its seats again; an order that had its tickets before needs none.
    missing = [line for line in lines if line.allocated < line.quantity and order.completed_at is None]
    if missing and (trouble := _take_seats_again(missing)):
        return _send_to_review(order, _name_taken_payments(order, trouble), too_much=_paid_payments(order))
    return complete_order(order, lines)


def _take_seats_again(lines):
    """Returns why that was not possible, "" when it was."""
    for sale in {line.sale for line in lines}:
        if stopped := availability.why_sale_stopped(sale) or availability.why_performance_over(sale, timezone.now()):
            return _("The payment came after the order had ended. %(why)s") % {"why": stopped}
    try:
        with transaction.atomic():
            order_seats.take_missing_seats(lines)
    except SoldOut as error:
        return _("The payment came after the seats were released. %(why)s") % {"why": error}
    return ""


def _send_to_review(order, reason, *, too_much=()):
    """`too_much` are payments that bought nothing; under REFUND_LATE_MONEY they go back without a person."""
    known = "\n".join(filter(None, [order.review_reason, reason]))
    if not states.advance(order, OrderState.REQUIRES_MANUAL_REVIEW, reason=reason, review_reason=known):
        return False
    logger.critical("order.review order=%s reason=%s", order.reference, reason.replace("\n", " "))
    automatic = settings.REFUND_LATE_MONEY and bool(too_much)
    order_alerts.alert_review_needed(
        order,
        payment_checks.list_payments_for(order.reference),
        severity=Severity.NOTICE if automatic else Severity.CRITICAL,
    )
    if automatic:
        refunds.refund_surplus_payments(order, too_much, reason=reason)
    else:
        outbox.owe_delivery_again(order, DeliveryKind.REVIEW, pause=timedelta())
    return True


def _paid_payments(order):
    return [
        payment for payment in payment_checks.list_payments_for(order.reference) if payment.state == PaymentState.PAID
    ]


def _second_payments(order):
    """Those that repeat the first one exactly; none when anything else is wrong too."""
    paid, left = _paid_payments(order), unrefunded_amounts(_paid_payments(order))
    kept = [payment for payment in paid if left[payment.pk]]
    fitting = all((each.amount, each.problem, left[each.pk]) == (order.total, "", order.total) for each in kept)
    return kept[1:] if fitting else []


def _name_taken_payments(order, trouble):
    taken = [
        payment.reference
        for payment in payment_checks.list_payments_for(order.reference)
        if payment.state in TAKEN_FOR_PAID
    ]
    return f"{', '.join(taken)}: {trouble}"


def _build_ticket(order, line, number):
    return Ticket(
        line=line,
        sale_id=line.sale_id,
        number=number,
        code=ticket_codes.generate_ticket_code(),
        holder_name=order.buyer_name,
    )


def _taken_since(since):
    return Payment.objects.filter(state__in=TAKEN_FOR_PAID, paid_at__gt=since)


def _completed_with_other_money(since):
    taken = Payment.objects.filter(state__in=TAKEN_FOR_PAID)
    again = taken.filter(subject=OuterRef("subject")).exclude(pk=OuterRef("pk"))
    trouble = _taken_since(since).filter(~Q(problem="") | Exists(again))
    return Order.objects.filter(state=OrderState.COMPLETED, reference__in=trouble.values("subject"))


def _reviewed_with_money_back():
    """Money that went back may have settled them. Looked up order by order: all refunds ever are not read for a few."""
    back = Refund.objects.filter(state=RefundState.PROVED, subject=OuterRef("reference"))
    reviewed = Order.objects.filter(state=OrderState.REQUIRES_MANUAL_REVIEW)
    return reviewed.annotate(back=Subquery(back.order_by().values("pk")[:1])).filter(back__isnull=False)


def _ended_with_money(since):
    proved = Refund.objects.filter(state=RefundState.PROVED, payment=OuterRef("pk"))
    taken = _taken_since(since)
    again = taken.filter(~Exists(proved), state=PaymentState.PAID, subject=OuterRef("reference"))
    ended = Q(state__in=ENDED_UNPAID) | Q(Exists(again), state=OrderState.REFUNDED)
    return Order.objects.filter(ended, reference__in=taken.values("subject"))


def _settle_or_log(reference):
    try:
        return settle_order(reference)
    except Exception:  # the edge of a sweep: one bad order may not stop the others
        logger.exception("settle.failed order=%s", reference)
        return False
