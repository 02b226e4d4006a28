"""Nobody is kept for ever: so many days after the event the buyer is erased, and the figures stay."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketing.domain.privacy import erasure, retention_dates
from ticketing.domain.privacy.retention_dates import erasure_date_of
from ticketing.enums import ErasureKind
from ticketing.models import Basket, BasketLine, Erasure, Order, OrderLine

__all__ = ["PurgePlan", "erasure_date_of", "plan_purge", "purge_expired_data"]

logger = logging.getLogger(__name__)

OLDEST_BASKET = timedelta(hours=24)
BATCH = 500


@dataclass(frozen=True)
class PurgePlan:
    """What a purge would do now, in numbers: `waiting` are orders whose time has come but whose money is open."""

    orders: int
    waiting: int
    baskets: int

    def __bool__(self):
        return bool(self.orders or self.baskets)


def purge_expired_data(now=None, *, dry_run=False):
    """Erases the buyers of every order whose last performance ended longer ago than its site's `retention_days`, and
    deletes baskets that nobody touched for a day. Returns (what was due, the certificate or None).

    Open money waits. Each batch is one transaction, so a purge that is killed goes on where it was; two at once share
    the work. Figures do not change.
    """
    now = now or timezone.now()
    found = plan_purge(now)
    if dry_run or not found:
        return found, None
    certificate = Erasure.objects.create(kind=ErasureKind.RETENTION, ended_before=now)
    erasure.erase_orders(Order.objects.all(), certificate, unless=_retention_barriers(now))
    deleted = delete_old_baskets(now)
    Erasure.objects.filter(pk=certificate.pk).update(baskets=F("baskets") + deleted)
    certificate.refresh_from_db()
    logger.info("retention.purged certificate=%s orders=%s baskets=%s", certificate.pk, certificate.orders, deleted)
    return found, certificate


def plan_purge(now):
    """Changes nothing."""
    orders = Order.objects.filter(erased_at=None)
    for early in _retention_barriers(now).values():
        orders = orders.exclude(early)
    free = orders
    for barrier in erasure.open_money_barriers().values():
        free = free.exclude(barrier)
    number = free.count()
    return PurgePlan(number, orders.count() - number, list_old_baskets(now).count())


def list_old_baskets(now):
    """A day old, and without a seat that counts."""
    held = BasketLine.objects.filter(basket=OuterRef("pk"), expires_at__isnull=False)
    return Basket.objects.filter(~Exists(held), created_at__lte=now - OLDEST_BASKET)


def delete_old_baskets(now):
    """In batches; returns how many. Seats that are held are never touched: their hold ends first."""
    deleted = 0
    while number := _delete_basket_batch(now):
        deleted += number
    return deleted


@transaction.atomic
def _delete_basket_batch(now):
    baskets = Basket.objects.select_for_update(skip_locked=True).filter(
        pk__in=list_old_baskets(now).values("pk")[:BATCH]
    )
    pks = [basket.pk for basket in baskets]
    free = list(
        list_old_baskets(now).filter(pk__in=pks).values_list("pk", flat=True)
    )  # again, now that nobody can hold
    for rows in (BasketLine.objects.filter(basket__in=free), Basket.objects.filter(pk__in=free)):
        rows._raw_delete(rows.db)
    return len(free)


def _retention_barriers(now):
    kept = OrderLine.objects.filter(order=OuterRef("pk"), sale__in=retention_dates.list_retained_sales(now))
    return {_("its event is not over for long enough"): Exists(kept)}
