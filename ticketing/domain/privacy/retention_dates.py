"""When a performance is over, and for how many days after it a buyer's name is kept."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from wagtail.models import Site

from events_pages.enums import EventStatus
from events_pages.models import SiteSettings
from events_pages.public import page_cache
from events_pages.querysets import USUAL_LENGTH
from ticketing.domain.catalogue import availability
from ticketing.models import EventSale

DEFAULT_RETENTION_DAYS = SiteSettings._meta.get_field("retention_days").default
ONE_NIGHT = timedelta(days=1)


def ended_at(sale):
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


def retention_days_of(page):
    """`SiteSettings.retention_days` of the site that the page belongs to."""
    roots = page_cache.remember_piece("retention", _days_by_root)
    return next((days for root, days in roots if page.url_path.startswith(root)), DEFAULT_RETENTION_DAYS)


def erasure_date_of(lines):
    """The local date of the night that erases the buyer of these lines, of a basket or of an order, each with its
    sale and page; None while one of them waits for a new date.
    """
    sales = [getattr(line, "sale", None) or line.ticket_type.sale for line in lines]
    ends = [(ended_at(sale), timedelta(days=retention_days_of(sale.page))) for sale in sales]
    if not ends or any(end is None for end, _days in ends):
        return None
    return timezone.localdate(max(end + days for end, days in ends) + ONE_NIGHT)


def not_over(now):
    """Ids of the performances still to come or not over."""
    return _sales_until(now, lambda _page: 0)


def list_retained_sales(now):
    """Ids of the performances whose buyers are kept: not over, or not for long enough."""
    return _sales_until(now, retention_days_of)


def over_for_at_most(days, now):
    """Ids of the performances still to come, not over, or over for no longer than that."""
    return _sales_until(now, lambda _page: days, most=days)


def _sales_until(now, days_after, *, most=DEFAULT_RETENTION_DAYS):
    longest = max([DEFAULT_RETENTION_DAYS, most, *(days for _root, days in _days_by_root())])
    since = now - timedelta(days=longest) - ONE_NIGHT
    recent = Q(starts_at__gt=since) | Q(page__ends_at__gt=since) | Q(page__status=EventStatus.POSTPONED)
    sales = EventSale.objects.filter(recent).select_related("page").defer(*availability.unneeded_page_fields("page"))
    ends = ((sale, ended_at(sale)) for sale in sales)
    return [sale.pk for sale, end in ends if end is None or end + timedelta(days=days_after(sale.page)) > now]


def _days_by_root():
    """(where a site's pages begin, its days), the longest root first."""
    own = dict(SiteSettings.objects.values_list("site", "retention_days"))
    roots = [(each.root_path, own.get(each.site_id, DEFAULT_RETENTION_DAYS)) for each in Site.get_site_root_paths()]
    return sorted(roots, key=lambda pair: -len(pair[0]))
