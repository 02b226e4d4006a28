"""Deleting a date that nobody bought for."""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events_pages.dates import edits
from events_pages.models import Performance
from ticketing.domain.dates.seats import has_buyers
from ticketing.domain.errors import TicketingError
from ticketing.models import EventSale, TicketType

BOUGHT = _("Tickets of this date were sold or are being bought: call it off instead, so that holders are told.")
PASSES = _("Passes for all dates were sold or are being bought: call it off instead, so that holders are told.")
SCANNED = _("Tickets were scanned for this date, so it stays: call it off instead.")
ONLY_DATE = _("This is the only date of a published page: unpublish the page, or add the new date first.")


class DateKept(TicketingError):
    """`message` says why a date is not deleted."""


def why_not_removed(performance):
    """In one sentence; "" where nothing is in the way."""
    page = performance.page
    if any(has_buyers(sale) for sale in performance.sales.all()):
        return BOUGHT
    if any(has_buyers(sale) for sale in page.sales.filter(performance=None)):
        return PASSES
    if page.live and not page.performances.exclude(pk=performance.pk).exists():
        return ONLY_DATE
    return ""


@transaction.atomic
def remove_date(performance, *, by=None):
    """With its sales and their types, which nobody took anything of. Raises DateKept."""
    list(Performance.objects.select_for_update().filter(pk=performance.pk))
    sales = EventSale.objects.select_for_update().filter(page=performance.page_id)
    list(sales.filter(Q(performance=performance) | Q(performance=None)).order_by("pk"))
    if why := why_not_removed(performance):
        raise DateKept(why)
    try:
        TicketType.objects.filter(sale__performance=performance).delete()
        EventSale.objects.filter(performance=performance).delete()
        edits.delete_performance(performance, by=by)
    except models.ProtectedError as error:
        raise DateKept(SCANNED) from error
