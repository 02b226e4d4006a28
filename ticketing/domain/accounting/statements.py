"""The statement of an event: what was sold, given back, kept by SumUp and paid out. Pounds; read from rows alone.

An order may span several events. What was paid, refunded or charged for it is one sum at SumUp, so it is split over the
order's lines in proportion to their prices, to the penny: the statements of all events add up to what really moved.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from events_pages.models import EventPage
from payments.enums import MovementKind, PaymentState, RefundOrigin, RefundState, TransactionStatus
from payments.models import Movement, Payment, Refund
from payments.money import ZERO, split_money
from ticketing.domain.accounting import gst
from ticketing.enums import OrderState, TicketState
from ticketing.models import EventSale, Order, OrderLine, OrderRefund, Ticket

TICKET_FIGURES = ("sold", "free", "void")
FIGURES = (*TICKET_FIGURES, "gross", "booking_fees", "given_back", "charged_back", "fees", "net", "gst", "paid_out")
DEDUCTION_KINDS = [MovementKind.REFUND_DEDUCTION, MovementKind.CHARGE_BACK_DEDUCTION]


@dataclass(frozen=True)
class Payout:
    """One transfer of SumUp's to the bank, and how much of it belongs to this event, deductions taken off."""

    reference: str
    date: date
    amount: Decimal


@dataclass
class OrderRow:
    """This event's part of one order. `fee_missing` counts the payments whose fee SumUp has not told yet; `sales` are
    those of this event that it has tickets of, in the order of their dates."""

    order: Order
    sales: list = field(default_factory=list)
    sold: int = 0
    free: int = 0
    void: int = 0
    gross: Decimal = ZERO
    booking_fees: Decimal = ZERO
    given_back: Decimal = ZERO
    charged_back: Decimal = ZERO
    fees: Decimal = ZERO
    fee_missing: int = 0
    gst_parts: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    payouts: list = field(default_factory=list)

    @property
    def net(self):
        return self.gross - self.given_back - self.charged_back - self.fees

    @property
    def gst(self):
        return sum((part.tax for part in self.gst_parts), ZERO)

    @property
    def paid_out(self):
        return sum((payout.amount for payout in self.payouts), ZERO)

    @property
    def is_undecided(self):
        return self.order.state == OrderState.REQUIRES_MANUAL_REVIEW


@dataclass
class TypeRow:
    """One ticket type of one sale at one price: how many tickets were issued, and how many of them are void."""

    sale: EventSale
    name: str
    price: Decimal
    issued: int = 0
    void: int = 0


@dataclass(frozen=True)
class Statement:
    """The rows and their sums: `statement.total["gross"]` is the sum of all orders' gross."""

    title: str
    sales: list
    rows: list
    types: list
    printed_at: datetime

    @cached_property
    def total(self):
        money = {name: sum((getattr(row, name) for row in self.rows), ZERO) for name in FIGURES}
        return money | {name: sum(getattr(row, name) for row in self.rows) for name in (*TICKET_FIGURES, "fee_missing")}

    @property
    def not_paid_out(self):
        return self.total["net"] - self.total["paid_out"]

    @property
    def undecided(self):
        return sum((row.gross for row in self.rows if row.is_undecided), ZERO)

    @property
    def merchants(self):
        return sorted({row.order.merchant for row in self.rows if row.order.merchant}, key=lambda each: each.name)

    @property
    def gst_numbers(self):
        return sorted({part.number for row in self.rows for part in row.gst_parts})

    @property
    def period(self):
        days = [timezone.localdate(row.order.created_at) for row in self.rows]
        return (min(days), max(days)) if days else None

    @property
    def payouts(self):
        sums = defaultdict(lambda: ZERO)
        for row in self.rows:
            for each in row.payouts:
                sums[each.date, each.reference] += each.amount
        return [Payout(reference, day, amount) for (day, reference), amount in sorted(sums.items())]


def build_statement(subject):
    """The Statement of an `EventPage`, all its sales together, or of one `EventSale`; seven queries for any number.

    Counted is every order with tickets or with money: completed, refunded, in review, and one that ended without
    tickets and was paid all the same.
    """
    whole = isinstance(subject, EventPage)
    sales = EventSale.objects.select_related("page__organiser", "performance__venue", "merchant")
    sales = sort_by_date(sales.filter(page=subject) if whole else sales.filter(pk=subject.pk))
    orders = _counted_orders(sales)
    lines = _group_lines(orders)
    money = _OrderMoney(orders)
    rows = [_build_order_row(order_lines, sales, money) for order_lines in lines.values()]
    title = subject.title if whole else str(sales[0])
    return Statement(title, sales, rows, _build_type_rows(sales, lines, money), timezone.now())


def sort_by_date(sales):
    """Passes first, which are for all dates."""
    return sorted(sales, key=lambda sale: (not sale.is_pass, not sale.is_pass and sale.performance.starts_at, sale.pk))


