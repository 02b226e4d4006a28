"""What seems to differ is asked about once more before it becomes a discrepancy and anybody is alerted."""

import logging

from payments.domain.reconciliation import comparison, manual_payments, matching, movements
from payments.domain.refunds import confirmation
from payments.domain.verification import payment_checks
from payments.enums import PaymentState
from payments.models import Payment
from payments.provider import ProviderError

logger = logging.getLogger(__name__)

MOST_LOOKS = 200  # of one day: after an outage of ours the usual checks do the rest


def recheck_day(merchant, day):
    """Verifies the payments that an unmatched sale may be, and reads refunds that only one side knows. Talks HTTP."""
    seen = comparison.MerchantDay(merchant, day)
    looked = set()
    for sale in seen.sales:
        if sale.payment is None and comparison.is_online_sale(sale):
            _find_payment_of_sale(sale, looked)
        elif sale.payment and sale.payment.state != PaymentState.PAID:
            _verify_once(sale.payment, looked)
    for payment in seen.manual_payments:
        _recheck_manual_payment(payment, looked)
    recheck_refunds(payment.pk for _id, payment, _ours, _theirs in comparison.refund_differences(seen) if payment)


def recheck_refunds(payment_ids):
    for payment in (
        Payment.objects.filter(pk__in=set(payment_ids)).exclude(transaction_id="").select_related("merchant")
    ):
        try:
            confirmation.fetch_refunds(payment)
        except ProviderError as error:
            logger.warning("refund.not_read payment=%s sumup=%s", payment.reference, error)


def _recheck_manual_payment(payment, looked):
    _verify_once(payment, looked)
    try:
        movements.import_transaction(payment.merchant, payment.transaction_code)
    except ProviderError as error:
        logger.warning("payment.not_proved payment=%s sumup=%s", payment.reference, error)
    if manual_payments.confirm_manual_payment(payment):
        recheck_refunds([payment.pk])  # it may have gone back while nobody could ask


def _find_payment_of_sale(sale, looked):
    payment = matching.find_payment_by_evidence(sale)
    if payment is None:
        open_ones = [each for each in matching.candidate_payments(sale) if each.state != PaymentState.PAID]
        if not sum(_verify_once(each, looked) for each in open_ones):
            return
        payment = matching.find_payment_by_evidence(sale)
    if payment:
        movements.attach_payment(sale, payment)
        if payment.state != PaymentState.PAID:
            _verify_once(payment, looked)


def _verify_once(payment, looked):
    """True if SumUp was asked about it now: each payment once, MOST_LOOKS payments at most."""
    if payment.pk in looked or len(looked) >= MOST_LOOKS:
        return False
    looked.add(payment.pk)
    return payment_checks.verify_payment(payment.pk) is not None
