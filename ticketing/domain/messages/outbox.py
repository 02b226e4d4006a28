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
from common.text.typed_text import tidy_line
from ticketing.domain.errors import NoTickets, PersonErased, TryLater
from ticketing.domain.messages import order_alerts
from ticketing.domain.privacy import personal_data, redaction
from ticketing.enums import DeliveryDoubt, DeliveryKind, DeliveryOutcome, OrderState
from ticketing.models import Delivery

logger = logging.getLogger(__name__)


RETRY_PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 240, 480, 480, 720, 720)]
RESEND_PAUSE = timedelta(seconds=60)
SELDOM = timedelta(minutes=10)
SWEEP_BATCH = 200
# What became of a message, from nothing heard to the worst: news only ever moves to the right.
OUTCOME_RANK = [
    "",
    DeliveryOutcome.DELAYED,
    DeliveryOutcome.DELIVERED,
    DeliveryOutcome.BOUNCED,
    DeliveryOutcome.COMPLAINED,
]
RETURNED_OUTCOMES = (DeliveryOutcome.BOUNCED, DeliveryOutcome.COMPLAINED)
NO_OUTCOME = {"doubt": "", "outcome": "", "outcome_at": None, "outcome_reason": ""}
CUT_SHORT = "no answer: the attempt was cut short"
PERSON_WAS_ERASED = "not sent: the person was erased"


def owe_delivery(order, kind, *, recipient=""):
    """One e-mail of this kind is owed for this order, however often it is said. Tickets may be asked for again
    with `resend`.

    Writes one row in the caller's transaction and wakes the worker after commit.
    """
    now = timezone.now()
    delivery = Delivery(order=order, kind=kind, recipient=recipient, requested_at=now, next_attempt_at=now)
    # Touching nothing but the key is how one statement inserts or finds: the row of a repeat stays as it is.
    [delivery] = Delivery.objects.bulk_create(
        [delivery], update_conflicts=True, unique_fields=["order", "kind"], update_fields=["kind"]
    )
    wake("ticketing.tasks.deliver", delivery.pk)
    return delivery


def resend_tickets(order):
    """Owes the tickets again. Raises `TryLater` within a minute of the last request, `NoTickets` without any."""
    if order.state != OrderState.COMPLETED:
        raise NoTickets()
    if order.erased_at:
        raise PersonErased
    if not owe_delivery_again(order, DeliveryKind.TICKETS):
        raise TryLater(_("We have just sent them. Please look in your inbox, and try again in a minute."))


def request_links(email, *, seldom=False):
    """Owes one e-mail with the links of every order of this address, at most once a minute. Says nothing about
    whether the address is known: the caller answers everybody alike.

    `seldom`, for an address that is asked about very often: within SELDOM of the last one it is owed at the end of
    that. So nobody's inbox is filled, and whoever asks gets one.
    """
    _ask_newest(email, DeliveryKind.LINKS, seldom)


def request_personal_data(email, *, seldom=False):
    """The same for the link to all that we hold of this address."""
    _ask_newest(email, DeliveryKind.PERSONAL_DATA, seldom)


def _ask_newest(email, kind, seldom):
    order = personal_data.orders_of_email(email).first()
    if order is None:
        return
    if not seldom:
        owe_delivery_again(order, kind)
    elif not owe_delivery_again(order, kind, pause=SELDOM):
        _owe_later(order, kind, SELDOM)


def _owe_later(order, kind, pause):
    """Owed `pause` after the last request; one that is owed already stays as it is. The sweep sends it."""
    then = F("requested_at") + pause
    rows = Delivery.objects.filter(order=order, kind=kind, next_attempt_at=None)
    rows.update(requested_at=then, next_attempt_at=then, attempts=0, last_error="", message_id="", **NO_OUTCOME)


def owe_delivery_again(order, kind, *, pause=RESEND_PAUSE, recipient=""):
    """True if the e-mail is now owed; False within `pause` of the last request."""
    now = timezone.now()
    rows = Delivery.objects.filter(order=order, kind=kind)
    asked = rows.filter(requested_at__lte=now - pause).update(
        recipient=recipient,
        requested_at=now,
        next_attempt_at=now,
        attempts=0,
        last_error="",
        message_id="",
        **NO_OUTCOME,
    )
    if asked:
        wake("ticketing.tasks.deliver", rows.values_list("pk", flat=True).get())
        return True
    if rows.exists():
        return False
    owe_delivery(order, kind, recipient=recipient)
    return True


def claim_delivery(delivery_id):
    """The delivery if this caller may send it now, else None.

    The conditional update lets one of many workers through and sets the next attempt before the first byte leaves,
    so that neither a crash nor a bug turns into a loop.
    """
    now = timezone.now()
    delivery = Delivery.objects.select_related("order").filter(pk=delivery_id, next_attempt_at__lte=now).first()
    if delivery is None or not reserve_attempt(delivery, now):
        return None
    if delivery.order.erased_at:
        return close_undeliverable(delivery)
    return delivery


def close_undeliverable(delivery):
    """The person was erased since: there is no address any more, and staff hear that nobody was told."""
    if update_claimed_delivery(delivery, next_attempt_at=None, last_error=PERSON_WAS_ERASED):
        order_alerts.alert_nobody_to_write_to(delivery)
        log_delivery(delivery, logging.WARNING, "nobody")


