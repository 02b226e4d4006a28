"""Merchant credentials: the site's own key and connected accounts' tokens, and the clients that use them."""

import logging
import time
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from common.rows import copy_fields
from payments import time_limits
from payments.domain.merchants import status, token_encryption
from payments.domain.merchants.token_encryption import UndecryptableToken
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from payments.provider import InvalidGrant, NotAsked, ProviderError, Unauthorised
from payments.sumup.bulkhead import Bulkhead, RateLimit
from payments.sumup.client import Client, is_sumup_address
from payments.sumup.oauth import OAuthApp

logger = logging.getLogger(__name__)

DEMO_CREDENTIALS = ("sup_sk_demo", "at_sim_", "cc_sk_sim_demo")
NO_CREDENTIAL, LIVE_KEY = "NO_CREDENTIAL", "LIVE_KEY"
OWN_REFUSALS = {NO_CREDENTIAL, LIVE_KEY}  # refusals of our own, which no new token mends
RENEW_AHEAD = timedelta(minutes=5)
REFRESH_LEASE = timedelta(seconds=40)  # longer than a call to SumUp can take
REFRESH_SECONDS = 5  # seconds that a worker waits for fresh tokens: the old refresh token stays good
CONNECTING = "connecting"  # whose calls those are that no merchant is known for yet
REFRESH_PAUSE = timedelta(seconds=10)  # after a refresh that SumUp did not answer
REFRESH_PATIENCE = 4  # seconds to wait for another worker's refresh
CREDENTIAL_FIELDS = (
    "status",
    "status_reason",
    "access_token",
    "refresh_token",
    "token_expires_at",
    "renewing_until",
    "scope",
)


def get_default_merchant():
    code = settings.SUMUP_MERCHANT_CODE
    if not code or not settings.SUMUP_API_KEY:
        return None
    defaults = {"name": settings.WAGTAIL_SITE_NAME, "currency": settings.CURRENCY}
    return MerchantAccount.objects.get_or_create(merchant_code=code, defaults=defaults)[0]


def is_provider_silent(merchant):
    """Whether the last call about this merchant brought no answer in time. Reads a local file, asks nobody."""
    return _cached_bulkhead(settings.RUN_DIR, merchant.merchant_code).is_strained


def get_oauth_app(merchant=None):
    if not settings.SUMUP_CLIENT_ID or not settings.SUMUP_CLIENT_SECRET:
        return None
    if key_would_leak(settings.SUMUP_CLIENT_SECRET, settings.SUMUP_API_URL):
        return None
    bulkhead = _cached_bulkhead(settings.RUN_DIR, merchant.merchant_code if merchant else CONNECTING)
    return OAuthApp(settings.SUMUP_API_URL, settings.SUMUP_CLIENT_ID, settings.SUMUP_CLIENT_SECRET, bulkhead)


def get_client(merchant):
    """A client that acts for this merchant; one per process and credential, safe to share between threads.

    Reads the loaded row only: no query, no call. Raises `Unauthorised` without a credential, when the merchant is not
    connected, or when a live credential would go to a stand-in.
    """
    if merchant.status != MerchantStatus.CONNECTED:
        raise Unauthorised("the merchant is not connected", code=NO_CREDENTIAL)
    return get_client_to_check(merchant)


def get_client_to_check(merchant):
    return build_client(_find_credential(merchant), of=merchant.merchant_code)


def build_client(credential, *, of=CONNECTING):
    """A client for a key or token in clear. `of`: the merchant code its calls count for. Raises `Unauthorised`."""
    if key_would_leak(credential, settings.SUMUP_API_URL):
        raise Unauthorised("a live key is only sent to SumUp", code=LIVE_KEY)
    pace = _cached_rate_limit(settings.SUMUP_MAX_REQUESTS_PER_SECOND)
    return _cached_client(settings.SUMUP_API_URL, credential, _cached_bulkhead(settings.RUN_DIR, of), pace)


def key_would_leak(key, url):
    return bool(key) and not is_sumup_address(url) and not key.startswith(DEMO_CREDENTIALS)


def is_stand_in(url):
    return not is_sumup_address(url)


def is_site_merchant(merchant):
    return merchant.kind == MerchantKind.API_KEY and merchant.merchant_code == settings.SUMUP_MERCHANT_CODE


def renew_expiring_tokens(merchants):
    """Renews tokens that expire within five minutes and updates these rows in place. Never raises.

    Call it in the main thread before threads ask: several rows of one merchant cost one renewal.
    """
    early = timezone.now() + RENEW_AHEAD
    for same in _by_merchant(merchants):
        first = same[0]
        if _is_connected(first) and (first.token_expires_at is None or first.token_expires_at <= early):
            can_go_on = _still_valid(first) or is_provider_silent(first)
            _refresh_tokens(first, patience=0 if can_go_on else REFRESH_PATIENCE)
            _copy_credential(first, same)


def renew_refused_token(merchant, *, refused):
    """After a 401 (`refused`): True when there is a newer token, ours or another worker's, so that one more try makes
    sense.

    False for the site's own key. A dead grant breaks the connection.
    """
    if getattr(refused, "code", "") in OWN_REFUSALS or not _is_connected(merchant):
        return False
    return _refresh_tokens(merchant, patience=REFRESH_PATIENCE)


