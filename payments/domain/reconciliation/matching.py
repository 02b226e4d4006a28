"""Whose money a transaction of SumUp's is: found by SumUp's ids alone, in what it told us about our own checkouts."""

from datetime import timedelta

from payments.enums import CLOCK_TOLERANCE, MovementKind
from payments.models import Movement, Observation, Payment

EARLIER = timedelta(days=2)  # a checkout that was paid then was made since
MOST = 20  # payments of the same money that are compared with one transaction
MOST_OBSERVATIONS = 2000


def payments_by_transaction(merchant, transaction_ids):
    known = Movement.objects.filter(merchant=merchant, kind=MovementKind.PAYMENT, transaction_id__in=transaction_ids)
    found = {row.transaction_id: row.payment for row in known.exclude(payment=None).select_related("payment")}
    payments = Payment.objects.filter(merchant=merchant, transaction_id__in=transaction_ids)
    return found | {payment.transaction_id: payment for payment in payments}


def find_payment_by_evidence(movement):
    """The payment whose checkout showed this transaction, even as a second one; None if none did."""
    suspects = {payment.pk: payment for payment in candidate_payments(movement)}
    seen = Observation.objects.filter(payment__in=suspects).order_by("-id").values_list("payment_id", "answer")
    for payment_id, answer in seen[:MOST_OBSERVATIONS]:
        if movement.transaction_id in transaction_ids_in(answer):
            return suspects[payment_id]
    return None


def candidate_payments(movement):
    """Payments of the same money and time, those of the same description if there are any. A hint, never a match."""
    rows = Payment.objects.filter(
        merchant=movement.merchant_id,
        amount=movement.amount,
        currency=movement.currency,
        created_at__gte=movement.at - EARLIER,
        created_at__lte=movement.at + CLOCK_TOLERANCE,
    )
    named = list(rows.filter(description=movement.summary).order_by("-id")[:MOST])
    return named or list(rows.order_by("-id")[:MOST])


def transaction_ids_in(answer):
    inner = [*answer.get("checkouts", []), *answer.get("transactions", [])]
    own = {each.get("id") for each in answer.get("transactions", [])} | {answer.get("transaction_id")}
    return (own | {each for part in inner for each in transaction_ids_in(part)}) - {None}
