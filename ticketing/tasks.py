"""What the worker does. A thin leaf: an id in, one call, nothing else. Each may run twice, at once or never."""

import logging

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task, on_commit_task

from events_pages.models import Performance
from ticketing import mail
from ticketing.domain.abuse import fraud_alerts
from ticketing.domain.admission import order_search
from ticketing.domain.changes import dispatch
from ticketing.domain.messages import outbox
from ticketing.domain.orders import batch_refunds, fulfilment, reconciliation_status
from ticketing.domain.privacy import old_rows, retention
from ticketing.domain.stock import allocation

logger = logging.getLogger(__name__)


@on_commit_task()
def deliver(delivery_id):
    mail.deliver_owed_mail(delivery_id)


@db_task()
def settle_order(subject):
    fulfilment.settle_order(subject)


@on_commit_task()
def carry_on_batch(batch_id, after=0):
    if more := batch_refunds.request_next_refunds(batch_id, after=after):
        carry_on_batch(batch_id, more)


@on_commit_task()
def carry_on_notice(notice_id):
    if dispatch.tell_next_orders(notice_id):
        carry_on_notice(notice_id)


@db_periodic_task(crontab(minute="*"))
def sweep():
    fulfilment.sweep_unsettled_orders()
    batch_refunds.wake_stalled_batches()
    dispatch.wake_due_notices()
    outbox.wake_due_deliveries()


@db_periodic_task(crontab(minute="*"))
def reclaim_holds():
    while allocation.reclaim_expired_holds():
        pass


@db_periodic_task(crontab(minute="*"))
def fold_new_lines():
    order_search.write_missing_search_words()


@db_task()
def fold_lines_of_date(performance_id):
    if performance := Performance.objects.filter(pk=performance_id).first():
        order_search.write_search_words_of_date(performance)


@db_periodic_task(crontab(minute="*/3"))
def notice_money_back():
    reconciliation_status.record_outside_refunds()


@db_periodic_task(crontab(hour="3", minute="30"))
def nightly_audit():
    """Says in the log what should never be: counters that drift, orders that nobody could decide."""
    fulfilment.settle_due_orders(look_back=fulfilment.NIGHTLY_PERIOD)
    for sale_ids in allocation.list_sales_to_audit(timezone.now()):
        for drift in allocation.audit_counters(sale_ids):
            logger.error("allocation.drift %s", drift)
        for row in allocation.list_oversold(sale_ids):
            logger.critical("allocation.oversold %s=%d seats=%d", row._meta.model_name, row.pk, row.rows)
    for order in fulfilment.list_stuck_orders():
        logger.error("order.stuck order=%s deadline=%s", order.reference, order.deadline)


@db_periodic_task(crontab(hour="4", minute="10"))
def nightly_erasure():
    """Who was kept for long enough, and what earlier requests had to leave."""
    retention.purge_nightly()


@db_periodic_task(crontab(hour="4", minute="40"))
def forget_old_rows():
    old_rows.delete_nightly()


@db_periodic_task(crontab(minute="*/5"))
def watch_for_suspicious_patterns():
    fraud_alerts.raise_fraud_alerts()
