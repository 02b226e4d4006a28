"""Review: orders that need a person, what differs from SumUp's answer, and accepting them."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.domain.verification import payment_checks
from payments.enums import TAKEN_FOR_PAID, Question
from payments.models import Observation, Payment
from payments.money import format_money
from ticketing.domain.errors import NotAcceptable, SoldOut
from ticketing.domain.orders import fulfilment, refunds
from ticketing.domain.stock import order_seats
from ticketing.enums import OrderState, TicketState
from ticketing.models import Order, OrderLine, Ticket

UNKNOWN = "–"


@dataclass(frozen=True)
class ComparisonRow:
    """`payment` is None when the row is about the order as a whole."""

    what: str
    ours: str
    theirs: str
    payment: Payment | None = None

    @property
    def differs(self):
        return self.ours != self.theirs


COMPARED_FIELDS = [
    (gettext_lazy("Amount"), "amount", lambda payment: format_money(payment.amount)),
    (gettext_lazy("Currency"), "currency", lambda payment: payment.currency),
    (gettext_lazy("Merchant"), "merchant_code", lambda payment: payment.merchant.merchant_code),
    (gettext_lazy("Reference"), "checkout_reference", lambda payment: payment.reference),
]


def list_orders_in_review(orders=None):
    """The longest waiting first; of the queryset `orders` when it is given."""
    rows = Order.objects.all() if orders is None else orders
    return rows.filter(state=OrderState.REQUIRES_MANUAL_REVIEW).select_related("merchant").order_by("pk")


def list_paid_without_tickets(orders):
    paid = Payment.objects.filter(subject=OuterRef("reference"), state__in=TAKEN_FOR_PAID)
    return orders.filter(Exists(paid), state=OrderState.PENDING_VERIFICATION).order_by("pk")


def compare_with_provider(order):
    return compare_all_with_provider([order])[order.pk]


def compare_all_with_provider(orders):
    """{order id: its ComparisonRows}, payments and seats first, in three queries for any number of orders."""
    paid = defaultdict(list)
    payments = Payment.objects.filter(subject__in=[order.reference for order in orders], state__in=TAKEN_FOR_PAID)
    for payment in payments.select_related("merchant").order_by("pk"):
        paid[payment.subject].append(payment)
    said, seats_of = _last_answers(payments), _count_seats(orders)
    return {
        order.pk: _build_rows(order, paid[order.reference], seats_of.get(order.pk, (0, 0)), said) for order in orders
    }


def may_accept_order(payments):
    """Whether SumUp or a person has seen the order's money; without any payment there is none to be seen."""
    return not payments or any(payment.state in TAKEN_FOR_PAID for payment in payments)


@transaction.atomic
def accept_order(order, *, by, reason):
    """Completes an order in review, with the tickets it has not got yet; its seats are taken again if they went back.

    `review_reason` stays: `decide_order` reads there which payments somebody has seen. Raises NotAcceptable.
    """
    lines = order_seats.lock_order_and_sales(order)
    if order.state != OrderState.REQUIRES_MANUAL_REVIEW:
        raise NotAcceptable(_("Meanwhile somebody decided about this order."))
    if not may_accept_order(payment_checks.list_payments_for(order.reference)):
        raise NotAcceptable(
            _("Nobody has seen this order’s money yet. An administrator can settle it by hand, with SumUp’s code.")
        )
    if refunds.list_unapplied_refunds(order).exists():
        raise NotAcceptable(_("A refund of this order is on its way."))
    tickets = Ticket.objects.filter(line__order=order)
    if tickets and not tickets.exclude(state=TicketState.VOID).exists():
        raise NotAcceptable(_("All tickets of this order are void: it cannot be completed again."))
    if not tickets:
        _take_seats(lines)
    fulfilment.complete_order(order, lines, by=by, reason=reason)
    return order


def _take_seats(lines):
    try:
        order_seats.take_missing_seats([line for line in lines if line.allocated < line.quantity])
    except SoldOut as error:
        raise NotAcceptable(_("The seats were sold to others meanwhile. %(why)s") % {"why": error}) from error


def _build_rows(order, paid, of_seats, said):
    wanted, held = of_seats
    rows = [
        ComparisonRow(_("Payments"), "0" if order.is_free else "1", str(len(paid))),
        ComparisonRow(_("Seats held"), str(wanted), str(held)),
    ]
    return rows + [row for payment in paid for row in _build_payment_rows(order, payment, said.get(payment.pk, {}))]


def _build_payment_rows(order, payment, said):
    rows = [ComparisonRow(_("Order total"), format_money(order.total), format_money(payment.amount), payment)]
    for what, key, ours in COMPARED_FIELDS:
        theirs = said.get(key, UNKNOWN)
        shown = _format_amount(theirs) if key == "amount" else theirs
        rows.append(ComparisonRow(what, ours(payment), shown, payment))
    return rows


def _count_seats(orders):
    # {order id: (seats bought, seats that count in the stock)}
    lines = OrderLine.objects.filter(order__in=orders).order_by().values_list("order")
    return {order: (wanted, held) for order, wanted, held in lines.annotate(Sum("quantity"), Sum("allocated"))}


def _last_answers(payments):
    # {payment id: the last answer that showed its checkout}
    seen = Observation.objects.filter(payment__in=payments, question=Question.GET, answer__has_key="amount")
    newest = seen.order_by().values("payment").annotate(last=Max("pk")).values("last")
    return dict(Observation.objects.filter(pk__in=newest).values_list("payment", "answer"))


def _format_amount(text):
    try:
        return format_money(text)
    except ArithmeticError:
        return text
