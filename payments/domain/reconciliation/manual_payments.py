"""Payments that a person settled while SumUp could not be asked: by hand, not yet proved (decision 35).

They stay so until SumUp shows the payment: its checkout, or the transaction of the code that was typed, in SumUp's own
list. What SumUp shows instead is a problem of the payment, like any other that was not accepted.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.domain.monitoring import alerts, health
from payments.domain.reconciliation import comparison, days, movements
from payments.domain.states import advance, announce_change
from payments.enums import (
    NOT_TAKEN,
    DiscrepancyKind,
    DiscrepancyState,
    MovementKind,
    PaymentState,
    Severity,
)
from payments.models import Discrepancy, Movement, Payment
from payments.money import format_amount

logger = logging.getLogger(__name__)

PATIENCE = timedelta(days=7)
"""SumUp was down for days at the worst; what its list does not show after a week was not paid there."""


class ManualPaymentRefused(Exception):
    """`message` is translated and fit for staff."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


def record_manual_payment(payment, *, code, reason, by):
    """Settles it because `by` saw transaction `code` in SumUp's dashboard. Raises `ManualPaymentRefused` when
    SumUp has shown this payment already, or something else under that code.

    From here on it is a payment like any other that came late. SumUp is asked at the next look, which also closes its
    page, so that it is not paid again.
    """
    with transaction.atomic():
        row = Payment.objects.select_for_update().select_related("merchant").get(pk=payment.pk)
        if why := _reason_against(row, code):
            raise ManualPaymentRefused(why)
        now = timezone.now()
        facts = {"transaction_code": code, "paid_at": now, "next_check_at": now, "problem": ""}
        if not advance(row, PaymentState.BY_HAND, by=by, reason=f"{code}: {reason}", **facts):
            raise ManualPaymentRefused(_("SumUp has shown this payment already."))
    logger.warning("payment.by_hand payment=%s by=%s", row.reference, by.pk)
    return row


def confirm_manual_payment(payment):
    """Compares it with SumUp's list as it was last read. True when that shows this very payment: then it is paid.

    What contradicts becomes its problem, once, and whoever asked for the money hears of it. Asks nobody.
    """
    with transaction.atomic():
        row = Payment.objects.select_for_update().select_related("merchant").get(pk=payment.pk)
        sale = find_sale_movement(row.merchant, row.transaction_code)
        if row.state != PaymentState.BY_HAND or sale is None:
            return False
        if problem := _contradiction(row, sale):
            _record_contradiction(row, problem)
            return False
        facts = {"transaction_id": sale.transaction_id, "transacted_at": sale.at, "problem": "", "next_check_at": None}
        proved = advance(row, PaymentState.PAID, reason=_("SumUp’s list shows it."), **facts)
        movements.attach_payment(sale, row)
    return proved


def days_with_manual_payments(merchant):
    open_ones = Discrepancy.objects.filter(kind=DiscrepancyKind.BY_HAND, state=DiscrepancyState.OPEN)
    moments = health.unproved_payments().filter(merchant=merchant).values_list("paid_at", flat=True)
    known = open_ones.filter(merchant=merchant).values_list("day", flat=True)
    return sorted({*map(days.local_day, moments), *known})


def alert_overdue_manual_payments():
    for payment in health.unproved_payments().filter(paid_at__lte=timezone.now() - PATIENCE):
        _alert_manual_payment(payment, "overdue", _("A week has passed."))


def find_sale_movement(merchant, code):
    sales = Movement.objects.filter(merchant=merchant, kind=MovementKind.PAYMENT, transaction_code=code)
    return sales.select_related("payment").order_by("pk").last() if code else None


def _reason_against(payment, code):
    others = Payment.objects.filter(merchant=payment.merchant_id, transaction_code=code).exclude(pk=payment.pk)
    if other := others.first():
        return _("Transaction %(code)s belongs to payment %(other)s.") % {"code": code, "other": other}
    sale = find_sale_movement(payment.merchant, code)
    return _contradiction(payment, sale) if sale else ""


def _contradiction(payment, sale):
    """Why this transaction of SumUp's cannot be the payment, in words for staff; "" when it can."""
    told = {"code": sale.transaction_code, "other": sale.payment, "status": sale.status}
    told |= {"theirs": format_amount(sale.amount, sale.currency)}
    told |= {"ours": format_amount(payment.amount, payment.currency)}
    if sale.payment_id not in (None, payment.pk):
        return _("Transaction %(code)s belongs to payment %(other)s.") % told
    if sale.status in NOT_TAKEN:
        return _("SumUp’s list calls transaction %(code)s %(status)s.") % told
    if (sale.amount, sale.currency) != (payment.amount, payment.currency):
        return _("SumUp took %(theirs)s with transaction %(code)s, where %(ours)s was due.") % told
    return ""


def _record_contradiction(payment, problem):
    if payment.problem == problem:
        return
    Payment.objects.filter(pk=payment.pk).update(problem=problem)
    payment.problem = problem
    _alert_manual_payment(payment, "contradicted", _("SumUp’s list says something else."))
    announce_change(payment)


def _alert_manual_payment(payment, what, words):
    alerts.raise_alert(
        f"by-hand:{payment.pk}:{what}",
        _("Paid by hand, and not proved: %(subject)s") % {"subject": payment.subject},
        severity=Severity.CRITICAL,
        text=f"{words} {comparison.describe_manual_payment(payment)}",
        path=reverse("payment_records:inspect", args=[payment.pk]),
    )