def ask_with_renewal(merchant, question):
    """`question()`, once more after a renewal if it raises `Unauthorised`. It must call `get_client` itself.

    A new token that is refused everywhere breaks the connection. Raises what the question raises.
    """
    renew_expiring_tokens([merchant])
    try:
        return question()
    except Unauthorised as error:
        if not renew_refused_token(merchant, refused=error):
            raise
    try:
        return question()
    except Unauthorised as error:
        break_refused_connection(merchant, refused=error)
        raise


def break_refused_connection(merchant, *, refused):
    """Breaks the connection after a new token was refused (contract notes 1.3: refresh once, then flag).

    Only if the merchant's profile is refused too: one address that answers 401 for a reason of its own must not close
    the sales.
    """
    if merchant.kind != MerchantKind.OAUTH or refused.code in OWN_REFUSALS or not _is_refused_anywhere(merchant):
        return
    reason = _("SumUp refuses the connection of this account.")
    status.mark_broken(merchant, reason, access_token=merchant.access_token)


def _is_refused_anywhere(merchant):
    try:
        get_client(merchant).merchant(merchant.merchant_code)
    except Unauthorised:
        return True
    except ProviderError:
        return False
    return False


def _is_connected(merchant):
    return merchant.kind == MerchantKind.OAUTH and merchant.status == MerchantStatus.CONNECTED


def _still_valid(merchant):
    return merchant.token_expires_at is not None and merchant.token_expires_at > timezone.now() + timedelta(seconds=30)


def _by_merchant(merchants):
    found = {}
    for merchant in merchants:
        found.setdefault(merchant.pk, []).append(merchant)
    return found.values()


def _copy_credential(first, others):
    for merchant in others[1:]:
        copy_fields(merchant, **{name: getattr(first, name) for name in CREDENTIAL_FIELDS})


def _refresh_tokens(merchant, *, patience):
    known = merchant.access_token
    lease = _claim_refresh(merchant, known)
    if lease is None:
        return _await_newer_token(merchant, known, patience)
    try:
        with time_limits.call_limit(REFRESH_SECONDS):
            grant = get_oauth_app(merchant).refresh(token_encryption.decrypt_token(merchant.refresh_token))
    except (InvalidGrant, UndecryptableToken) as error:
        reason = _("SumUp ended the connection.") if isinstance(error, InvalidGrant) else _("Our key does not open it.")
        status.mark_broken(merchant, reason, forget=True, renewing_until=lease)
    except NotAsked:
        _write_under_lease(merchant, lease, renewing_until=None)
    except ProviderError as error:
        logger.warning("merchant.not_renewed merchant=%s sumup=%s", merchant.merchant_code, error)
        _write_under_lease(merchant, lease, renewing_until=timezone.now() + REFRESH_PAUSE)
    else:
        _write_under_lease(merchant, lease, renewing_until=None, **build_token_columns(grant, merchant.refresh_token))
    return _load_newer_token(merchant, known)


def build_token_columns(grant, refresh_token=""):
    """The encrypted columns for a grant. Without a new refresh token the old one, encrypted already, stays."""
    return {
        "access_token": token_encryption.encrypt_token(grant.access_token),
        "refresh_token": token_encryption.encrypt_token(grant.refresh_token) if grant.refresh_token else refresh_token,
        "token_expires_at": timezone.now() + timedelta(seconds=grant.expires_in),
        "scope": grant.scope,
    }


def _claim_refresh(merchant, known):
    if get_oauth_app() is None:
        return None
    now = timezone.now()
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    rows = MerchantAccount.objects.filter(free, pk=merchant.pk, status=MerchantStatus.CONNECTED, access_token=known)
    return now + REFRESH_LEASE if rows.update(renewing_until=now + REFRESH_LEASE) else None


def _write_under_lease(merchant, lease, **fields):
    """Only while the lease is still ours: whoever connected anew meanwhile has better tokens."""
    MerchantAccount.objects.filter(pk=merchant.pk, renewing_until=lease).update(**fields)


def _load_newer_token(merchant, known):
    fresh = MerchantAccount.objects.filter(pk=merchant.pk).values(*CREDENTIAL_FIELDS).first()
    copy_fields(merchant, **(fresh or {"status": MerchantStatus.REVOKED}))
    return _is_connected(merchant) and merchant.access_token != known


def _await_newer_token(merchant, known, patience):
    ends = time.monotonic() + (min(patience, time_limits.seconds_left()) if patience else 0)
    while not _load_newer_token(merchant, known):
        if not _is_connected(merchant) or merchant.renewing_until is None or time.monotonic() >= ends:
            return False
        time.sleep(0.1)
    return True


def _find_credential(merchant):
    if is_site_merchant(merchant) and settings.SUMUP_API_KEY:
        return settings.SUMUP_API_KEY
    if merchant.kind == MerchantKind.OAUTH and merchant.access_token:
        try:
            return token_encryption.decrypt_token(merchant.access_token)
        except UndecryptableToken:
            raise Unauthorised("the token cannot be opened", code=NO_CREDENTIAL) from None
    raise Unauthorised("no credential for this merchant", code=NO_CREDENTIAL)


@lru_cache(maxsize=256)
def _cached_client(url, key, bulkhead, pace):
    return Client(url=url, key=key, bulkhead=bulkhead, pace=pace)


@lru_cache(maxsize=1024)
def _cached_bulkhead(folder, name):
    return Bulkhead(folder, name)


@lru_cache(maxsize=4)
def _cached_rate_limit(per_second):
    return RateLimit(per_second)
