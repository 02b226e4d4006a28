"""Requests for money to go back. The row comes first; `execution` carries it out, and SumUp alone proves it."""

from functools import partial

from django.db.models import Sum
from django.db.transaction import atomic, on_commit
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from common.queue import wake
from common.rows import clip_text
from payments.domain.refunds.amounts import collected_amount
from payments.domain.refunds.confirmation import lock_refund
from payments.domain.states import LOG_ACTIONS, advance
from payments.enums import OPEN_REFUND_STATES, PaymentState, RefundOrigin, RefundState
from payments.models import MerchantAccount, Payment, Refund
from payments.money import ZERO, format_money, round_money

NOT_MOVED = (RefundState.FAILED, RefundState.CANCELLED)


class RefundRefused(Exception):
    """`message` is translated and fit for staff."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


def refundable_amount(payment):
    """Pounds that may still be asked back: what was collected less every refund neither refused nor cancelled."""
    asked = payment.refunds.exclude(state__in=NOT_MOVED).aggregate(total=Sum("amount"))["total"]
    return max(collected_amount(payment) - (asked or ZERO), ZERO)


def request_refund(*, payment, amount, reason, by=None, origin=RefundOrigin.STAFF):
    """Asks for `amount` (Decimal pounds) of a paid payment to go back. In the caller's transaction; locks the payment.

    It is carried out after commit, or by the minute's sweep. Raises `RefundRefused`: never more than is left.
    """
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    amount, left = round_money(amount), refundable_amount(payment)
    if payment.state != PaymentState.PAID or not payment.transaction_id:
        raise RefundRefused(_("This payment is not paid, so nothing can go back."))
    _check_amount(amount, left)
    return _create_refund(
        merchant_id=payment.merchant_id,
        payment=payment,
        subject=payment.subject,
        transaction_id=payment.transaction_id,
        amount=amount,
        currency=payment.currency,
        reason=reason,
        requested_by=by,
        origin=origin,
    )


def request_refund_of_unmatched(*, merchant, transaction_id, amount, currency, reason, by):
    """The same for a transaction of SumUp's list that is no payment of ours. Raises `RefundRefused`.

    How much is left SumUp alone knows: what is too high it refuses.
    """
    merchant = MerchantAccount.objects.select_for_update().get(pk=merchant.pk)
    if Payment.objects.filter(merchant=merchant, transaction_id=transaction_id).exists():
        raise RefundRefused(_("This transaction belongs to a payment of ours: refund it there."))
    if Refund.objects.filter(merchant=merchant, transaction_id=transaction_id, state__in=OPEN_REFUND_STATES).exists():
        raise RefundRefused(_("A refund of this transaction is already on its way."))
    amount = round_money(amount)
    _check_amount(amount, amount)
    return _create_refund(
        merchant=merchant,
        transaction_id=transaction_id,
        amount=amount,
        currency=currency,
        reason=reason,
        requested_by=by,
    )


@atomic
def retry_refund(refund, *, by):
    """Tries again what SumUp refused, or what waits, now. Raises `RefundRefused`."""
    row = lock_refund(refund)
    now = timezone.now()
    if row.state == RefundState.FAILED:
        if row.payment:
            _check_amount(row.amount, refundable_amount(row.payment))
        advance(row, RefundState.REQUESTED, by=by, next_attempt_at=now, last_error="")
    elif row.state == RefundState.WAITING:
        Refund.objects.filter(pk=row.pk).update(next_attempt_at=now)
    else:
        raise RefundRefused(_("This refund is on its way or done."))
    on_commit(partial(wake, "payments.tasks.carry_out_refund", row.pk))
    return row


@atomic
def cancel_refund(refund, *, by):
    """Takes it back while SumUp has not been asked or has refused. Raises `RefundRefused`."""
    row = lock_refund(refund)
    if not advance(row, RefundState.CANCELLED, by=by, next_attempt_at=None):
        raise RefundRefused(_("This refund is on its way or done: it cannot be taken back."))
    return row


def _check_amount(amount, left):
    if amount <= 0:
        raise RefundRefused(_("The amount must be more than nothing."))
    if not left:
        raise RefundRefused(_("Nothing is left to refund: it went back, or is on its way."))
    if amount > left:
        raise RefundRefused(_("Only %(left)s is left to refund.") % {"left": format_money(left)})


def _create_refund(*, reason, **fields):
    refund = Refund.objects.create(reason=clip_text(Refund, "reason", reason), next_attempt_at=timezone.now(), **fields)
    data = {"from": "", "to": refund.state, "subject": refund.subject, "reason": refund.reason}
    log(refund, LOG_ACTIONS[Refund], user=refund.requested_by, data=data)
    on_commit(partial(wake, "payments.tasks.carry_out_refund", refund.pk))
    return refund
