"""Whose money it is, and with which credential we ask SumUp about it."""

from functools import lru_cache

from django.conf import settings

from payments.enums import MerchantKind
from payments.models import MerchantAccount
from payments.sumup.client import Client, is_sumup
from payments.sumup.errors import Unauthorised
from payments.sumup.pacing import Pace

DEMO_KEY = "sup_sk_demo"


def default_merchant():
    """The site's own account, from SUMUP_MERCHANT_CODE; made on first use. None when payments are not set up."""
    code = settings.SUMUP_MERCHANT_CODE
    if not code or not settings.SUMUP_API_KEY:
        return None
    defaults = {"name": settings.WAGTAIL_SITE_NAME, "currency": settings.CURRENCY}
    return MerchantAccount.objects.get_or_create(merchant_code=code, defaults=defaults)[0]


def client_for(merchant):
    """A client that may speak for this merchant; one per process, safe to share between threads.

    Raises `Unauthorised` when we hold no credential for the merchant, or when a live key would leave for a host
    that is not SumUp's.
    """
    own = merchant.kind == MerchantKind.API_KEY and merchant.merchant_code == settings.SUMUP_MERCHANT_CODE
    if not own or not settings.SUMUP_API_KEY:
        raise Unauthorised("no credential for this merchant", code="NO_CREDENTIAL")
    if key_would_leak(settings.SUMUP_API_KEY, settings.SUMUP_API_URL):
        raise Unauthorised("a live key is only sent to SumUp", code="LIVE_KEY")
    return _client(settings.SUMUP_API_URL, settings.SUMUP_API_KEY, _pace(settings.SUMUP_MAX_REQUESTS_PER_SECOND))


def key_would_leak(key, url):
    return bool(key) and not is_sumup(url) and not key.startswith(DEMO_KEY)


@lru_cache(maxsize=16)
def _client(url, key, pace):
    return Client(url=url, key=key, pace=pace)


@lru_cache(maxsize=4)
def _pace(per_second):
    return Pace(per_second)
