"""Retention dates: how many days after a performance its buyers are kept, and the night that erases them."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from wagtail.models import Site

from events_pages.models import SiteSettings
from events_pages.public import page_cache
from ticketing.domain.catalogue.performance_ends import (
    ONE_NIGHT,
    filter_not_over,
    list_sales_ended_between,
    performance_end_of,
)

DEFAULT_RETENTION_DAYS = SiteSettings._meta.get_field("retention_days").default


def retention_days_of(page):
    roots = page_cache.cache_fragment("retention", _days_by_root)
    return next((days for root, days in roots if page.url_path.startswith(root)), DEFAULT_RETENTION_DAYS)


def erasure_date_of(lines):
    """The local date of the night that erases the buyer of these lines, of a basket or of an order, each with its sale
    and page; None while one of them waits for a new date.
    """
    sales = [getattr(line, "sale", None) or line.ticket_type.sale for line in lines]
    ends = [(performance_end_of(sale), timedelta(days=retention_days_of(sale.page))) for sale in sales]
    if not ends or any(end is None for end, _days in ends):
        return None
    return timezone.localdate(max(end + days for end, days in ends) + ONE_NIGHT)


def filter_retained(now, sale=""):
    """The condition that buyers of a sale are still kept; `sale` leads there from the rows asked for, “sale__”."""
    days_by_root = _days_by_root()
    days = {days for _root, days in days_by_root} | {DEFAULT_RETENTION_DAYS}
    if len(days) == 1:
        return _filter_kept_for(now, DEFAULT_RETENTION_DAYS, sale)
    kept, others = Q(pk__in=[]), Q()
    for root, days in days_by_root:  # the longest address first: what lies in it is of no other site
        inside = Q(**{f"{sale}page__url_path__startswith": root})
        kept |= others & inside & _filter_kept_for(now, days, sale)
        others &= ~inside
    return kept | others & _filter_kept_for(now, DEFAULT_RETENTION_DAYS, sale)


def list_lately_released_sales(now, look_back):
    days = [DEFAULT_RETENTION_DAYS, *(days for _root, days in _days_by_root())]
    first, last = now - timedelta(days=max(days)) - look_back, now - timedelta(days=min(days))
    return list_sales_ended_between(first, last)


def _filter_kept_for(now, days, sale):
    return filter_not_over(now - timedelta(days=days), sale)


def _days_by_root():
    own = dict(SiteSettings.objects.values_list("site", "retention_days"))
    roots = [(each.root_path, own.get(each.site_id, DEFAULT_RETENTION_DAYS)) for each in Site.get_site_root_paths()]
    return sorted(roots, key=lambda pair: -len(pair[0]))
