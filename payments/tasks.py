"""Wake-ups. The rows are the queue: a task that runs twice or never changes nothing but the minute."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task, on_commit_task

CYCLE = timedelta(seconds=50)


@db_task()
def verify_payment(payment_id):
    from payments.domain import verification  # noqa: PLC0415 - tasks is a leaf that the domain enqueues

    verification.verify(payment_id)


@db_task()
def help_polling(until):
    from payments.domain import polling  # noqa: PLC0415 - tasks is a leaf that the domain enqueues

    polling.run_cycle(until=datetime.fromtimestamp(until, UTC))


@db_periodic_task(crontab(minute="*"))
def poll_payments():
    from payments.domain import polling  # noqa: PLC0415 - tasks is a leaf that the domain enqueues

    until = timezone.now() + CYCLE
    for _ in range(polling.helpers_wanted()):
        help_polling(until.timestamp())
    polling.run_cycle(until=until)


@on_commit_task()
def send_alerts():
    from payments import mail  # noqa: PLC0415 - tasks is a leaf that wakes the layers above

    mail.send_alerts()


@db_periodic_task(crontab(minute="*"))
def send_owed_alerts():
    from payments import mail  # noqa: PLC0415 - tasks is a leaf that wakes the layers above

    mail.send_alerts()


@db_periodic_task(crontab(hour="3", minute="50"))
def forget_old_cycles():
    from payments.domain import cycles  # noqa: PLC0415 - tasks is a leaf that the domain enqueues

    cycles.forget_old()
