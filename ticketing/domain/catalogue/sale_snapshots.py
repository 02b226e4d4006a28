"""Sale snapshots: the page, date, venues, organiser and merchant of a sale, which hundreds of buyers ask for alike.

Each process remembers them until somebody edits what visitors see (`events_pages.public.content_version`). The rows of
the sale and its ticket types, with price, limits and stock, are no part of it: whoever sells reads those.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from common import sales_mode
from events_pages.public.content_version import ContentMemory
from events_pages.public.restrictions import restriction_exists
from payments.domain.merchants import credentials
from ticketing.domain.catalogue import availability, pricing
from ticketing.models import EventSale

_snapshots = ContentMemory()
_site_merchants = ContentMemory()


@dataclass(frozen=True)
class SaleSnapshot:
    """Shared by all threads: nobody writes on its rows. `payee` is what `pricing.why_unpayable` reads."""

    page: Any
    performance: Any
    merchant: Any
    merchant_id: int | None
    payee: tuple

    def attach(self, sale):
        sale.page, sale.performance = self.page, self.performance
        if sale.merchant_id == self.merchant_id:
            sale.merchant = self.merchant
        for name, value in self.payee:
            setattr(sale, name, value)


def attach_snapshots(sales):
    """Gives sales that were loaded without them their `page` (which knows whether it `is_restricted`), `performance`
    and `merchant`: no statement for what is remembered, one for all others."""
    variant = settings.SUMUP_MERCHANT_CODE, sales_mode.is_trial()
    found = _snapshots.recall({(sale.pk, *variant) for sale in sales}, load_snapshots)
    for sale in sales:
        if snapshot := found.get((sale.pk, *variant)):
            snapshot.attach(sale)


def recall_site_merchant():
    """Who is paid for sales that name nobody; None where the site has no key of SumUp's."""
    key = settings.SUMUP_MERCHANT_CODE, bool(settings.SUMUP_API_KEY)
    return _site_merchants.recall([key], lambda keys: {key: credentials.get_default_merchant()})[key]


def load_snapshots(keys):
    payee = pricing.site_merchant_fields()
    sales = EventSale.objects.select_related("merchant", "performance__venue", "page__venue", "page__organiser")
    sales = sales.annotate(**payee, is_restricted=restriction_exists("page__path"))
    sales = sales.defer(*availability.unneeded_page_fields("page"))
    keys = {key[0]: key for key in keys}
    return {keys[sale.pk]: build_snapshot(sale, payee) for sale in sales.filter(pk__in=keys)}


def build_snapshot(sale, payee):
    sale.page.is_restricted = sale.is_restricted
    told = tuple((name, getattr(sale, name)) for name in payee)
    return SaleSnapshot(sale.page, sale.performance, sale.merchant, sale.merchant_id, told)
