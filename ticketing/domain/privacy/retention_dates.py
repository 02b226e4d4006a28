"""Retention dates: how many days after a performance its buyers are kept, and the night that erases them."""

from datetime import timedelta

from django.utils import timezone
from wagtail.models import Site

from events_pages.models import SiteSettings
from events_pages.public import page_cache
from ticketing.domain.catalogue.performance_ends import ONE_NIGHT, list_sales_within, performance_end_of

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


def list_retained_sales(now):
    longest = max([DEFAULT_RETENTION_DAYS, *(days for _root, days in _days_by_root())])
    return list_sales_within(now, retention_days_of, most=longest)


def _days_by_root():
    own = dict(SiteSettings.objects.values_list("site", "retention_days"))
    roots = [(each.root_path, own.get(each.site_id, DEFAULT_RETENTION_DAYS)) for each in Site.get_site_root_paths()]
    return sorted(roots, key=lambda pair: -len(pair[0]))
