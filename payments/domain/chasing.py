"""Looking before accusing: what seems to differ is asked about once more before anybody is told."""

import logging

from payments.domain import by_hand, comparing, ledger, matching, refunds, verification
from payments.enums import PaymentState
from payments.models import Payment
from payments.sumup.errors import SumUpError

logger = logging.getLogger(__name__)

MOST_LOOKS = 200  # of one day: an outage of ours is the normal pace's to mend


def settle_doubts(merchant, day):
    """Verifies payments that a sale without one may be, and reads refunds that only one side knows. Talks HTTP."""
    seen = comparing.Day(merchant, day)
    looked = set()
    for sale in seen.sales:
        if sale.payment is None and comparing.is_online(sale):
            _find_payment(sale, looked)
        elif sale.payment and sale.payment.state != PaymentState.PAID:
            _look(sale.payment, looked)
    for payment in seen.by_hand:
        _prove(payment, looked)
    look_at_refunds(payment.pk for _id, payment, _ours, _theirs in comparing.refund_differences(seen) if payment)


def look_at_refunds(payment_ids):
    """Refunds and charge backs made at SumUp become rows of ours. One that cannot be read stays a difference."""
    for payment in (
        Payment.objects.filter(pk__in=set(payment_ids)).exclude(transaction_id="").select_related("merchant")
    ):
        try:
            refunds.look_at(payment)
        except SumUpError as error:
            logger.warning("refund.not_read payment=%s sumup=%s", payment.reference, error)


def _prove(payment, looked):
    """What was settled by hand: SumUp may show its checkout as paid, or the transaction that somebody named."""
    _look(payment, looked)
    try:
        ledger.walk_one(payment.merchant, payment.transaction_code)
    except SumUpError as error:
        logger.warning("payment.not_proved payment=%s sumup=%s", payment.reference, error)
    if by_hand.prove_payment(payment):
        look_at_refunds([payment.pk])  # it may have gone back while nobody could ask


def _find_payment(sale, looked):
    """By the evidence we have; else the payments that it may be are looked at, which brings evidence."""
    payment = matching.by_evidence(sale)
    if payment is None:
        open_ones = [each for each in matching.candidates(sale) if each.state != PaymentState.PAID]
        if not sum(_look(each, looked) for each in open_ones):
            return
        payment = matching.by_evidence(sale)
    if payment:
        ledger.attach(sale, payment)
        if payment.state != PaymentState.PAID:
            _look(payment, looked)


def _look(payment, looked):
    """True if SumUp was asked about it now. Each once, and not more than a round's share."""
    if payment.pk in looked or len(looked) >= MOST_LOOKS:
        return False
    looked.add(payment.pk)
    return verification.verify(payment.pk) is not None