class _OrderMoney:
    def __init__(self, orders):
        references = orders.values("reference")
        self.payments = defaultdict(list)
        for payment in Payment.objects.filter(subject__in=references, state=PaymentState.PAID).order_by("pk"):
            self.payments[payment.subject].append(payment)
        self.refunds = defaultdict(list)
        for refund in Refund.objects.filter(subject__in=references, state=RefundState.PROVED).order_by("pk"):
            self.refunds[refund.subject].append(refund)
        self.movements = defaultdict(list)
        moved = Movement.objects.filter(payment__subject__in=references).exclude(status=TransactionStatus.FAILED)
        for movement in moved.select_related("payment").order_by("pk"):
            self.movements[movement.payment.subject].append(movement)
        self.tickets = _count_tickets(orders)
        self.refunded_lines = _count_refunded_tickets(references)

    def fees(self, reference):
        """(pounds, number of payments whose fee is not known)"""
        told = {row.payment_id: row.fee for row in self.of(reference, MovementKind.PAYMENT) if row.fee is not None}
        missing = sum(payment.pk not in told for payment in self.payments[reference])
        returned = sum((refund.fee_returned for refund in self.refunds[reference]), ZERO)
        return sum(told.values(), ZERO) - returned, missing

    def of(self, reference, *kinds):
        return [row for row in self.movements[reference] if row.kind in kinds]


def _build_order_row(lines, sales, money):
    """Amounts are split over all lines of the order, and the shares of this event's lines are added up."""
    order = lines[0].order
    prices = [line.total for line in lines]
    bought, own = {line.sale_id for line in lines}, {sale.pk for sale in sales}
    mine = [line.sale_id in own for line in lines]

    def part(amount, weights=prices):
        return sum((share for share, is_mine in zip(split_money(amount, weights), mine, strict=True) if is_mine), ZERO)

    row = OrderRow(order, [sale for sale in sales if sale.pk in bought], payments=money.payments[order.reference])
    row.gross = sum((part(payment.amount) for payment in row.payments), ZERO)
    for refund in money.refunds[order.reference]:
        share = part(refund.amount, _weigh_refund(lines, money.refunded_lines.get(refund.pk), prices))
        _add_refund(row, refund, share)
    fees, row.fee_missing = money.fees(order.reference)
    row.fees = part(fees)
    row.gst_parts = _sum_gst(lines, mine, prices, money)
    row.payouts = [Payout(*each, part(amount)) for each, amount in _sum_payouts(order, money).items()]
    for line, is_mine in zip(lines, mine, strict=True):
        if is_mine:
            _add_tickets(row, line, money)
    return row


def _sum_gst(lines, mine, prices, money):
    reference = lines[0].order.reference
    moved = [(payment.amount, prices) for payment in money.payments[reference]]
    for refund in money.refunds[reference]:
        moved += [(-refund.amount, _weigh_refund(lines, money.refunded_lines.get(refund.pk), prices))]
    return gst.sum_gst_parts(
        (share, gst.gst_of_order_line(line))
        for amount, weights in moved
        for share, line, is_mine in zip(split_money(amount, weights), lines, mine, strict=True)
        if is_mine
    )


def _add_refund(row, refund, share):
    if refund.origin == RefundOrigin.CHARGE_BACK:
        row.charged_back += share
    else:
        row.given_back += share


def _add_tickets(row, line, money):
    issued, void = money.tickets.get(line.pk, (0, 0))
    row.booking_fees += line.unit_fee * line.quantity if row.payments else ZERO
    row.void += void
    if line.unit_price:
        row.sold += issued
    else:
        row.free += issued


def _weigh_refund(lines, refunded, prices):
    """A refund of single tickets is split over their lines, any other one over all of them."""
    if not refunded:
        return prices
    return [line.unit_price * refunded.get(line.pk, 0) for line in lines]


def _sum_payouts(order, money):
    sums = defaultdict(lambda: ZERO)
    for row in money.of(order.reference, MovementKind.PAYOUT, *DEDUCTION_KINDS):
        amount = -abs(row.amount) if row.kind in DEDUCTION_KINDS else row.amount
        sums[row.payout_reference, row.payout_date] += amount
    return sums


def _counted_orders(sales):
    paid = Payment.objects.filter(subject=OuterRef("reference"), state=PaymentState.PAID)
    counted = Q(state__in=[OrderState.COMPLETED, OrderState.REFUNDED]) | Exists(paid)
    of_sales = OrderLine.objects.filter(sale__in=sales).order_by().values("order")
    return Order.objects.filter(counted, pk__in=of_sales).order_by()


def _group_lines(orders):
    found = defaultdict(list)
    lines = OrderLine.objects.filter(order__in=orders.values("pk")).select_related("order__merchant")
    for line in lines.order_by("order_id", "pk"):
        found[line.order_id].append(line)
    return found


def _count_tickets(orders):
    void = Count("pk", filter=Q(state=TicketState.VOID))
    rows = Ticket.objects.filter(line__order__in=orders.values("pk")).order_by().values_list("line")
    return {line: (issued, gone) for line, issued, gone in rows.annotate(issued=Count("pk"), gone=void)}


def _count_refunded_tickets(references):
    found = defaultdict(dict)
    named = OrderRefund.objects.filter(order__reference__in=references, refund__isnull=False, tickets__isnull=False)
    for refund, line, count in named.order_by().values_list("refund", "tickets__line").annotate(Count("tickets")):
        found[refund][line] = count
    return found


def _build_type_rows(sales, lines, money):
    by_pk = {sale.pk: sale for sale in sales}
    found = {}
    for line in (line for of_order in lines.values() for line in of_order if line.sale_id in by_pk):
        key = (line.sale_id, line.type_name, line.unit_price)
        row = found.setdefault(key, TypeRow(by_pk[line.sale_id], line.type_name, line.unit_price))
        issued, void = money.tickets.get(line.pk, (0, 0))
        row.issued += issued
        row.void += void
    return sorted(found.values(), key=lambda row: (sales.index(row.sale), -row.price, row.name))
