"""What a refund costs and whether SumUp has the money for it: estimates from SumUp's own lists, as last read."""

from datetime import datetime, time, timedelta

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.timezone import localdate

from payments.enums import OPEN_REFUND_STATES, MovementKind
from payments.models import Movement, Refund
from payments.money import ZERO, round_money

SATURDAY = 5
BACK = (MovementKind.REFUND, MovementKind.CHARGE_BACK)


def fee_lost_by_refund(payment, amount):
    """SumUp's fee in `amount` that nobody gets back, in pounds; None while SumUp's list has not told us the fee.

    SumUp keeps its fee unless the money goes back before it was paid out (contract notes 3.3). Pure estimate.
    """
    movement = payment.movements.filter(kind=MovementKind.PAYMENT, fee__isnull=False).first()
    if movement is None or not payment.amount:
        return None
    if movement.payout_date is None or movement.payout_date > localdate():
        return ZERO
    return round_money(movement.fee * min(amount, payment.amount) / payment.amount)


def balance_shortfall(merchant, amount):
    """How many pounds are missing at SumUp to send back `amount` today besides what is already on its way.

    The balance is what came in and was not paid out yet, less its fees and what went back since the last payout. An
    estimate: 0 when it is enough or when SumUp's list was never read.
    """
    rows = Movement.objects.filter(merchant=merchant)
    if not rows.filter(kind=MovementKind.PAYMENT).exists():
        return ZERO
    today = localdate()
    paid_out = rows.filter(kind=MovementKind.PAYMENT, payout_date__lte=today).order_by("-payout_date").first()
    unpaid = rows.filter(Q(payout_date=None) | Q(payout_date__gt=today), kind=MovementKind.PAYMENT)
    back = rows.filter(kind__in=BACK)
    if paid_out:
        back = back.filter(at__gte=timezone.make_aware(datetime.combine(paid_out.payout_date, time.min)))
    claimed = Refund.objects.filter(merchant=merchant, state__in=OPEN_REFUND_STATES)
    balance = _sum(unpaid, "amount") - _sum(unpaid, "fee") - _sum(back, "amount") - _sum(claimed, "amount")
    return max(round_money(amount) - max(balance, ZERO), ZERO)


def next_working_day():
    day = timezone.localdate() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def _sum(rows, field):
    return abs(rows.aggregate(total=Sum(field))["total"] or ZERO)
