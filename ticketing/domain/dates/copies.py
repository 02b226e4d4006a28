"""Sales copied to many new dates, in a few statements for all."""

import logging
from dataclasses import dataclass

from django.db import transaction
from wagtail.models import ReferenceIndex

from events_pages.public import page_cache
from ticketing.domain.dates.clock import format_start
from ticketing.domain.dates.history import write_entries
from ticketing.domain.dates.sales import COPIED, build_copy
from ticketing.models import EventSale, TicketType

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SaleCopy:
    original: EventSale
    made: EventSale
    kinds: list[TicketType]
    """Not saved, and nothing of them is taken."""


@transaction.atomic
def copy_sales_to_dates(pairs, *, is_active=None, by=None):
    """For each (source, date) the sales of the source, on sale for the date too; the dates are new and have none.
    `is_active` says whether they sell; None as at the source.
    """
    originals = list_originals([source for source, _date in pairs])
    copies = [
        build_sale_copy(sale, start=source.starts_at, to=date.starts_at, page=date.page, performance=date)
        for source, date in pairs
        for sale in originals
        if sale.performance_id == source.pk
    ]
    if is_active is not None:
        for copy in copies:
            copy.made.is_active = is_active
    return write_copies(copies, by=by)


def list_originals(sources):
    found = EventSale.objects.filter(performance__in={each.pk for each in sources})
    return list(found.order_by("pk").select_related("performance").prefetch_related("ticket_types"))


def build_sale_copy(sale, **of):
    return SaleCopy(sale, *build_copy(sale, **of))


def write_copies(copies, *, by):
    made = EventSale.objects.bulk_create([copy.made for copy in copies])
    for copy in copies:
        for kind in copy.kinds:
            kind.sale = copy.made
    TicketType.objects.bulk_create([kind for copy in copies for kind in copy.kinds])
    for sale in made:
        ReferenceIndex.create_or_update_for_object(sale)
    write_entries([(copy.made, describe_origin(copy.original)) for copy in copies], COPIED, by=by)
    page_cache.purge_after_commit()
    logger.info("sales.copied sales=%d", len(made))
    return made


def describe_origin(sale):
    when = format_start(sale.performance.starts_at) if sale.performance_id else sale.name
    return {"from": sale.pk, "when": when}
