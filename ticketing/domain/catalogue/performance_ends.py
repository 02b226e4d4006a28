"""When what a sale admits to is over, and which sales are not yet, or not for long."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from ticketing.models import EventSale

ONE_NIGHT = timedelta(days=1)


def performance_end_of(sale):
    """When its date is over, of a pass the last one, aware UTC; None while one of them waits for a new date."""
    return sale.schedule.ends_at


def list_recent_sales(now, *, days=0):
    """Ids of the sales that are over for no longer than so many days."""
    return list(EventSale.objects.filter(filter_not_over(now - timedelta(days=days))).values_list("pk", flat=True))


def filter_not_over(moment, sale=""):
    """The condition that what a sale admits to is not over at `moment`; `sale` leads there from the rows asked for,
    “sale__”. Of a pass each date counts."""
    of_page = Performance.objects.filter(_filter_late(moment), page=OuterRef(f"{sale}page"))
    return _filter_late(moment, f"{sale}performance__") | Q(Exists(of_page), **{f"{sale}performance": None})


def list_sales_ended_between(first, last):
    """Ids of the sales that were over from `first` to `last`, and of passes of which one date was."""
    dates = Performance.objects.filter(ends_at__range=(first, last)).order_by()
    sales = EventSale.objects.order_by().values_list("pk", flat=True)
    passes = sales.filter(performance=None, page__in=list(dates.values_list("page", flat=True).distinct()))
    return [*sales.filter(performance__in=list(dates.values_list("pk", flat=True))), *passes]


def _filter_late(moment, date=""):
    return Q(**{f"{date}ends_at__gt": moment}) | Q(**{f"{date}status": PerformanceStatus.POSTPONED})
