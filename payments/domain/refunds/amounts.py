"""Amounts of a payment: what SumUp took for it, what went back, and what is left."""

from collections import defaultdict
from decimal import Decimal, InvalidOperation

from django.db.models import Sum

from payments.enums import PaymentState, Question, RefundState
from payments.models import Observation, Refund
from payments.money import ZERO, round_money

ASKED_FIRST = (Question.TRANSACTION, Question.GET)


def collected_amount(payment):
    """Pounds that SumUp took for it. What was asked, unless the acceptance check found a difference: then what SumUp
    showed last, of the transaction if we have read it, else of the checkout.
    """
    return _amount_shown(payment) if payment.problem else payment.amount


def unrefunded_amounts(payments):
    """{payment id: pounds that did not go back} of the paid ones among these loaded rows. Only proof counts."""
    paid = [payment for payment in payments if payment.state == PaymentState.PAID]
    if not paid:
        return {}
    gone = refunded_amounts(paid)
    return {payment.pk: max(collected_amount(payment) - gone[payment.pk], ZERO) for payment in paid}


def refunded_amounts(payments):
    """{payment id: pounds that went back} as far as SumUp proved it; 0 for the others."""
    proved = Refund.objects.filter(payment__in=list(payments), state=RefundState.PROVED)
    return defaultdict(lambda: ZERO, proved.order_by().values_list("payment").annotate(Sum("amount")))


def _amount_shown(payment):
    for question in ASKED_FIRST:
        answers = Observation.objects.filter(payment=payment, question=question, answer__has_key="amount")
        if (last := answers.order_by("-pk").first()) and (amount := _parse_amount(last.answer["amount"])):
            return amount
    return payment.amount


def _parse_amount(text):
    try:
        return round_money(Decimal(text))
    except (InvalidOperation, TypeError):
        return None
