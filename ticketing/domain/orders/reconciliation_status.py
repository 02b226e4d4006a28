"""The reconciliation status of orders: whether their money is settled.

`payments.domain.reconciliation.fulfilment_status` asks, for the comparison with SumUp's list.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.domain.merchants import credentials
from payments.domain.reconciliation import outside_refunds
from payments.domain.reconciliation.fulfilment_status import FulfilmentStatus
from payments.domain.refunds.amounts import collected_amount
from payments.enums import TAKEN_FOR_PAID, RefundState
from payments.models import Alert, MerchantAccount, Payment, Refund
from payments.money import ZERO, format_money
from ticketing.domain.catalogue import performance_ends
from ticketing.domain.messages.order_alerts import list_review_alert_keys
from ticketing.domain.orders.decision import ENDED_UNPAID, decide_order
from ticketing.enums import OrderState
from ticketing.models import EventSale, Order, OrderLine, Ticket

ORDERS_PER_QUERY = 5000  # SQLite takes 32,766 values in one question


def fulfilment_status_of(subjects):
    """{subject: FulfilmentStatus} of those that are orders, in five or six queries per ORDERS_PER_QUERY.

    Settled are: completed with every ticket, refunded, in review with staff told, and never paid. Not settled is what
    the sweep has still to move: paid and pending, late money, a second payment.
    """
    subjects = list(subjects)
    found = {}
    for start in range(0, len(subjects), ORDERS_PER_QUERY):
        found |= _build_statuses(subjects[start : start + ORDERS_PER_QUERY])
    return found


def _build_statuses(subjects):
    orders = Order.objects.filter(reference__in=subjects).defer("buyer_name", "buyer_email")
    orders = {order.reference: order for order in orders}
    payments = _group_by_subject(Payment.objects.filter(subject__in=orders).order_by("pk"))
    refunds = _group_by_subject(Refund.objects.filter(subject__in=orders, state=RefundState.PROVED))
    ids = [order.pk for order in orders.values()]
    wanted = _read_counts(OrderLine.objects.filter(order__in=ids).values_list("order").annotate(n=Sum("quantity")))
    issued = _read_counts(Ticket.objects.filter(line__order__in=ids).values_list("line__order").annotate(n=Count("pk")))
    told = _orders_with_alert(orders.values())
    return {
        reference: _build_status(
            order,
            payments=payments[reference],
            refunds=refunds[reference],
            missing=wanted.get(order.pk, 0) - issued.get(order.pk, 0),
            told=order.pk in told,
        )
        for reference, order in orders.items()
    }


def _build_status(order, *, payments, refunds, missing, told):
    settled, words = _decide_settled(order, payments, refunds, missing=missing, told=told)
    return FulfilmentStatus(settled=settled, words=words, path=order.admin_path)


def _decide_settled(order, payments, refunds, *, missing, told):
    paid = [payment for payment in payments if payment.state in TAKEN_FOR_PAID]
    if order.state == OrderState.REQUIRES_MANUAL_REVIEW:
        return told, _("needs a person, who was told") if told else _("needs a person, and nobody was told")
    decision = decide_order(order, payments, timezone.now(), _unrefunded_amounts(paid, refunds))
    if decision and decision.to != OrderState.REFUNDED:
        return False, _("paid, not settled yet") if paid else _("about to be settled")
    if decision or order.state == OrderState.REFUNDED:
        given_back = sum((refund.amount for refund in refunds), ZERO)
        return True, _("given back: %(amount)s") % {"amount": format_money(given_back)}
    if order.state == OrderState.COMPLETED:
        return missing == 0, _describe_completed(missing)
    return order.state in ENDED_UNPAID, order.get_state_display()


def _unrefunded_amounts(paid, refunds):
    back = defaultdict(lambda: ZERO)
    for refund in refunds:
        back[refund.payment_id] += refund.amount
    return {payment.pk: max(collected_amount(payment) - back[payment.pk], ZERO) for payment in paid}


def _describe_completed(missing):
    if not missing:
        return _("completed with its tickets")
    words = ngettext(
        "completed, but %(count)d ticket is missing", "completed, but %(count)d tickets are missing", missing
    )
    return words % {"count": missing}


def _orders_with_alert(orders):
    # Ids of the orders in review that an alert was raised for.
    keys = {
        key: order.pk
        for order in orders
        if order.state == OrderState.REQUIRES_MANUAL_REVIEW
        for key in list_review_alert_keys(order)
    }
    return {keys[key] for key in Alert.objects.filter(key__in=keys).values_list("key", flat=True)}


def _group_by_subject(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.subject].append(row)
    return groups


def _read_counts(pairs):
    # Without the model's ordering, which would split the groups.
    return dict(pairs.order_by())


DAYS_WATCHED = 31  # days after a performance in which buyers ask for their money, and banks take it back


def list_watched_accounts(now):
    """The accounts that were ever paid and sell, or sold, such a performance: three queries."""
    late = performance_ends.filter_not_over(now - timedelta(days=DAYS_WATCHED))
    ids = set(EventSale.objects.filter(late).order_by().values_list("merchant", flat=True).distinct())
    if None in ids and (own := credentials.get_default_merchant()):
        ids.add(own.pk)
    paid = Payment.objects.filter(merchant=OuterRef("pk"))
    return list(MerchantAccount.objects.filter(Exists(paid), pk__in=ids - {None}).order_by("pk"))


def record_outside_refunds():
    return outside_refunds.record_outside_refunds(list_watched_accounts(timezone.now()))
