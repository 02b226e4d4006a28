"""A minute passes: what the scheduler would do at its next tick, now."""

from django.utils import timezone
from huey.contrib.djhuey import HUEY
from huey.storage import PriorityRedisExpireStorage

from payments import tasks as payment_tasks
from payments.models import Payment
from tests.harness import until
from ticketing import tasks as ticketing_tasks
from ticketing.enums import OrderState
from ticketing.models import Delivery, Order

SWEEPS = (payment_tasks.poll_payments, ticketing_tasks.sweep, ticketing_tasks.reclaim_holds)


def wake(stack):
    """Enqueues the sweeps for the stack's worker; the rows that wait for later are due, as if that time had passed."""
    now = timezone.now()
    Payment.objects.filter(next_check_at__gt=now).update(next_check_at=now)
    Delivery.objects.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
    queue = PriorityRedisExpireStorage(HUEY.name, url=f"{stack.environment['REDIS_URL']}/0")
    for task in SWEEPS:
        queue.enqueue(HUEY.serialize_task(task.s()), 0)


def minutes_until(stack, condition, *, most=10, what="it", seconds=6):
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
