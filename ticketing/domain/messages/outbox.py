"""The outbox: which e-mails are owed, who sends each, and when to try again. The rows are the queue.

`ticketing.mail` builds and sends; here are claims and records only. An e-mail goes out at least once: where nobody
knows whether it did, `doubt` says so, and the provider is asked before it goes again.
"""

import logging
from datetime import UTC, timedelta

from django.db.models import Case, F, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.queue import wake
from common.rows import clip_text, copy_fields
from common.statements.compiled_queries import CompiledQuery
from common.text.email_addresses import E_MAIL
from common.text.typed_text import tidy_line
from payments.enums import CUT_SHORT
from ticketing.domain.errors import NoTickets, PersonErased, TryLater
from ticketing.domain.messages import order_alerts
from ticketing.enums import DeliveryDoubt, DeliveryKind, DeliveryOutcome, OrderState
from ticketing.models import Delivery

logger = logging.getLogger(__name__)


RETRY_PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 240, 480, 480, 720, 720)]
RESEND_PAUSE = timedelta(seconds=60)
SWEEP_BATCH = 200
RETURNED_OUTCOMES = (DeliveryOutcome.BOUNCED, DeliveryOutcome.COMPLAINED)
# What became of a message, from nothing heard to the worst: news only ever moves to the right.
OUTCOME_RANK = ["", DeliveryOutcome.DELAYED, DeliveryOutcome.DELIVERED, *RETURNED_OUTCOMES]
NO_OUTCOME = {"doubt": "", "outcome": "", "outcome_at": None, "outcome_reason": ""}
NOT_TRIED = {"attempts": 0, "last_error": "", "message_id": "", **NO_OUTCOME}
PERSON_WAS_ERASED = "not sent: the person was erased"


def owe_delivery(order, kind, *, recipient=""):
    """Owes one e-mail of this kind for this order, however often it is called; `resend_tickets` asks for the tickets
    again. Writes one row in the caller's transaction and wakes the worker after commit.
    """
    now = timezone.now()
    delivery = Delivery(order=order, kind=kind, recipient=recipient, requested_at=now, next_attempt_at=now)
    # Touching nothing but the key is how one statement inserts or finds: the row of a repeat stays as it is.
    [delivery] = Delivery.objects.bulk_create(
        [delivery], update_conflicts=True, unique_fields=["order", "kind"], update_fields=["kind"]
    )
    wake("ticketing.tasks.deliver", delivery.pk)
    return delivery


def owe_notice(notice, orders):
    """One e-mail about a change to each of these orders, however often it is called; three statements for any number,
    in the caller's transaction.
    """
    if not orders:
        return
    now = timezone.now()
    rows = [Delivery(order=order, notice=notice, requested_at=now, next_attempt_at=now) for order in orders]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    owed = Delivery.objects.filter(notice=notice, order__in=orders, next_attempt_at__lte=now)
    for delivery_id in owed.values_list("pk", flat=True):
        wake("ticketing.tasks.deliver", delivery_id)


def resend_tickets(order):
    if order.state != OrderState.COMPLETED:
        raise NoTickets()
    if order.erased_at:
        raise PersonErased
    if not owe_delivery_again(order, DeliveryKind.TICKETS):
        raise TryLater(_("We have just sent them. Please look in your inbox, and try again in a minute."))


def owe_delivery_after(order, kind, *, pause):
    """Owes it `pause` after the last request; one that is owed already stays as it is. The sweep sends it."""
    then = F("requested_at") + pause
    rows = Delivery.objects.filter(order=order, kind=kind, next_attempt_at=None)
    rows.update(requested_at=then, next_attempt_at=then, **NOT_TRIED)


def owe_delivery_again(order, kind, *, pause=RESEND_PAUSE, recipient=""):
    """True if the e-mail is now owed; False within `pause` of the last request."""
    now = timezone.now()
    rows = Delivery.objects.filter(order=order, kind=kind)
    asked = rows.filter(requested_at__lte=now - pause).update(
        recipient=recipient, requested_at=now, next_attempt_at=now, **NOT_TRIED
    )
    if asked:
        wake("ticketing.tasks.deliver", rows.values_list("pk", flat=True).get())
        return True
    if rows.exists():
        return False
    owe_delivery(order, kind, recipient=recipient)
    return True


_delivery = CompiledQuery(lambda pk: Delivery.objects.filter(pk=pk).select_related("order", "notice__page"))


def claim_delivery(delivery_id):
    """The delivery if this caller may send it now, else None. The conditional update lets one of many workers through
    and sets the next attempt before the first byte leaves, so that neither a crash nor a bug turns into a loop.
    """
    now = timezone.now()
    delivery = next(iter(_delivery(pk=delivery_id)), None)
    is_due = delivery is not None and delivery.next_attempt_at is not None and delivery.next_attempt_at <= now
    if not is_due or not reserve_attempt(delivery, now):
        return None
    if delivery.order.erased_at:
        return close_undeliverable(delivery)
    return delivery


def close_undeliverable(delivery):
    if update_claimed_delivery(delivery, next_attempt_at=None, last_error=PERSON_WAS_ERASED):
        order_alerts.alert_nobody_to_write_to(delivery)
        log_delivery(delivery, logging.WARNING, "nobody")


