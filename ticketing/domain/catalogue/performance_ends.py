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


def filter_ended_between(first, last):
    """The condition that a sale, or one date of a pass, was over from `first` to `last`."""
    dates = Performance.objects.filter(ends_at__range=(first, last)).order_by()
    return Q(performance__in=dates.values("pk")) | Q(performance=None, page__in=dates.values("page"))


def _filter_late(moment, date=""):
    return Q(**{f"{date}ends_at__gt": moment}) | Q(**{f"{date}status": PerformanceStatus.POSTPONED})
