"""Erasure of a person: name, e-mail, address and whatever leads back to them. Reference, amounts, lines, tickets and
states stay, so that every figure does.

What is still needed waits: a ticket for an event to come, money that moves or is disputed. The certificate of a request
is the queue: `finish_erasure_requests` erases each night what it left. Locks: baskets, then orders by id, then what
hangs on them.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass
from hmac import compare_digest

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from common.text.email_addresses import fold_email, readable_email
from payments.enums import OPEN_REFUND_STATES, DiscrepancyState, PaymentState, RefundState
from payments.models import Discrepancy, Payment, Refund
from ticketing.domain.admission.order_search import write_search_words
from ticketing.domain.catalogue import performance_ends
from ticketing.domain.errors import NothingHeld
from ticketing.domain.messages import outbox
from ticketing.domain.privacy import redaction
from ticketing.domain.privacy.personal_data import REDACTED_COLUMNS, baskets_of_email, orders_of_email
from ticketing.enums import ErasureKind, OrderState, TicketState
from ticketing.models import Basket, BasketLine, Delivery, Erasure, Order, OrderLine, OrderRefund, Ticket
from ticketing.models.baskets import new_link_token

logger = logging.getLogger(__name__)

SALT = "ticketing.erasure"
BATCH = 500
DIGEST_START = 8  # characters that the database may look for; the rest is compared in constant time


@dataclass(frozen=True)
class ErasurePlan:
    """What an erasure would do now: `now` are orders that go, `later` pairs of an order and why it waits."""

    now: list
    later: list
    baskets: int

    @property
    def tickets(self):
        return Ticket.objects.filter(line__order__in=self.now).count()

    def __bool__(self):
        return bool(self.now or self.later or self.baskets)


def plan_erasure(email):
    found = orders_of_email(email)
    later = {}
    for words, barrier in {**open_money_barriers(), **upcoming_ticket_barriers(timezone.now())}.items():
        later |= {order.pk: (order, words) for order in found.filter(barrier) if order.pk not in later}
    free = [order for order in found if order.pk not in later]
    return ErasurePlan(free, list(later.values()), baskets_of_email(email).count())


def erase_person(email, *, kind=ErasureKind.REQUEST, by=None):
    """Erases the person behind this address, for themselves or `by` staff; returns the certificate. What waits is
    erased by `finish_erasure_requests` once it is free. In batches, each with its share of the certificate: after a
    kill at any line the nightly run finishes it. Doing it again returns the same certificate. Raises `NothingHeld`.
    """
    earlier = find_certificate(email)
    if not (orders_of_email(email).exists() or baskets_of_email(email).exists()):
        if earlier is None:
            raise NothingHeld
        return earlier
    certificate = earlier
    if earlier is None or orders_of_email(email).filter(created_at__gt=earlier.at).exists():
        certificate = Erasure.objects.create(kind=kind, subject=_digest_email(email), by=by)
    empty_baskets(baskets_of_email(email), certificate)
    _erase_or_note(orders_of_email(email), certificate)
    logger.info(
        "erasure.asked certificate=%s orders=%s waiting=%s",
        certificate.pk,
        certificate.orders,
        orders_of_email(email).count(),
    )
    return certificate


def find_certificate(email):
    """The newest certificate of a request for this address, or None. Compared in constant time."""
    found = None
    for digest in _possible_digests(email):
        start = digest[:DIGEST_START]
        rows = Erasure.objects.filter(kind=ErasureKind.REQUEST, subject__range=(start, f"{start}g"))
        for row in rows.order_by("pk"):
            found = row if compare_digest(row.subject, digest) else found
    return found


def finish_erasure_requests(*, noted_only=False):
    """Erases what earlier requests had to leave, or a restored backup brought back; returns how many orders.

    What a request left is noted with it. Every order is looked at for those without that note, made by older code or
    brought by a backup, and for all of them unless `noted_only`.
    """
    requests = Erasure.objects.filter(kind=ErasureKind.REQUEST).order_by("pk")
    if noted_only:
        requests = requests.exclude(waiting=[])
    requests = list(requests)
    before = sum(row.orders for row in requests)
    sought = {row.subject: row for row in requests if row.waiting is None or not noted_only}
    found = _find_unerased(sought)
    for row in requests:
        pks = {*(row.waiting or []), *(found[row.subject] if sought.get(row.subject) is row else [])}
        if pks or row.waiting is None:
            _erase_or_note(Order.objects.filter(pk__in=pks, erased_at=None), row)
    return sum(row.orders for row in requests) - before


def list_erasure_requests():
    return list(Erasure.objects.filter(kind=ErasureKind.REQUEST).values("subject", "at"))


def repeat_erasure_requests(requests):
    """Makes good the requests that the data does not know of: a certificate with their own date, then
    `finish_erasure_requests`. Returns how many were missing.
    """
    known = Erasure.objects.filter(kind=ErasureKind.REQUEST)
    missing = [each for each in requests if not known.filter(**each).exists()]
    for each in missing:
        row = Erasure.objects.create(kind=ErasureKind.REQUEST, subject=each["subject"])
        Erasure.objects.filter(pk=row.pk).update(at=each["at"])
    if missing:
        finish_erasure_requests()
    return len(missing)


def open_money_barriers():
    """{why an order waits: its filter}. Whoever is still owed something, or owes it, must be known."""
    payments = Payment.objects.filter(subject=OuterRef("reference"))
    refunds = Refund.objects.filter(subject=OuterRef("reference"), state__in=OPEN_REFUND_STATES)
    unapplied = OrderRefund.objects.filter(order=OuterRef("pk"), applied_at=None)
    unapplied = unapplied.exclude(refund__state=RefundState.CANCELLED)
    disputed = Discrepancy.objects.filter(payment__subject=OuterRef("reference"), state=DiscrepancyState.OPEN)
    looked_at = payments.filter(next_check_at__isnull=False).exclude(state=PaymentState.PAID)
    unproved = payments.filter(state=PaymentState.BY_HAND)
    return {
        _("its payment is still open"): Q(state=OrderState.PENDING_VERIFICATION) | Q(Exists(looked_at)),
        _("it was settled by hand and SumUp has not shown its payment yet"): Q(Exists(unproved)),
        _("somebody has to decide about it"): Q(state=OrderState.REQUIRES_MANUAL_REVIEW),
        _("its money is on its way back"): Q(Exists(refunds)) | Q(Exists(unapplied)),
        _("our books and SumUp’s still differ about it"): Q(Exists(disputed)),
    }


def upcoming_ticket_barriers(now):
    to_come = performance_ends.filter_not_over(now, "sale__")
    valid = Ticket.objects.filter(to_come, line__order=OuterRef("pk"), state=TicketState.VALID)
    return {_("its tickets are for an event that is still to come"): Q(Exists(valid))}


def erase_orders(orders, certificate, *, unless=None):
    """Every order of these that nothing holds back, in batches; returns how many. `unless` is {why: filter}: what holds
    back besides open money, by default tickets for an event to come.
    """
    barriers = {**open_money_barriers(), **(upcoming_ticket_barriers(timezone.now()) if unless is None else unless)}
    done = last = 0
    while pks := list(orders.filter(erased_at=None, pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        done += _erase_batch(pks, barriers, certificate)
        last = pks[-1]
    return done


def _erase_or_note(orders, certificate):
    erase_orders(orders, certificate)
    waiting = list(orders.order_by("pk").values_list("pk", flat=True))
    Erasure.objects.filter(pk=certificate.pk).update(waiting=waiting)
    certificate.refresh_from_db()


@transaction.atomic
def empty_baskets(baskets, certificate):
    """What somebody typed into a basket; its seats stay held until the hold ends. Until then they count for the
    network, which names nobody: else an erasure would make room to hold more.
    """
    baskets = baskets.exclude(buyer_name="", buyer_email="", address=None)
    pks = list(baskets.select_for_update().order_by("pk").values_list("pk", flat=True))
    Basket.objects.filter(pk__in=pks).update(buyer_name="", buyer_email="", address=None)
    BasketLine.objects.filter(basket__in=pks).update(place=None)
    Erasure.objects.filter(pk=certificate.pk).update(baskets=F("baskets") + len(pks))


@transaction.atomic
def _erase_batch(pks, barriers, certificate):
    tokens = Order.objects.filter(pk__in=pks).values("basket_token")
    empty_baskets(Basket.objects.filter(token__in=tokens), certificate)
    orders = Order.objects.select_for_update().filter(pk__in=pks, erased_at=None).order_by("pk")
    locked = [order.pk for order in orders]
    free = Order.objects.filter(pk__in=locked)
    for barrier in barriers.values():
        free = free.exclude(barrier)
    orders = list(free.order_by("pk"))
    if orders:
        _redact_sentences(orders)  # while the names to look for are still there
        tickets = _empty_columns(orders)
        counted = {"orders": F("orders") + len(orders), "tickets": F("tickets") + tickets}
        Erasure.objects.filter(pk=certificate.pk).update(**counted)
        logger.info("erasure.batch certificate=%s orders=%s tickets=%s", certificate.pk, len(orders), tickets)
    return len(orders)


def _redact_sentences(orders):
    holders = defaultdict(set)
    for order, name in Ticket.objects.filter(line__order__in=orders).values_list("line__order", "holder_name"):
        holders[order].add(name)
    found = {order: redaction.compile_name_pattern({order.buyer_name, *holders[order.pk]}) for order in orders}
    keys = {
        "pk": {order.pk: pattern for order, pattern in found.items()},
        "reference": {order.reference: pattern for order, pattern in found.items()},
        "path": {order.admin_path: pattern for order, pattern in found.items()},
    }
    for text in REDACTED_COLUMNS:
        redaction.redact_log_entries(text.model, redaction.redact_rows(text, keys[text.by]))


def _empty_columns(orders):
    rows = Delivery.objects.filter(order__in=orders)
    rows.filter(next_attempt_at__isnull=True).update(recipient="", message_id="", last_error="", outcome_reason="")
    owed = {"next_attempt_at": None, "last_error": outbox.PERSON_WAS_ERASED}
    rows.filter(next_attempt_at__isnull=False).update(recipient="", message_id="", outcome_reason="", **owed)
    for order in orders:
        order.token = new_link_token()
    Order.objects.bulk_update(orders, ["token"], batch_size=100)
    gone = {"buyer_name": "", "buyer_email": "", "basket_token": "", "accepted_from": None, "place": None}
    gone["network"] = None
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(erased_at=timezone.now(), **gone)
    write_search_words(OrderLine.objects.filter(order__in=orders))
    return Ticket.objects.filter(line__order__in=orders).update(holder_name="")


def _find_unerased(requests):
    found = defaultdict(list)
    if requests:
        orders = Order.objects.filter(erased_at=None).values_list("pk", "buyer_email", "created_at")
        for pk, email, created_at in orders.iterator():
            for digest in _possible_digests(email):
                if digest in requests and created_at <= requests[digest].at:
                    found[digest].append(pk)
    return found


def _digest_email(email, secret=None):
    return _digest_spelling(fold_email(email), secret)


def _digest_spelling(text, secret):
    return salted_hmac(SALT, text, secret=secret, algorithm="sha256").hexdigest()


def _possible_digests(email):
    """With the key of today and those in use before; of the spelling kept, and of the other one, in which certificates
    were written earlier.
    """
    spellings = dict.fromkeys([fold_email(email), readable_email(fold_email(email)), email.strip().lower()])
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [_digest_spelling(text, secret) for text in spellings for secret in keys]
