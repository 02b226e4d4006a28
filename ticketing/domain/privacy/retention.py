"""Retention: so many days after the event the buyer is erased, and the figures stay."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketing.domain.privacy import erasure, retention_dates
from ticketing.enums import ErasureKind
from ticketing.models import Basket, BasketLine, Erasure, Order, OrderLine

logger = logging.getLogger(__name__)

OLDEST_BASKET = timedelta(hours=24)
BATCH = 500
LOOK_BACK, FULL_LOOK = timedelta(days=10), 6
"""A night looks at what was released in the last days, that of a Sunday at everything."""


@dataclass(frozen=True)
class PurgePlan:
    """What a purge would do now, in numbers: `waiting` are orders whose time has come but whose money is open."""

    orders: int
    waiting: int
    baskets: int

    def __bool__(self):
        return bool(self.orders or self.baskets)


def purge_nightly(now=None):
    now = now or timezone.now()
    is_full = is_night_of_full_look(now)
    erasure.finish_erasure_requests(noted_only=not is_full)
    return purge_expired_data(now, look_back=None if is_full else LOOK_BACK)


def is_night_of_full_look(now):
    return timezone.localdate(now).weekday() == FULL_LOOK


def purge_expired_data(now=None, *, dry_run=False, look_back=None):
    """Erases the buyers of every order whose last performance ended longer ago than its site's `retention_days`, and
    deletes baskets that nobody touched for a day. Returns (what was due, the certificate or None). Open money waits.
    With `look_back` only buyers whose time came within it: so a night costs the same however many were ever erased.
    Each batch is one transaction, so a purge that is killed goes on where it was; two at once share the work.
    """
    now = now or timezone.now()
    due = list_due_orders(now, look_back)
    found = plan_purge(now, due)
    if dry_run or not found:
        return found, None
    certificate = Erasure.objects.create(kind=ErasureKind.RETENTION, ended_before=now)
    erasure.erase_orders(due, certificate, unless=_retention_barriers(now))
    deleted = delete_old_baskets(now)
    Erasure.objects.filter(pk=certificate.pk).update(baskets=F("baskets") + deleted)
    certificate.refresh_from_db()
    logger.info("retention.purged certificate=%s orders=%s baskets=%s", certificate.pk, certificate.orders, deleted)
    return found, certificate


def plan_purge(now, due=None):
    """`due`: the orders that `list_due_orders` gave already."""
    orders = free = list_due_orders(now) if due is None else due
    for barrier in erasure.open_money_barriers().values():
        free = free.exclude(barrier)
    number = free.count()
    return PurgePlan(number, orders.count() - number, list_old_baskets(now).count())


def list_due_orders(now, look_back=None):
    """Orders whose buyer was kept for long enough; with `look_back` those whose time came within it."""
    orders = Order.objects.filter(erased_at=None)
    if look_back:
        orders = orders.filter(pk__in=_list_lately_released_orders(now, look_back))
    for early in _retention_barriers(now).values():
        orders = orders.exclude(early)
    return orders


def _list_lately_released_orders(now, look_back):
    """Ids, step by step: in one statement PostgreSQL reads every order that is not erased."""
    sales = retention_dates.list_lately_released_sales(now, look_back)
    bought = set(OrderLine.objects.filter(sale__in=sales).order_by().values_list("order", flat=True))
    return list(Order.objects.filter(pk__in=bought, erased_at=None).order_by().values_list("pk", flat=True))


def list_old_baskets(now):
    """A day old, and without a seat that counts."""
    held = BasketLine.objects.filter(basket=OuterRef("pk"), expires_at__isnull=False)
    return Basket.objects.filter(~Exists(held), created_at__lte=now - OLDEST_BASKET)


def delete_old_baskets(now):
    deleted = 0
    while number := _delete_basket_batch(now):
        deleted += number
    return deleted


@transaction.atomic
def _delete_basket_batch(now):
    old = list_old_baskets(now).values_list("pk", flat=True)
    pks = [basket.pk for basket in Basket.objects.select_for_update(skip_locked=True).filter(pk__in=old[:BATCH])]
    free = list(old.filter(pk__in=pks))  # again, now that nobody can hold
    for rows in (BasketLine.objects.filter(basket__in=free), Basket.objects.filter(pk__in=free)):
        rows._raw_delete(rows.db)
    return len(free)


def _retention_barriers(now):
    kept = OrderLine.objects.filter(retention_dates.filter_retained(now, "sale__"), order=OuterRef("pk"))
    return {_("its event is not over for long enough"): Exists(kept)}
