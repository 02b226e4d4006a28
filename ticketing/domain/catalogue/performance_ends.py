"""When the performance of a sale is over, and which sales are not yet, or not for long."""

from datetime import timedelta

from django.db.models import Q

from events_pages.enums import EventStatus
from events_pages.querysets import USUAL_LENGTH
from ticketing.domain.catalogue import availability
from ticketing.models import EventSale

ONE_NIGHT = timedelta(days=1)


def performance_end_of(sale):
    """When the performance is over, aware UTC; None while it waits for a new date.

    A page's end is the end of its last performance: an earlier one of a run is over after the usual three hours.
    """
    page = sale.page
    if page.status == EventStatus.POSTPONED:
        return None
    usual = sale.starts_at + USUAL_LENGTH
    if not page.ends_at or page.ends_at <= sale.starts_at:
        return usual
    later = EventSale.objects.filter(page=sale.page_id, starts_at__gt=sale.starts_at)
    return usual if page.ends_at > sale.starts_at + ONE_NIGHT and later.exists() else page.ends_at


def list_recent_sales(now, *, days=0):
    return list_sales_within(now, lambda _page: days, most=days)


def list_sales_within(now, days_after, *, most):
    """Ids of the sales that are over for no longer than `days_after(page)`, which never exceeds `most` days."""
    since = now - timedelta(days=most) - ONE_NIGHT
    recent = Q(starts_at__gt=since) | Q(page__ends_at__gt=since) | Q(page__status=EventStatus.POSTPONED)
    sales = EventSale.objects.filter(recent).select_related("page").defer(*availability.unneeded_page_fields("page"))
    ends = ((sale, performance_end_of(sale)) for sale in sales)
    return [sale.pk for sale, end in ends if end is None or end + timedelta(days=days_after(sale.page)) > now]
