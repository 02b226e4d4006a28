"""Signals: a payment or a date that changed, events of the mail provider, an unusual sign-in, sales that pages show.

No money and no ticket depends on any of it: the sweep finds what a signal missed.
"""

from functools import partial

from anymail.signals import EventType, tracking
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from common.queue import wake
from events_pages.dates.printed_facts import parse_moment
from events_pages.models import Performance
from events_pages.public import content_version
from events_pages.signals import event_changed
from payments.domain.monitoring.alerts import raise_alert
from payments.models import MerchantAccount
from payments.signals import payment_changed
from protection.signals import unusual
from ticketing.domain.changes import drafts
from ticketing.domain.dates import sale_changes
from ticketing.domain.messages import outbox
from ticketing.domain.orders import fulfilment
from ticketing.enums import DeliveryOutcome
from ticketing.models import EventSale, TicketType

TAKEN_EVENTS = {EventType.QUEUED, EventType.SENT}
OUTCOME_OF_EVENT = {
    EventType.DEFERRED: DeliveryOutcome.DELAYED,
    EventType.DELIVERED: DeliveryOutcome.DELIVERED,
    EventType.BOUNCED: DeliveryOutcome.BOUNCED,
    EventType.REJECTED: DeliveryOutcome.BOUNCED,
    EventType.FAILED: DeliveryOutcome.BOUNCED,
    EventType.COMPLAINED: DeliveryOutcome.COMPLAINED,
}

content_version.purge_when_saved(EventSale, TicketType, MerchantAccount)


@receiver(payment_changed, dispatch_uid="ticketing.settle")
def settle_order_on_payment(sender, subject, **kwargs):
    fulfilment.settle_order(subject)


@receiver(event_changed, dispatch_uid="ticketing.notice")
def draft_notice_on_change(sender, page, changes, by, **kwargs):
    drafts.record_change(page, changes, by=by)


@receiver(event_changed, dispatch_uid="ticketing.closings")
def move_closings_on_change(sender, changes, by, **kwargs):
    for date, (before, _now) in changes.items():
        was = parse_moment(before["starts_at"])
        if was != date.starts_at:
            sale_changes.move_closings(date, was=was, by=by)


@receiver(tracking, dispatch_uid="ticketing.delivery")
def record_mail_event(sender, event, **kwargs):
    metadata = event.metadata or {}
    number, sending = str(metadata.get("delivery", ""))[:18], str(metadata.get("sending", ""))[:100]
    delivery_id = int(number) if number.isascii() and number.isdecimal() else None
    if event.event_type in TAKEN_EVENTS and delivery_id is not None:
        outbox.record_mail_accepted(delivery_id, sending)
    elif outcome := OUTCOME_OF_EVENT.get(event.event_type):
        outbox.record_mail_event(
            str(event.message_id or "")[:200],
            outcome,
            at=event.timestamp or timezone.now(),
            reason=str(event.mta_response or event.description or event.reject_reason or ""),
            delivery_id=delivery_id,
            sending=sending,
        )


@receiver(post_save, sender=Performance, dispatch_uid="ticketing.fold_lines_of_date")
def fold_lines_of_date_later(sender, instance, created, **kwargs):
    if not created:
        transaction.on_commit(partial(wake, "ticketing.tasks.fold_lines_of_date", instance.pk))


@receiver(unusual, dispatch_uid="ticketing.unusual")
def alert_unusual_sign_in(sender, key, title, text, path, **kwargs):
    raise_alert(key, title, text=text, path=path)
