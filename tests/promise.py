"""The promise as a table: each successful transaction at SumUp against what became of it here.

Exactly one of: an order that has its tickets, a refund that SumUp proves, a person who was asked. The truth is read
from the simulator's own records, never from what the product remembers of them.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from payments.domain.reconciliation import runs
from payments.enums import DiscrepancyKind, DiscrepancyState, PaymentState, RefundState
from payments.models import Alert, Discrepancy, MerchantAccount, Payment, Refund
from ticketing.enums import OrderState, TicketState
from ticketing.models import Order, Ticket

TICKETS, REFUNDED, REVIEW = "completed order with its tickets", "proved refund", "review with an alert"
NOTHING, TWICE = "NOTHING OF THESE", "MORE THAN ONE OF THESE"
SENT_BACK = {"REFUNDED", "SUCCESSFUL"}


@dataclass(frozen=True)
class Money:
    """A successful transaction as SumUp has it. `returned`: what it gave back, in pounds."""

    id: str
    reference: str
    amount: Decimal
    returned: Decimal


def money_at(simulator):
    state = simulator.state()
    returned = {each["id"]: returned_of(each) for each in state["transactions"]}
    return [
        Money(paid["id"], checkout["checkout_reference"], Decimal(str(paid["amount"])), returned[paid["id"]])
        for checkout in state["checkouts"]
        for paid in checkout["transactions"]
        if paid["status"] not in {"FAILED", "CANCELLED", "PENDING"}
    ]


def returned_of(transaction):
    backwards = [
        each
        for each in transaction.get("transaction_events", [])
        if each["event_type"] in {"REFUND", "CHARGE_BACK"} and each["status"] in SENT_BACK
    ]
    return sum((Decimal(str(each["amount"])) for each in backwards), Decimal(0))


def outcome(money):
    """What became of one transaction, in the words of the table."""
    order = order_of(money)
    found = [name for name, holds in CHECKS.items() if order is not None and holds(order, money)]
    if len(found) > 1:
        return f"{TWICE}: {', '.join(found)}"
    return found[0] if found else NOTHING


def order_of(money):
    payment = Payment.objects.filter(reference=money.reference).first()
    return payment and Order.objects.filter(reference=payment.subject).first()


def has_tickets(order, money):
    """Every seat that was not given back has a ticket that opens the door, and this money is on record as paid."""
    if order.state != OrderState.COMPLETED or money.returned == money.amount:
        return False
    paid = Payment.objects.filter(reference=money.reference, state=PaymentState.PAID, transaction_id=money.id).exists()
    made = Ticket.objects.filter(line__order=order)
    seats = sum(order.lines.values_list("quantity", flat=True))
    return paid and made.count() == seats and made.exclude(state=TicketState.VOID).exists()


def is_refunded(order, money):
    """All of it went back at SumUp, and we know it to the penny."""
    rows = Refund.objects.filter(transaction_id=money.id, state=RefundState.PROVED)
    return money.returned == money.amount == sum(rows.values_list("amount", flat=True), Decimal(0))


def is_with_a_person(order, money):
    asked = Alert.objects.filter(key__startswith="review:", key__contains=order.reference).exists()
    return order.state == OrderState.REQUIRES_MANUAL_REVIEW and money.returned < money.amount and asked


CHECKS = {TICKETS: has_tickets, REFUNDED: is_refunded, REVIEW: is_with_a_person}


def table(simulator):
    """Counter of outcomes over all money at SumUp."""
    return Counter(outcome(money) for money in money_at(simulator))


def strays(simulator):
    """Money that is not exactly one thing, for the message of a failing test."""
    return [(money, found) for money in money_at(simulator) if (found := outcome(money)) not in CHECKS]


def unmatched(days):
    """Pounds that the sweep cannot place and the sentences it says, over all merchants and these days.

    Money that came twice is placed: a person was told, and it belongs to an order. It is not counted here.
    """
    reports = [
        runs.reconcile_day(merchant, day)
        for merchant in MerchantAccount.objects.filter(payments__isnull=False).distinct()
        for day in days
    ]
    assert all(run.finished_at for run in reports), [run.error for run in reports]
    said = Discrepancy.objects.filter(state=DiscrepancyState.OPEN).exclude(kind=DiscrepancyKind.DOUBLE)
    return sum((run.unmatched for run in reports), Decimal(0)), list(said.values_list("sentence", flat=True))
