"""What needs a person among orders: those in review with what differs side by side, and money without tickets."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import InvalidOperation

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _

from payments.enums import PaymentState, Question, TransactionStatus
from payments.models import Observation, Payment
from payments.money import ZERO, format_money
from ticketing.enums import OrderState

SEEN = [Question.GET, Question.LIST]


@dataclass(frozen=True)
class Row:
    """One line side by side; `of` is the payment it is about, empty for the whole order."""

    what: str
    ours: str
    theirs: str
    of: str = ""

    @property
    def differs(self):
        return self.ours != self.theirs


@dataclass
class Case:
    """An order in review, and what differs."""

    order: object
    payments: list = field(default_factory=list)
    rows: list = field(default_factory=list)


def queue(orders):
    """Of these orders those that need a person, the longest waiting first."""
    return orders.filter(state=OrderState.REQUIRES_MANUAL_REVIEW).order_by("created_at")


def cases(orders):
    """A `Case` for each of these orders; two queries for any number."""
    orders = list(orders)
    payments = defaultdict(list)
    found = Payment.objects.filter(subject__in=[order.reference for order in orders]).select_related("merchant")
    for payment in found.order_by("pk"):
        payments[payment.subject].append(payment)
    said = _last_answers([payment.pk for each in payments.values() for payment in each])
    return [Case(order, payments[order.reference], compare(order, payments[order.reference], said)) for order in orders]


def compare(order, payments, said):
    """The order against its payments, then each payment against what SumUp said of it last (`said`, by payment)."""
    paid = [payment for payment in payments if payment.state == PaymentState.PAID]
    total = sum((payment.amount for payment in paid), ZERO)
    rows = [
        Row(_("Total"), format_money(order.total), format_money(total)),
        Row(_("Payments"), "1", str(len(paid))),
    ]
    for payment in payments:
        rows += _differences(payment, said.get(payment.pk, {}))
    return rows


def waiting(orders):
    """Of these orders those whose money is there and whose tickets are not, the longest waiting first."""
    paid = Payment.objects.filter(subject=OuterRef("reference"), state=PaymentState.PAID)
    return orders.filter(Exists(paid), state=OrderState.PENDING_VERIFICATION).order_by("created_at")


def _last_answers(payments):
    """{payment: the checkout as SumUp showed it last}"""
    newest = Observation.objects.filter(payment__in=payments, question__in=SEEN).order_by().values("payment")
    rows = Observation.objects.filter(pk__in=newest.annotate(last=Max("pk")).values("last"))
    return {row.payment_id: _checkout(row.answer) for row in rows}


def _checkout(answer):
    [*_, last] = answer.get("checkouts") or [answer]
    return last


def _differences(payment, said):
    compared = [
        (_("Amount"), format_money(payment.amount), _money(said.get("amount"))),
        (_("Currency"), payment.currency, said.get("currency")),
        (_("Merchant"), payment.merchant.merchant_code, said.get("merchant_code")),
        (_("Reference"), payment.reference, said.get("checkout_reference")),
    ]
    taken = _successes(said)
    if len(taken) > 1:
        compared.append((_("Transactions"), "1", ", ".join(taken)))
    rows = [Row(what, ours, theirs, of=payment.reference) for what, ours, theirs in compared if theirs]
    return [row for row in rows if row.differs]


def _successes(said):
    """The codes of the transactions that took money."""
    found = [each for each in said.get("transactions") or [] if each.get("status") == TransactionStatus.SUCCESSFUL]
    return [str(each.get("transaction_code") or each.get("id")) for each in found]


def _money(said):
    try:
        return format_money(said) if said else ""
    except InvalidOperation:
        return said
