"""When what a sale admits to is over, and which sales are not yet, or not for long."""

from datetime import timedelta

from django.db.models import Q

from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from ticketing.domain.catalogue import availability
from ticketing.domain.catalogue.sale_dates import load_pass_schedules
from ticketing.models import EventSale

ONE_NIGHT = timedelta(days=1)


def performance_end_of(sale):
    """When its date is over, of a pass the last one, aware UTC; None while one of them waits for a new date."""
    return sale.schedule.ends_at


def list_recent_sales(now, *, days=0):
    return list_sales_within(now, lambda _page: days, most=days)


def list_sales_within(now, days_after, *, most):
    """Ids of the sales that are over for no longer than `days_after(page)`, which never exceeds `most` days."""
    since = now - timedelta(days=most) - ONE_NIGHT
    recent = Performance.objects.filter(Q(ends_at__gt=since) | Q(status=PerformanceStatus.POSTPONED))
    of_pages = Q(performance=None, page__in=recent.order_by().values("page"))
    sales = EventSale.objects.filter(Q(performance__in=recent.order_by().values("pk")) | of_pages)
    sales = list(sales.select_related("page", "performance").defer(*availability.unneeded_page_fields("page")))
    load_pass_schedules(sales)
    ends = ((sale, performance_end_of(sale)) for sale in sales)
    return [sale.pk for sale, end in ends if end is None or end + timedelta(days=days_after(sale.page)) > now]
