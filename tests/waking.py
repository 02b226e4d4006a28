"""A minute passes: what the scheduler would do at its next tick, now."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from huey.storage import PriorityRedisExpireStorage

from payments import tasks as payment_tasks
from payments.domain.refunds import decision
from payments.enums import RefundState
from payments.models import Alert, MerchantAccount, Payment, Refund
from tests.harness import until
from ticketing import tasks as ticketing_tasks
from ticketing.enums import OrderState
from ticketing.models import Delivery, Order

SWEEPS = (
    payment_tasks.poll_payments,
    payment_tasks.watch_payments,
    payment_tasks.carry_out_refunds,
    payment_tasks.send_alerts,
    ticketing_tasks.sweep,
    ticketing_tasks.reclaim_holds,
)
NIGHTLY = (payment_tasks.sweep_hourly, payment_tasks.sweep_nightly)
EVERY = Q()
LEASED = timedelta(minutes=2)  # a refund that is due later than this is in somebody's hands


def wake(stack, *, sweeps=SWEEPS):
    """Enqueues the sweeps for the stack's worker; the rows that wait for later are due, as if that time had passed."""
    now = timezone.now()
    Payment.objects.filter(next_check_at__gt=now).update(next_check_at=now)
    Delivery.objects.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
    Alert.objects.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
    refunds_are_due(Q(next_attempt_at__lt=now + LEASED) | Q(state=RefundState.WAITING))
    queue = PriorityRedisExpireStorage(HUEY.name, url=f"{stack.environment['REDIS_URL']}/0")
    for task in sweeps:
        queue.enqueue(HUEY.serialize_task(task.s()), 0)


def refunds_are_due(which=EVERY):
    """And SumUp has kept silent about those that were sent for long enough to send them again."""
    now = timezone.now()
    silent = now - decision.SILENCE
    Refund.objects.filter(which, state=RefundState.SENT, sent_at__gt=silent).update(sent_at=silent)
    Refund.objects.filter(which, next_attempt_at__gt=now).update(next_attempt_at=now)


def bury():
    """Somebody died: what was in their hands is free again, as after some minutes."""
    refunds_are_due()
    MerchantAccount.objects.exclude(renewing_until=None).update(renewing_until=timezone.now())


def minutes_until(stack, condition, *, most=20, what="it", seconds=3):
    """Lets up to `most` such minutes pass until `condition()` holds; returns what it gave."""
    for _ in range(most - 1):
        wake(stack)
        try:
            return until(condition, seconds=seconds, what=what)
        except AssertionError:
            continue
    wake(stack)
    return until(condition, seconds=seconds, what=what)


def settled(subject):
    """The order when it is no longer pending and every e-mail to the buyer is sent, else None."""
    order = Order.objects.get(reference=subject)
    owed = Delivery.objects.filter(order=order, sent_at=None)
    return None if order.state == OrderState.PENDING_VERIFICATION or owed.exists() else order