def reserve_attempt(delivery, now):
    if delivery.attempts >= len(RETRY_PAUSES):
        record_delivery_failure(delivery, CUT_SHORT)
        return False
    until = now + RETRY_PAUSES[delivery.attempts]
    doubt = doubt_about(delivery)
    rows = Delivery.objects.filter(pk=delivery.pk, next_attempt_at=delivery.next_attempt_at)
    taken = rows.update(attempts=F("attempts") + 1, next_attempt_at=until, last_error=CUT_SHORT, doubt=doubt)
    if taken:
        delivery.attempts, delivery.next_attempt_at, delivery.doubt = delivery.attempts + 1, until, doubt
    return bool(taken)


def doubt_about(delivery):
    """An attempt that was cut short may have sent it: nobody came to write down what became of it."""
    if delivery.last_error != CUT_SHORT or delivery.doubt == DeliveryDoubt.FOUND:
        return delivery.doubt
    return DeliveryDoubt.UNANSWERED


def sending_name_of(delivery):
    """The name of what was asked for, the same for every attempt at it; another request is another e-mail."""
    return f"delivery-{delivery.pk}-{delivery.requested_at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def record_delivery_sent(delivery, *, message_id="", doubt=""):
    """Sent. A request that came in meanwhile has moved `next_attempt_at` and stays owed; of a person who was erased
    meanwhile nothing is written.
    """
    sent = {"recipient": "", "sent_at": timezone.now(), "message_id": message_id[:200]}
    if not update_claimed_delivery(delivery, next_attempt_at=None, last_error="", doubt=doubt, **sent):
        sent.pop("recipient")
        Delivery.objects.filter(pk=delivery.pk, next_attempt_at__isnull=False).update(**sent)
    logger.info(
        "delivery.sent kind=%s order=%s attempts=%s", delivery.kind, delivery.order.reference, delivery.attempts
    )


def record_delivery_failure(delivery, error, *, permanent=False, unanswered=False):
    """Not sent, or `unanswered`: stays owed until the next pause is over, or is given up with an ERROR in the log."""
    given_up = permanent or delivery.attempts >= len(RETRY_PAUSES)
    later = None if given_up else delivery.next_attempt_at
    forgotten = {"recipient": ""} if given_up else {}
    doubt = DeliveryDoubt.UNANSWERED if unanswered else doubt_about(delivery)
    told = When(doubt=DeliveryDoubt.FOUND, then=F("doubt"))  # news of it came before we gave up waiting
    known = {"last_error": str(error)[:200], "doubt": Case(told, default=Value(doubt))}
    update_claimed_delivery(delivery, next_attempt_at=later, **known, **forgotten)
    log_delivery(delivery, logging.ERROR if given_up else logging.WARNING, "given_up" if given_up else "failed")


def log_delivery(delivery, level, what):
    reference, attempts = delivery.order.reference, delivery.attempts
    logger.log(level, "delivery.%s kind=%s order=%s attempts=%s", what, delivery.kind, reference, attempts)


def update_claimed_delivery(delivery, **fields):
    return Delivery.objects.filter(pk=delivery.pk, next_attempt_at=delivery.next_attempt_at).update(**fields)


def record_mail_event(message_id, outcome, *, at, reason="", delivery_id=None, sending=""):
    """What the mail provider says became of a message; True if that is news.

    Only the message that went out last counts, and only what is worse than what is known: so a repeat, a replay and
    news in the wrong order change nothing. `at` is the provider's time, aware UTC. A message that the provider is
    quicker about than we are at noting its id is known by `delivery_id` and `sending`, which it carries. `reason` loses
    every address. Tickets that came back, or were called spam, are told to staff.
    """
    delivery = _find_delivery(message_id, delivery_id, sending, at)
    if delivery is None:
        logger.info("delivery.event_unknown outcome=%s", outcome)
        return False
    news = {
        "outcome": outcome,
        "outcome_at": at,
        "outcome_reason": redaction.ADDRESS.sub("…", tidy_line(reason or ""))[:200],
    }
    better = OUTCOME_RANK[: OUTCOME_RANK.index(outcome)]
    same = Delivery.objects.filter(pk=delivery.pk, message_id=delivery.message_id, outcome__in=better)
    if not same.update(**news):
        return False
    log_delivery(delivery, logging.WARNING if outcome in RETURNED_OUTCOMES else logging.INFO, outcome)
    if delivery.kind == DeliveryKind.TICKETS and outcome in RETURNED_OUTCOMES:
        delivery.outcome = outcome
        order_alerts.alert_tickets_returned(delivery)
    return True


def record_mail_accepted(delivery_id, sending):
    """The provider says that it took a message: should its answer be lost, that is known already. True if it counts."""
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
    """Owed, not sent, and time to try. Aware UTC."""
    return Delivery.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")


def wake_due_deliveries():
    """Wakes the worker for what is owed: whatever no task was told about. Safe to run twice at once."""
    ids = list(list_due_deliveries(timezone.now()).values_list("pk", flat=True)[:SWEEP_BATCH])
    for delivery_id in ids:
        wake("ticketing.tasks.deliver", delivery_id)
    return len(ids)
