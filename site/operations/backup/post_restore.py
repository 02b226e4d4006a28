"""What a restored database says of itself, and what its worker would do first. Changes nothing."""

from django.utils import timezone

from payments.models import Payment
from ticketing.domain.orders import fulfilment
from ticketing.domain.stock import allocation
from ticketing.models import Delivery


def describe_restored_database(manifest):
    """Sentences for whoever restored: the audit of the stock, the sweep's dry run, what the backup cannot know."""
    yield from describe_stock_audit()
    yield from describe_due_work()
    day = timezone.localtime(manifest.started_at).date()
    yield (
        f"Money that arrived after {timezone.localtime(manifest.started_at):%Y-%m-%d %H:%M} is not in the backup: "
        f"`manage.py reconcile_payments --from {day}` names it."
    )
    yield "Orders placed after it are gone, their tickets open no door, and mails sent after it may go out twice."
    yield "People erased after that are back, but for those whom this database still knew: `manage.py erase_person`."


def describe_stock_audit():
    drifts, oversold = allocation.audit_counters(), allocation.list_oversold()
    for drift in drifts:
        yield f"Stock: {drift}"
    for row in oversold:
        yield f"Stock: {row._meta.verbose_name} {row.pk} is OVERSOLD, {row.rows} seats taken"
    if not (drifts or oversold):
        yield "Stock: all counters agree with their rows."


def describe_due_work():
    now = timezone.now()
    due = Payment.objects.filter(next_check_at__lte=now).count()
    owed = Delivery.objects.filter(next_attempt_at__lte=now).count()
    yield f"The worker would ask SumUp about {due} payments and send {owed} mails that were owed then."
    for order in fulfilment.list_stuck_orders():
        yield f"Order {order.reference} waits for somebody since {order.deadline:%Y-%m-%d %H:%M} UTC."
