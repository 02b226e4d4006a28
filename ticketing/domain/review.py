"""Orders that need a person: what differs, and saying that all is well."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.enums import PaymentState, Question
from payments.models import Observation, Payment
from payments.money import format_money
from ticketing.domain import fulfilment, refunds, seats
from ticketing.domain.errors import NotAcceptable, SoldOut
from ticketing.enums import OrderState, TicketState
from ticketing.models import Order, Ticket

NONE = "–"


@dataclass(frozen=True)
class Row:
    """One thing side by side, in words. `payment` is the payment it is about, None when it is about the order."""

    what: str
    ours: str
    theirs: str
    payment: Payment | None = None

    @property
    def differs(self):
        return self.ours != self.theirs


COMPARED = [
    (gettext_lazy("Amount"), "amount", lambda payment: format_money(payment.amount)),
    (gettext_lazy("Currency"), "currency", lambda payment: payment.currency),
    (gettext_lazy("Merchant"), "merchant_code", lambda payment: payment.merchant.merchant_code),
    (gettext_lazy("Reference"), "checkout_reference", lambda payment: payment.reference),
]


def queue():
    """Orders that wait for somebody, the longest first."""
    return Order.objects.filter(state=OrderState.REQUIRES_MANUAL_REVIEW).select_related("merchant").order_by("pk")


def compare(order):
    """What we expected beside what SumUp said last: one Row for each thing, payments and seats first."""
    payments = list(Payment.objects.filter(subject=order.reference).select_related("merchant").order_by("pk"))
    paid = [payment for payment in payments if payment.state == PaymentState.PAID]
    rows = [Row(_("Payments"), "0" if order.is_free else "1", str(len(paid))), _seats(order)]
    return rows + [row for payment in paid for row in _compare_payment(order, payment)]


@transaction.atomic
def accept(order, *, by, reason):
    """All is well with this order: it is completed, with the tickets it has not got yet and the e-mail owed.

    Its seats are taken again if they went back on sale. `review_reason` stays: `judge` reads there which payments
    somebody has seen, and asks again only for a further one. Raises `NotAcceptable`.
    """
    lines = seats.lock(order)
    if order.state != OrderState.REQUIRES_MANUAL_REVIEW:
        raise NotAcceptable(_("Meanwhile somebody decided about this order."))
    if refunds.under_way(order).exists():
        raise NotAcceptable(_("A refund of this order is on its way."))
    tickets = Ticket.objects.filter(line__order=order)
    if tickets and not tickets.exclude(state=TicketState.VOID).exists():
        raise NotAcceptable(_("All tickets of this order are void: it cannot be completed again."))
    if not tickets:
        _take_seats(lines)
    fulfilment.complete(order, lines, by=by, reason=reason)
    return order


def _take_seats(lines):
    try:
        seats.take([line for line in lines if line.allocated < line.quantity])
    except SoldOut as error:
        raise NotAcceptable(_("The seats were sold to others meanwhile. %(why)s") % {"why": error}) from error


def _seats(order):
    lines = list(order.lines.all())
    wanted, held = sum(line.quantity for line in lines), sum(line.allocated for line in lines)
    return Row(_("Seats held"), str(wanted), str(held))


def _compare_payment(order, payment):
    said = _said(payment)
    rows = [Row(_("Order total"), format_money(order.total), format_money(payment.amount), payment)]
    for what, key, ours in COMPARED:
        theirs = said.get(key, NONE)
        shown = _money(theirs) if key == "amount" else theirs
        rows.append(Row(what, ours(payment), shown, payment))
    return rows


def _said(payment):
    """The last answer that showed the checkout."""
    seen = Observation.objects.filter(payment=payment, question=Question.GET, answer__has_key="amount")
    last = seen.order_by("-pk").first()
    return last.answer if last else {}


def _money(text):
    try:
        return format_money(text)
    except ArithmeticError:
        return text
