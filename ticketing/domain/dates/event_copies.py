"""Dates of a copied event, with their sales as drafts: last year's event, sold anew."""

import logging

from django.db import transaction

from events_pages.dates import edits
from events_pages.dates.copied_dates import plan_copied_dates
from ticketing.domain.dates.copies import build_copies, build_sale_copy, write_copies
from ticketing.domain.dates.series import DatesOutdated
from ticketing.models import EventSale

logger = logging.getLogger(__name__)


@transaction.atomic
def add_copied_dates(page, original, chosen, *, now, with_sales=False, merchants=(), by=None, **shift):
    """The new Performances of those planned dates whose keys are `chosen`; `shift` is as `plan_copied_dates` takes it.

    With their sales, and the passes of the original: not selling, nothing taken, paid to the same account where it is
    one of `merchants`, else to the site's own. Raises DatesOutdated when one of the dates is not planned any more.
    """
    edits.lock_dates(page)
    planned = plan_copied_dates(original, page, **shift)
    free = {each.key: each for each in planned if not each.is_there and not each.is_past(now)}
    if not chosen or not set(chosen) <= set(free):
        raise DatesOutdated()
    copied = [each for key, each in free.items() if key in chosen]
    made = edits.add_performances(page, [each.made for each in copied], by=by)
    if with_sales:
        copy_sales_of_event(page, original, copied, merchants=merchants, by=by)
    logger.info("dates.copied page=%d from=%d dates=%d", page.pk, original.pk, len(made))
    return made


def copy_sales_of_event(page, original, copied, *, merchants, by):
    copies = build_copies([(each.original, each.made) for each in copied])
    if not EventSale.objects.filter(page=page, performance=None).exists():
        copies += build_pass_copies(page, original, copied[0])
    for copy in copies:
        copy.made.is_active = False
        if copy.made.merchant_id not in merchants:
            copy.made.merchant = None
    write_copies(copies, by=by)


def build_pass_copies(page, original, first):
    """Their windows move as the first copied date does."""
    passes = EventSale.objects.filter(page=original, performance=None).order_by("pk").prefetch_related("ticket_types")
    moved = {"start": first.original.starts_at, "to": first.made.starts_at}
    return [build_sale_copy(sale, page=page, takes_date_seats=sale.takes_date_seats, **moved) for sale in passes]
