"""Schedule of checks: when to look at a payment again."""

from datetime import timedelta

from django.conf import settings

from payments.enums import MerchantStatus, PaymentState
from payments.provider import NotFound

SOON = timedelta(seconds=10)
OFTEN = timedelta(seconds=50)  # below a minute, so that every minute's sweep finds it due
SELDOM = timedelta(minutes=2)
SLOWLY = timedelta(minutes=5)
HOURLY = timedelta(hours=1)
TAIL = timedelta(hours=24)
UNPROVED_TAIL = timedelta(days=7)  # of what a person settled; after that SumUp's list alone is read
MANY_CHECKS = 100


def time_to_next_check(*, age, checks, past_deadline):
    """How long until the next check, or None when checking ends.

    `age` since the payment was made; `past_deadline` since its deadline, negative before. Seconds apart at first, every
    minute until the deadline, minutes apart until PAYMENT_MAX_AGE after it, then hourly until 24 hours after it, for
    late money. Never shorter for an older payment; many checks slow it down, so callbacks cannot drive it.
    """
    if past_deadline >= TAIL:
        return None
    if past_deadline >= timedelta(seconds=settings.PAYMENT_MAX_AGE):
        return HOURLY
    if past_deadline >= timedelta(0):
        return max(SELDOM, min(past_deadline / 4, HOURLY))
    gap = min(max(age / 4, SOON), OFTEN)
    return max(gap, SELDOM) if checks >= MANY_CHECKS else gap


def next_check_time(payment, *, checks, closed_at, error, now):
    """The time of the next check, or None. The first one after the deadline comes right at it."""
    ends = min(payment.deadline, closed_at or payment.deadline)
    gap = time_to_next_check(age=now - payment.created_at, checks=checks, past_deadline=now - ends)
    if gap is None and payment.state == PaymentState.BY_HAND and now - payment.paid_at < UNPROVED_TAIL:
        return now + HOURLY
    if gap is None:
        # Nobody can know while SumUp does not let us ask: no payment is given up for that.
        return now + HOURLY if error and payment.merchant.status == MerchantStatus.BROKEN else None
    if error:
        return now + max(gap, _delay_after(error))
    return min(now + gap, ends) if now < ends else now + gap


def _delay_after(error):
    if error.permanent and not isinstance(error, NotFound):  # a fresh checkout may be 404 for a while
        return SLOWLY
    return min(timedelta(seconds=error.retry_after or 0), HOURLY)
