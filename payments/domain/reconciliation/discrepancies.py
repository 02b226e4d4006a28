"""Discrepancies: written by the reconciliation, cleared when they are gone, or closed by a person with a reason."""

import logging

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.rows import clip_text
from common.text.typed_text import tidy_text
from payments.domain.monitoring import alerts
from payments.domain.reconciliation import movements
from payments.domain.refunds import requests
from payments.domain.states import advance
from payments.domain.verification import payment_checks
from payments.enums import DiscrepancyKind, DiscrepancyState, Explanation, Severity
from payments.models import Discrepancy, Movement
from payments.money import ZERO

logger = logging.getLogger(__name__)

URGENT = {DiscrepancyKind.UNMATCHED, DiscrepancyKind.DOUBLE, DiscrepancyKind.AMOUNT}
FOREIGN = {DiscrepancyKind.UNMATCHED, DiscrepancyKind.DOUBLE}
"""Money of which the transaction pays for nothing: it is given back by the transaction, not by the payment."""


class NotExplained(Exception):
    """`message` is translated and fit for staff."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


def record_findings(merchant, day, found):
    """Makes the rows of this day say what `found` says. Repeating it changes nothing.

    What is gone is cleared; what is found again is opened; what a person explained stays so. Staff are alerted once.
    """
    rows = {(row.kind, row.key): row for row in Discrepancy.objects.filter(merchant=merchant, day=day)}
    for finding in found:
        _record_finding(merchant, day, finding, rows.pop((finding.kind, finding.key), None))
    for row in rows.values():
        if row.state == DiscrepancyState.OPEN:
            advance(row, DiscrepancyState.CLEARED, closed_at=timezone.now())


def explain_discrepancy(discrepancy, how, *, by, reason):
    """A person closes it: accepted, or not ours. Raises `NotExplained` without a reason, or when it is closed."""
    return _explain(discrepancy, Explanation(how), by=by, reason=reason)


def refund_discrepancy(discrepancy, *, by, reason):
    """All that is left of this money goes back, and that explains it. Raises `NotExplained` or `RefundRefused`."""
    with transaction.atomic():
        row = _explain(discrepancy, Explanation.REFUNDED, by=by, reason=reason)
        made = _refund_foreign(row, by=by) if row.kind in FOREIGN else _refund_ours(row, by=by)
        Discrepancy.objects.filter(pk=row.pk).update(refund=made)
    return made


def can_refund_discrepancy(discrepancy):
    return discrepancy.kind in FOREIGN or discrepancy.payment_id is not None


def recheck_discrepancy(discrepancy, *, by=None):
    """Asks SumUp about this one transaction and payment only. Talks HTTP. Raises `ProviderError`.

    It closes nothing by itself: whoever calls compares the day again.
    """
    payment, merchant = discrepancy.payment, discrepancy.merchant
    if payment:
        payment_checks.verify_payment(payment.pk, by=by)
        payment.refresh_from_db()
    codes = Movement.objects.filter(merchant=merchant, transaction_id=discrepancy.transaction_id)
    code = codes.values_list("transaction_code", flat=True).first() or (payment and payment.transaction_code)
    if discrepancy.transaction_id and code:
        movements.import_transaction(merchant, code)


def _record_finding(merchant, day, finding, row):
    fields = {"sentence": finding.sentence, "amount": finding.amount, "payment": finding.payment}
    if row is None:
        row, new = Discrepancy.objects.get_or_create(
            merchant=merchant,
            kind=finding.kind,
            key=clip_text(Discrepancy, "key", finding.key),
            defaults={"day": day, "transaction_id": finding.transaction_id, **fields},
        )
        if new:
            _alert_discrepancy(row, finding, key=f"discrepancy:{row.pk}")
            return
    if any(getattr(row, name) != value for name, value in fields.items()):
        Discrepancy.objects.filter(pk=row.pk).update(**fields)
    if advance(row, DiscrepancyState.OPEN, closed_at=None):
        _alert_discrepancy(row, finding, key=f"discrepancy:{row.pk}:again:{timezone.localdate()}")


def _alert_discrepancy(row, finding, *, key):
    urgent = row.kind in URGENT and finding.online
    logger.warning("discrepancy kind=%s merchant=%s key=%s", row.kind, row.merchant_id, row.key)
    alerts.raise_alert(
        key,
        f"{row.get_kind_display()}: {row.merchant}",
        severity=Severity.CRITICAL if urgent else Severity.NOTICE,
        text=row.sentence,
        path=reverse("discrepancies:inspect", args=[row.pk]),
    )


def _explain(discrepancy, how, *, by, reason):
    reason = tidy_text(reason).strip()
    if not reason:
        raise NotExplained(_("Please say why: somebody will ask in a year."))
    now = timezone.now()
    fields = {"explanation": how, "explained_by": by, "closed_at": now}
    with transaction.atomic():
        if not advance(discrepancy, DiscrepancyState.EXPLAINED, by=by, reason=reason, **fields):
            raise NotExplained(_("This one is closed already."))
        Discrepancy.objects.filter(pk=discrepancy.pk).update(reason=clip_text(Discrepancy, "reason", reason))
    return discrepancy


def _refund_foreign(row, *, by):
    return requests.request_refund_of_unmatched(
        merchant=row.merchant,
        transaction_id=row.transaction_id,
        amount=row.amount,
        currency=_currency_of(row),
        reason=row.sentence,
        by=by,
    )


def _refund_ours(row, *, by):
    if row.payment is None:
        raise NotExplained(_("There is no payment that could go back."))
    left = requests.refundable_amount(row.payment)
    if left <= ZERO:
        raise NotExplained(_("Nothing of this payment is left to go back."))
    return requests.request_refund(payment=row.payment, amount=left, reason=row.sentence, by=by)


def _currency_of(row):
    sale = Movement.objects.filter(merchant=row.merchant, transaction_id=row.transaction_id).first()
    return sale.currency if sale else row.merchant.currency
