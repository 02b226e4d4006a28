"""Putting a date or a pass on sale with its ticket types, and stopping it, with an entry in the sale's history."""

import logging

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from common.text.direction import isolate_text
from events_pages.public import page_cache
from ticketing.domain.dates.clock import format_start, shift_moment
from ticketing.domain.dates.history import write_entry
from ticketing.domain.errors import TicketingError
from ticketing.models import EventSale, TicketType

logger = logging.getLogger(__name__)

STARTED, COPIED = "ticketing.sale.started", "ticketing.sale.copied"
STOPPED, RESUMED = "ticketing.sale.stopped", "ticketing.sale.resumed"
COPIED_OF_SALE = ("name", "capacity", "max_per_order", "merchant_id", "fee_policy", "booking_fee", "is_active")
COPIED_OF_TYPE = (
    *("name", "description", "price", "limit", "min_per_order", "max_per_order"),
    *("access_code", "sort_order", "is_active"),
)


class AlreadyOnSale(TicketingError):
    default = _("This date is on sale already.")


class NoSeatOnEveryDate(TicketingError):
    """Passes cannot take seats of the dates of this page."""


@transaction.atomic
def start_sale(page, *, types, performance=None, by=None, **fields):
    """The EventSale of a date, or of a pass where there is none, with its ticket types; `types` are dicts of their
    fields, in order. Raises NoSeatOnEveryDate.
    """
    if fields.get("takes_date_seats"):
        check_date_seats(page)
    sale = EventSale(page=page, performance=performance, **fields)
    sale.full_clean()
    sale.save()
    for number, values in enumerate(types):
        kind = TicketType(sale=sale, sort_order=number, **values)
        kind.full_clean()
        kind.save()
    write_entry(sale, STARTED, by=by, data={"types": len(types), "capacity": sale.capacity})
    logger.info("sale.started sale=%d types=%d", sale.pk, len(types))
    return sale


@transaction.atomic
def copy_sales(source, to, *, is_active=None, by=None):
    """The sales of the date `source`, on sale for the date `to` as well: same types, prices and limits, windows as far
    from the start, nothing taken. `is_active` says whether they sell; None as at `source`. Raises AlreadyOnSale.
    """
    if EventSale.objects.filter(performance=to).exists():
        raise AlreadyOnSale()
    originals = EventSale.objects.filter(performance=source).order_by("pk").prefetch_related("ticket_types")
    return [copy_sale(sale, source, to, is_active=is_active, by=by) for sale in originals]


def copy_sale(sale, source, to, *, is_active, by):
    made, kinds = build_copy(sale, start=source.starts_at, to=to.starts_at, page=sale.page, performance=to)
    if is_active is not None:
        made.is_active = is_active
    made.save()
    TicketType.objects.bulk_create(kinds)
    page_cache.purge_after_commit()
    write_entry(made, COPIED, by=by, data={"from": sale.pk, "when": format_start(source.starts_at)})
    logger.info("sale.copied sale=%d from=%d", made.pk, sale.pk)
    return made


def build_copy(sale, *, start, to, **of):
    """An EventSale and its TicketTypes that are not saved, nothing taken; windows move from `start` to `to`."""
    made = EventSale(**of, **shift_window(sale, start=start, to=to))
    for name in COPIED_OF_SALE:
        setattr(made, name, getattr(sale, name))
    kinds = []
    for original in sale.ticket_types.all():
        kinds.append(TicketType(sale=made, **shift_window(original, start=start, to=to)))
        for name in COPIED_OF_TYPE:
            setattr(kinds[-1], name, getattr(original, name))
    return made, kinds


def shift_window(row, *, start, to):
    return {name: shift_moment(getattr(row, name), start=start, to=to) for name in ("opens_at", "closes_at")}


def stop_selling(sale, *, by=None):
    """What is sold stays valid. False where it was stopped already."""
    return set_selling(sale, is_active=False, by=by)


def resume_selling(sale, *, by=None):
    return set_selling(sale, is_active=True, by=by)


@transaction.atomic
def set_selling(sale, *, is_active, by):
    if not EventSale.objects.filter(pk=sale.pk, is_active=not is_active).update(is_active=is_active):
        return False
    sale.is_active = is_active
    page_cache.purge_after_commit()
    write_entry(sale, RESUMED if is_active else STOPPED, by=by)
    logger.info("sale.selling sale=%d selling=%s", sale.pk, is_active)
    return True


def check_date_seats(page):
    """Passes take a seat on every date only where each date has one sale to take it from. Raises NoSeatOnEveryDate."""
    shared = page.performances.annotate(number=Count("sales")).filter(number__gt=1).first()
    if shared:
        words = _("%(when)s has several sales, so nobody knows whose seats a pass would take. Leave this unticked.")
        raise NoSeatOnEveryDate(words % {"when": isolate_text(format_start(shared.starts_at))})


def check_only_sale(performance, *, but=None):
    """A second sale of a date leaves no seat for passes that take one on every date. Raises NoSeatOnEveryDate."""
    passes = EventSale.objects.filter(page=performance.page_id, performance=None, takes_date_seats=True)
    if passes.exists() and EventSale.objects.filter(performance=performance).exclude(pk=but).exists():
        words = _("This date has a sale, and a pass takes its seats from it: a second one would leave it in doubt.")
        raise NoSeatOnEveryDate(words)


def find_date_to_copy(page, *, but=None):
    """The last date of the page that has a sale, whose tickets a new one is likely to have; None without any."""
    return page.performances.exclude(sales=None).exclude(pk=but).distinct().last()
