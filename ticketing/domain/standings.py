"""What became of the money of an order, for whoever reads SumUp's list: `payments.domain.reconciliation.fulfilment_status` asks."""

from collections import defaultdict

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.domain.reconciliation.fulfilment_status import FulfilmentStatus
from payments.domain.refunds.requests import collected_amount
from payments.enums import TAKEN_FOR_PAID, RefundState
from payments.models import Alert, Payment, Refund
from payments.money import ZERO, format_money
from ticketing.domain.notices import order_path, review_keys
from ticketing.domain.verdicts import LAPSED, judge
from ticketing.enums import OrderState
from ticketing.models import Order, OrderLine, Ticket

SLICE = 5000  # SQLite takes 32,766 values in one question


def explain(subjects):
    """{subject: Standing} of the orders among them, in five or six queries per SLICE.

    Settled: completed with every ticket it was paid for, given back, with a person who was told, or never paid. What
    the sweep is still to move (paid and pending, late money, a second payment) is not.
    """
    subjects = list(subjects)
    found = {}
    for start in range(0, len(subjects), SLICE):
        found |= _explain(subjects[start : start + SLICE])
    return found


def _explain(subjects):
    orders = Order.objects.filter(reference__in=subjects).defer("buyer_name", "buyer_email")
    orders = {order.reference: order for order in orders}
    payments = _grouped(Payment.objects.filter(subject__in=orders).order_by("pk"))
    refunds = _grouped(Refund.objects.filter(subject__in=orders, state=RefundState.PROVED))
    ids = [order.pk for order in orders.values()]
    wanted = _counted(OrderLine.objects.filter(order__in=ids).values_list("order").annotate(n=Sum("quantity")))
    issued = _counted(Ticket.objects.filter(line__order__in=ids).values_list("line__order").annotate(n=Count("pk")))
    told = _told(orders.values())
    return {
        reference: _standing(
            order,
            payments=payments[reference],
            refunds=refunds[reference],
            missing=wanted.get(order.pk, 0) - issued.get(order.pk, 0),
            told=order.pk in told,
        )
        for reference, order in orders.items()
    }


def _standing(order, *, payments, refunds, missing, told):
    settled, words = _judged(order, payments, refunds, missing=missing, told=told)
    return FulfilmentStatus(settled=settled, words=words, path=order_path(order))


def _judged(order, payments, refunds, *, missing, told):
    paid = [payment for payment in payments if payment.state in TAKEN_FOR_PAID]
    if order.state == OrderState.REQUIRES_MANUAL_REVIEW:
        return told, _("needs a person, who was told") if told else _("needs a person, and nobody was told")
    verdict = judge(order, payments, timezone.now(), _left(paid, refunds))
    if verdict and verdict.to != OrderState.REFUNDED:
        return False, _("paid, not settled yet") if paid else _("about to be settled")
    if verdict or order.state == OrderState.REFUNDED:
        given_back = sum((refund.amount for refund in refunds), ZERO)
        return True, _("given back: %(amount)s") % {"amount": format_money(given_back)}
    if order.state == OrderState.COMPLETED:
        return missing == 0, _completed(missing)
    return order.state in LAPSED, order.get_state_display()


def _left(paid, refunds):
    """{payment id: pounds of it that did not go back}"""
    back = defaultdict(lambda: ZERO)
    for refund in refunds:
        back[refund.payment_id] += refund.amount
    return {payment.pk: max(collected_amount(payment) - back[payment.pk], ZERO) for payment in paid}


def _completed(missing):
    if not missing:
        return _("completed with its tickets")
    words = ngettext(
        "completed, but %(count)d ticket is missing", "completed, but %(count)d tickets are missing", missing
    )
    return words % {"count": missing}


def _told(orders):
    """Ids of the orders in review that an alert was raised for."""
    keys = {
        key: order.pk
        for order in orders
        if order.state == OrderState.REQUIRES_MANUAL_REVIEW
        for key in review_keys(order)
    }
    return {keys[key] for key in Alert.objects.filter(key__in=keys).values_list("key", flat=True)}


def _grouped(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.subject].append(row)
    return groups


def _counted(pairs):
    """Of a query that the model orders: the order is no part of the question."""
    return dict(pairs.order_by())
