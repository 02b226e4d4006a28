"""Dispatch of a notice: one e-mail owed to each order, in batches, in the background.

The rows are the queue. Who is still to be told is a query, who was is a `Delivery` of the notice, once per order by the
database's word. A worker may die at any line: `next_look_at` lets the sweep go on. Once all are told it looks on, until
the dates are over, for orders placed before the change that get their tickets only now.
"""

import logging
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from common.queue import wake
from events_pages.models import Performance
from ticketing.domain.changes import audience, refund_queue, states
from ticketing.domain.changes.drafts import NoLongerADraft
from ticketing.domain.messages import outbox
from ticketing.enums import NoticeState
from ticketing.models import ChangeNotice

logger = logging.getLogger(__name__)

ORDERS_PER_TASK = 100
STALLED_AFTER = timedelta(minutes=2)
LATE_ORDERS_EVERY = timedelta(minutes=10)
LOOKS_FOR = timedelta(days=180)
"""What was postponed may wait for its new date for years; no order is paid that late."""


def start_sending(notice, *, by):
    """Raises NoLongerADraft. Of two people at once the second is refused."""
    now = timezone.now()
    until = find_choice_end(now, notice.choice_days)
    facts = {"sent_at": now, "sent_by": by, "next_look_at": now, "choice_until": until}
    if not states.advance_notice(notice, NoticeState.SENDING, by=by, **facts):
        raise NoLongerADraft
    wake("ticketing.tasks.carry_on_notice", notice.pk)


def find_choice_end(now, days):
    """The end of that day in the island; None where there is no choice."""
    if not days:
        return None
    last = timezone.localdate(now, timezone.get_default_timezone()) + timedelta(days=days)
    return datetime.combine(last, time(23, 59, 59), tzinfo=timezone.get_default_timezone())


def tell_next_orders(notice_id):
    """At most ORDERS_PER_TASK of them; True while there may be more. Safe to run twice at once."""
    with transaction.atomic():
        sent = ChangeNotice.objects.select_for_update(of=("self",)).select_related("page")
        notice = sent.filter(pk=notice_id, state__in=[NoticeState.SENDING, NoticeState.SENT]).first()
        if notice is None:
            return False
        orders = list(audience.list_untold_orders(notice)[:ORDERS_PER_TASK])
        outbox.owe_notice(notice, orders)
        has_more = len(orders) == ORDERS_PER_TASK
        note_progress(notice, orders, has_more=has_more)
    if not has_more:
        refund_queue.open_refunds(notice)
    return has_more


def note_progress(notice, orders, *, has_more):
    now = timezone.now()
    facts = {"next_look_at": now + STALLED_AFTER if has_more else find_next_look(notice, now)}
    if orders and notice.state == NoticeState.SENT and notice.refunds_everybody:
        facts["refunds_opened_at"] = None  # whoever came late gets their money back too
    if has_more or not states.advance_notice(notice, NoticeState.SENT, **facts):
        ChangeNotice.objects.filter(pk=notice.pk).update(**facts)
        notice.refunds_opened_at = facts.get("refunds_opened_at", notice.refunds_opened_at)
    logger.info("notice.told notice=%s orders=%s more=%s", notice.pk, len(orders), has_more)


def find_next_look(notice, now):
    """None once its dates are over, or after LOOKS_FOR."""
    dates = Performance.objects.filter(pk__in=notice.performance_ids)
    if now > notice.sent_at + LOOKS_FOR or all(date.is_over(now) for date in dates):
        return None
    return now + LATE_ORDERS_EVERY


def wake_due_notices():
    due = ChangeNotice.objects.filter(next_look_at__lte=timezone.now()).order_by("next_look_at")
    for notice_id in due.values_list("pk", flat=True):
        wake("ticketing.tasks.carry_on_notice", notice_id)
