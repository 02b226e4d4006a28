"""Sales copied to other dates, in a few statements for all: same types, prices and limits, nothing taken."""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import ReferenceIndex

from events_pages.dates.island_clock import shift_moment
from events_pages.public import content_version
from ticketing.domain.dates.clock import format_start
from ticketing.domain.dates.history import write_entries
from ticketing.domain.dates.sales import check_not_on_sale
from ticketing.domain.errors import TicketingError
from ticketing.models import EventSale, TicketType
from ticketing.models.sales import list_passes_on_dates

logger = logging.getLogger(__name__)

COPIED = "ticketing.sale.copied"
COPIED_OF_SALE = ("name", "capacity", "max_per_order", "merchant_id", "fee_policy", "booking_fee", "is_active")
COPIED_OF_TYPE = (
    *("name", "description", "price", "limit", "min_per_order", "max_per_order"),
    *("access_code", "sort_order", "is_active"),
)


class TooFewSeats(TicketingError):
    """For the passes that have taken a seat on every date."""


@dataclass(frozen=True)
class SaleCopy:
    original: EventSale
    made: EventSale
    kinds: list[TicketType]
    """Not saved, and nothing of them is taken."""


@transaction.atomic
def copy_sales(source, to, *, is_active=None, by=None):
    """The sales of the date `source` for one that has none. Raises AlreadyOnSale, TooFewSeats."""
    check_not_on_sale(to)
    return copy_sales_to_dates([(source, to)], is_active=is_active, by=by)


@transaction.atomic
def copy_sales_to_dates(pairs, *, is_active=None, by=None):
    """For each (source, date) the sales of the source, on sale for the date too; the dates are new and have none.
    Windows are as far from the start. `is_active` says whether they sell; None as at the source. Raises TooFewSeats.
    """
    copies = build_copies(pairs)
    if is_active is not None:
        for copy in copies:
            copy.made.is_active = is_active
    return write_copies(copies, by=by)


def build_copies(pairs):
    """The SaleCopies of (source, date)."""
    originals = list_originals([source for source, _date in pairs])
    return [
        build_sale_copy(sale, start=source.starts_at, to=date.starts_at, page=date.page, performance=date)
        for source, date in pairs
        for sale in originals
        if sale.performance_id == source.pk
    ]


def list_originals(sources):
    found = EventSale.objects.filter(performance__in={each.pk for each in sources})
    return list(found.order_by("pk").select_related("performance").prefetch_related("ticket_types"))


def build_sale_copy(sale, *, start, to, **of):
    """Windows move from `start` to `to`."""
    made = EventSale(**of, **shift_window(sale, start=start, to=to))
    for name in COPIED_OF_SALE:
        setattr(made, name, getattr(sale, name))
    kinds = []
    for original in sale.ticket_types.all():
        kinds.append(TicketType(sale=made, **shift_window(original, start=start, to=to)))
        for name in COPIED_OF_TYPE:
            setattr(kinds[-1], name, getattr(original, name))
    return SaleCopy(sale, made, kinds)


def shift_window(row, *, start, to):
    return {name: shift_moment(getattr(row, name), start=start, to=to) for name in ("opens_at", "closes_at")}


def take_seats_of_passes(sales):
    """Of sales of new dates that are not saved: passes that take a seat on every date have theirs on these too. They
    are locked, so that none is missed. Raises TooFewSeats."""
    for page_id in {sale.page_id for sale in sales}:
        taken = sum(each.allocated for each in list_passes_on_dates(page_id).select_for_update())
        for sale in sales:
            if sale.page_id == page_id and sale.performance_id:
                sale.allocated = taken
            if sale.allocated > sale.capacity:
                words = _("%(count)d passes take a seat on every date, and there are only %(capacity)d.")
                raise TooFewSeats(words % {"count": taken, "capacity": sale.capacity})


def write_copies(copies, *, by):
    take_seats_of_passes([copy.made for copy in copies])
    made = EventSale.objects.bulk_create([copy.made for copy in copies])
    for copy in copies:
        for kind in copy.kinds:
            kind.sale = copy.made
    TicketType.objects.bulk_create([kind for copy in copies for kind in copy.kinds])
    for sale in made:
        ReferenceIndex.create_or_update_for_object(sale)
    write_entries([(copy.made, describe_origin(copy.original)) for copy in copies], COPIED, by=by)
    content_version.purge_after_commit()
    logger.info("sales.copied sales=%d", len(made))
    return made


def describe_origin(sale):
    when = format_start(sale.performance.starts_at) if sale.performance_id else sale.name
    return {"from": sale.pk, "when": when}
