"""Looking before accusing: what seems to differ is asked about once more before anybody is told."""

import logging

from payments.domain.reconciliation import comparison, manual_payments, matching, movements
from payments.domain.refunds import requests
from payments.domain.verification import payment_checks
from payments.enums import PaymentState
from payments.models import Payment
from payments.sumup.errors import SumUpError

logger = logging.getLogger(__name__)

MOST_LOOKS = 200  # of one day: an outage of ours is the normal pace's to mend


def recheck_day(merchant, day):
    """Verifies payments that a sale without one may be, and reads refunds that only one side knows. Talks HTTP."""
    seen = comparison.MerchantDay(merchant, day)
    looked = set()
    for sale in seen.sales:
        if sale.payment is None and comparison.is_online_sale(sale):
            _find_payment_of_sale(sale, looked)
        elif sale.payment and sale.payment.state != PaymentState.PAID:
            _verify_once(sale.payment, looked)
    for payment in seen.by_hand:
        _recheck_manual_payment(payment, looked)
    recheck_refunds(payment.pk for _id, payment, _ours, _theirs in comparison.refund_differences(seen) if payment)


def recheck_refunds(payment_ids):
    """Refunds and charge backs made at SumUp become rows of ours. One that cannot be read stays a difference."""
    for payment in (
        Payment.objects.filter(pk__in=set(payment_ids)).exclude(transaction_id="").select_related("merchant")
    ):
        try:
            requests.fetch_refunds(payment)
        except SumUpError as error:
            logger.warning("refund.not_read payment=%s sumup=%s", payment.reference, error)


def _recheck_manual_payment(payment, looked):
    """What was settled by hand: SumUp may show its checkout as paid, or the transaction that somebody named."""
    _verify_once(payment, looked)
    try:
        movements.import_transaction(payment.merchant, payment.transaction_code)
    except SumUpError as error:
        logger.warning("payment.not_proved payment=%s sumup=%s", payment.reference, error)
    if manual_payments.confirm_manual_payment(payment):
        recheck_refunds([payment.pk])  # it may have gone back while nobody could ask


def _find_payment_of_sale(sale, looked):
    """By the evidence we have; else the payments that it may be are looked at, which brings evidence."""
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
    """True if SumUp was asked about it now. Each once, and not more than a round's share."""
    if payment.pk in looked or len(looked) >= MOST_LOOKS:
        return False
    looked.add(payment.pk)
    return payment_checks.verify_payment(payment.pk) is not None
