"""Whose SumUp account has to do with a performance that is still to come, or was not long ago."""

from django.utils import timezone

from payments.domain.merchants import credentials
from payments.domain.reconciliation import external_refunds
from payments.models import MerchantAccount, Payment
from ticketing.domain.privacy import retention_dates
from ticketing.models import EventSale

DAYS_WATCHED = 31  # days after a performance in which buyers ask for their money, and banks take it back


def list_watched_accounts(now):
    """The accounts that were ever paid and sell, or sold, such a performance: three queries."""
    sales = EventSale.objects.filter(pk__in=retention_dates.over_for_at_most(DAYS_WATCHED, now))
    ids = set(sales.values_list("merchant", flat=True))
    if None in ids and (own := credentials.get_default_merchant()):
        ids.add(own.pk)
    paid = Payment.objects.order_by().values("merchant")
    return list(MerchantAccount.objects.filter(pk__in=ids - {None}).filter(pk__in=paid).order_by("pk"))


def record_outside_refunds():
    """What went back in SumUp's dashboard or by a bank is known within minutes, and so are its tickets."""
    return external_refunds.record_money_back(list_watched_accounts(timezone.now()))
