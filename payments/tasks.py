"""Wake-ups. The rows are the queue: a task that runs twice or never changes nothing but the minute."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from payments import mail
from payments.domain.merchants import connection_checks
from payments.domain.monitoring import health
from payments.domain.reconciliation import runs
from payments.domain.refunds import execution
from payments.domain.verification import history_watcher, payment_checks, polling

CYCLE = timedelta(seconds=50)
WATCH = timedelta(seconds=20)  # short, so that a worker that is told to stop can
URGENT = 10  # before the mails that wait


@db_task(priority=URGENT)
def verify_payment(payment_id):
    payment_checks.verify_payment(payment_id)


@db_task()
def help_polling(until):
    polling.run_cycle(until=datetime.fromtimestamp(until, UTC))


@db_periodic_task(crontab(minute="*"))
def poll_payments():
    until = timezone.now() + CYCLE
    for _ in range(polling.count_helpers_wanted()):
        help_polling(until.timestamp())
    polling.run_cycle(until=until)


@db_periodic_task(crontab(minute="*"), priority=URGENT)
def watch_payments():
    """Goes on by itself while payments are open; each minute starts it again, and so does whoever opens a payment."""
    if history_watcher.watch_merchants(until=timezone.now() + WATCH):
        watch_payments()


@db_task()
def carry_out_refund(refund_id):
    execution.execute_refund(refund_id)


@db_periodic_task(crontab(minute="*"))
def carry_out_refunds():
    execution.execute_due_refunds(until=timezone.now() + CYCLE)


@db_periodic_task(crontab(minute="*"))
def send_alerts():
    mail.send_alerts()


@db_periodic_task(crontab(hour="3", minute="50"))
def forget_old_cycles():
    health.delete_old_cycles()


@db_periodic_task(crontab(minute="*/15"))
def check_connections():
    connection_checks.check_all_connections()


@db_periodic_task(crontab(minute="20"))
def sweep_hourly():
    runs.reconcile_hourly()


@db_periodic_task(crontab(hour="4", minute="10"))
def sweep_nightly():
    runs.reconcile_nightly()
