"""An order that an administrator settles while SumUp cannot be asked (decision 35).

The payment is told first and the order follows it, as it does when money comes late: one way to tickets, whoever says
that they are paid.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from payments.domain.reconciliation import manual_payments
from payments.enums import TAKEN_FOR_PAID
from ticketing.domain.errors import NotSettled
from ticketing.domain.orders import fulfilment, review
from ticketing.domain.stock import order_seats
from ticketing.enums import OrderState

LOG_ACTION = "ticketing.order.by_hand"

COMPLETABLE_STATES = (
    OrderState.PENDING_VERIFICATION,
    OrderState.FAILED,
    OrderState.EXPIRED,
    OrderState.REQUIRES_MANUAL_REVIEW,
)
"""In review stands, after a day without SumUp, whatever SumUp gave no answer about."""
FAILABLE_STATES = (OrderState.PENDING_VERIFICATION, OrderState.REQUIRES_MANUAL_REVIEW)


def may_complete_by_hand(order, payments):
    """Whether a person may say that it is paid: nobody has yet, neither SumUp nor a person."""
    return (
        order.state in COMPLETABLE_STATES
        and bool(payments)
        and not any(each.state in TAKEN_FOR_PAID for each in payments)
    )


def may_fail_by_hand(order, payments, now):
    """Whether a person may end it unpaid: once the time to pay is over, because until then somebody may be paying."""
    return order.state in FAILABLE_STATES and order.deadline <= now and may_complete_by_hand(order, payments)


def complete_order_by_hand(order, *, code, reason, by):
    """The buyer has paid: `by` saw transaction `code` in SumUp's dashboard. The order goes where late money takes it,
    which is to a person when its seats are gone. Raises `NotSettled`.
    """
    payments = fulfilment.payments_of(order)
    if not may_complete_by_hand(order, payments):
        raise NotSettled
    with transaction.atomic():
        try:
            manual_payments.record_manual_payment(payments[-1], code=code, reason=reason, by=by)
        except manual_payments.ManualPaymentRefused as refusal:
            raise NotSettled(refusal.message) from refusal
        _log_settlement(order, by=by, reason=f"{code}: {reason}", paid=True)
        if order.state == OrderState.REQUIRES_MANUAL_REVIEW:
            review.accept_order(order, by=by, reason=reason)
    fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    return order


def fail_order_by_hand(order, *, reason, by, code=""):
    """Nobody has paid: its seats go back on sale and the buyer hears of it. Raises `NotSettled`.

    Money that SumUp shows after all is late money.
    """
    with transaction.atomic():
        lines = order_seats.lock_order_and_sales(order)
        if not may_fail_by_hand(order, fulfilment.payments_of(order), timezone.now()):
            raise NotSettled(
                _("Only an order whose time to pay is over, and that nobody has paid, can be ended by hand.")
            )
        _log_settlement(order, by=by, reason=": ".join(filter(None, [code, reason])), paid=False)
        fulfilment.end_unpaid_order(order, lines, OrderState.FAILED, reason=reason, by=by)
    return order


def _log_settlement(order, *, by, reason, paid):
    log(order, LOG_ACTION, user=by, data={"paid": paid, "reason": reason})