def reserve_attempt(delivery, now):
    if delivery.attempts >= len(RETRY_PAUSES):
        record_delivery_failure(delivery, CUT_SHORT)
        return False
    until = now + RETRY_PAUSES[delivery.attempts]
    doubt = doubt_after_attempt(delivery)
    rows = Delivery.objects.filter(pk=delivery.pk, next_attempt_at=delivery.next_attempt_at)
    taken = rows.update(attempts=F("attempts") + 1, next_attempt_at=until, last_error=CUT_SHORT, doubt=doubt)
    if taken:
        copy_fields(delivery, attempts=delivery.attempts + 1, next_attempt_at=until, doubt=doubt)
    return bool(taken)


def doubt_after_attempt(delivery):
    if delivery.last_error != CUT_SHORT or delivery.doubt == DeliveryDoubt.FOUND:
        return delivery.doubt
    return DeliveryDoubt.UNANSWERED


def sending_name_of(delivery):
    """The name of one request, the same for every attempt at it; asking again makes another name."""
    return f"delivery-{delivery.pk}-{delivery.requested_at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def record_delivery_sent(delivery, *, message_id="", doubt=""):
    """A request that came in meanwhile has moved `next_attempt_at` and stays owed. Nothing is written about a person
    who was erased meanwhile.
    """
    sent = {"recipient": "", "sent_at": timezone.now(), "message_id": clip_text(Delivery, "message_id", message_id)}
    if not update_claimed_delivery(delivery, next_attempt_at=None, last_error="", doubt=doubt, **sent):
        sent.pop("recipient")
        Delivery.objects.filter(pk=delivery.pk, next_attempt_at__isnull=False).update(**sent)
    logger.info(
        "delivery.sent kind=%s order=%s attempts=%s", delivery.name, delivery.order.reference, delivery.attempts
    )


def record_delivery_failure(delivery, error, *, permanent=False, unanswered=False):
    """Stays owed until the next pause is over, or is given up with an ERROR in the log. `unanswered`: it may have been
    sent.
    """
    given_up = permanent or delivery.attempts >= len(RETRY_PAUSES)
    later = None if given_up else delivery.next_attempt_at
    forgotten = {"recipient": ""} if given_up else {}
    doubt = DeliveryDoubt.UNANSWERED if unanswered else doubt_after_attempt(delivery)
    told = When(doubt=DeliveryDoubt.FOUND, then=F("doubt"))  # news of it came before we gave up waiting
    known = {"last_error": clip_text(Delivery, "last_error", error), "doubt": Case(told, default=Value(doubt))}
    update_claimed_delivery(delivery, next_attempt_at=later, **known, **forgotten)
    log_delivery(delivery, logging.ERROR if given_up else logging.WARNING, "given_up" if given_up else "failed")


def log_delivery(delivery, level, what):
    reference, attempts = delivery.order.reference, delivery.attempts
    logger.log(level, "delivery.%s kind=%s order=%s attempts=%s", what, delivery.name, reference, attempts)


def update_claimed_delivery(delivery, **fields):
    return Delivery.objects.filter(pk=delivery.pk, next_attempt_at=delivery.next_attempt_at).update(**fields)


def record_mail_event(message_id, outcome, *, at, reason="", delivery_id=None, sending=""):
    """Records what the mail provider says became of a message; True if that is news. Only the message that went out
    last counts, and only what is worse than what is known: so a repeat, a replay and news in the wrong order change
    nothing. `at` is the provider's time, aware UTC. While its id is not noted here yet, a message is known by
    `delivery_id` and `sending`, which it carries. `reason` loses every address. Staff are alerted when tickets bounced
    or were called spam.
    """
    delivery = _find_delivery(message_id, delivery_id, sending, at)
    if delivery is None:
        logger.info("delivery.event_unknown outcome=%s", outcome)
        return False
    reason = clip_text(Delivery, "outcome_reason", E_MAIL.sub("…", tidy_line(reason or "")))
    better = OUTCOME_RANK[: OUTCOME_RANK.index(outcome)]
    same = Delivery.objects.filter(pk=delivery.pk, message_id=delivery.message_id, outcome__in=better)
    if not same.update(outcome=outcome, outcome_at=at, outcome_reason=reason):
        return False
    log_delivery(delivery, logging.WARNING if outcome in RETURNED_OUTCOMES else logging.INFO, outcome)
    if delivery.kind == DeliveryKind.TICKETS and outcome in RETURNED_OUTCOMES:
        delivery.outcome = outcome
        order_alerts.alert_tickets_returned(delivery)
    return True


def record_mail_accepted(delivery_id, sending):
    row = Delivery.objects.filter(pk=delivery_id, next_attempt_at__isnull=False).first()
    if row is None or sending_name_of(row) != sending:
        return False
    same = Delivery.objects.filter(pk=row.pk, requested_at=row.requested_at, next_attempt_at__isnull=False)
    return bool(same.update(doubt=DeliveryDoubt.FOUND))


def _find_delivery(message_id, delivery_id, sending, at):
    rows = Delivery.objects.select_related("order")
    found = rows.filter(message_id=message_id).first() if message_id else None
    if found or delivery_id is None:
        return found
    if sending:
        named = rows.filter(pk=delivery_id, order__erased_at__isnull=True).first()
        return named if named and sending_name_of(named) == sending else None
    return rows.filter(pk=delivery_id, message_id="", next_attempt_at__isnull=False, requested_at__lte=at).first()


def list_due_deliveries(now):
    return Delivery.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")


def wake_due_deliveries():
    ids = list(list_due_deliveries(timezone.now()).values_list("pk", flat=True)[:SWEEP_BATCH])
    for delivery_id in ids:
        wake("ticketing.tasks.deliver", delivery_id)
    return len(ids)
