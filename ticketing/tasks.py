"""What the worker does. A thin leaf: an id in, one call, nothing else. Each may run twice, at once or never."""

import logging

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task, on_commit_task

logger = logging.getLogger(__name__)


@on_commit_task()
def deliver(delivery_id):
    from ticketing import mail  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    mail.deliver(delivery_id)


@db_task()
def settle_order(subject):
    from ticketing.domain import fulfilment  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    fulfilment.settle(subject)


@on_commit_task()
def carry_on_batch(batch_id, after=0):
    from ticketing.domain import batches  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    if more := batches.carry_on(batch_id, after=after):
        carry_on_batch(batch_id, more)


@db_periodic_task(crontab(minute="*"))
def sweep():
    from ticketing.domain import batches, deliveries, fulfilment  # noqa: PLC0415 - tasks are a leaf

    fulfilment.sweep()
    batches.sweep()
    deliveries.sweep()


@db_periodic_task(crontab(minute="*"))
def reclaim_holds():
    from ticketing.domain import basket  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    while basket.reclaim_expired():
        pass


@db_periodic_task(crontab(minute="*"))
def fold_new_lines():
    from ticketing.domain import order_search  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    order_search.fold_new_lines()


@db_periodic_task(crontab(minute="*/3"))
def notice_money_back():
    from ticketing.domain import payees  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    payees.notice_money_back()


@db_periodic_task(crontab(hour="3", minute="30"))
def nightly_audit():
    """Says in the log what should never be: counters that drift, orders that nobody could decide."""
    from ticketing.domain import allocation, fulfilment  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    fulfilment.sweep(look_back=fulfilment.EVER)
    for drift in allocation.audit():
        logger.error("allocation.drift %s", drift)
    for row in allocation.oversold():
        logger.critical("allocation.oversold %s=%d seats=%d", row._meta.model_name, row.pk, row.rows)
    for order in fulfilment.stuck():
        logger.error("order.stuck order=%s deadline=%s", order.reference, order.deadline)


@db_periodic_task(crontab(hour="4", minute="10"))
def nightly_erasure():
    """Who was kept for long enough, and what earlier requests had to leave."""
    from ticketing.domain import erasure, retention  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    erasure.carry_on()
    retention.purge()


@db_periodic_task(crontab(minute="*/5"))
def watch_for_suspicious_patterns():
    from ticketing.domain import suspicion  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    suspicion.watch()
