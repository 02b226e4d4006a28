"""Whose money it is, and with which credential we ask SumUp about it."""

import logging
import time
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from payments import time_limits
from payments.domain.merchants import status, token_encryption
from payments.domain.merchants.token_encryption import UndecryptableToken
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from payments.sumup.bulkhead import Bulkhead
from payments.sumup.client import Client, is_sumup_address
from payments.sumup.errors import InvalidGrant, NotAsked, SumUpError, Unauthorised
from payments.sumup.oauth import OAuthApp
from payments.sumup.rate_limit import RateLimit

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
    """The site's own account, from SUMUP_MERCHANT_CODE; made on first use. None when payments are not set up."""
    code = settings.SUMUP_MERCHANT_CODE
    if not code or not settings.SUMUP_API_KEY:
        return None
    defaults = {"name": settings.WAGTAIL_SITE_NAME, "currency": settings.CURRENCY}
    return MerchantAccount.objects.get_or_create(merchant_code=code, defaults=defaults)[0]


def bulkhead_of(merchant):
    """What keeps this merchant's calls from taking everybody's time. Asks nobody."""
    return _cached_bulkhead(settings.RUN_DIR, merchant.merchant_code)


def get_oauth_app(merchant=None):
    """Our app at SumUp, or None: then nobody can connect an account. `merchant`: whose tokens it is asked for."""
    if not settings.SUMUP_CLIENT_ID or not settings.SUMUP_CLIENT_SECRET:
        return None
    if key_would_leak(settings.SUMUP_CLIENT_SECRET, settings.SUMUP_API_URL):
        return None
    bulkhead = bulkhead_of(merchant) if merchant else _cached_bulkhead(settings.RUN_DIR, CONNECTING)
    return OAuthApp(settings.SUMUP_API_URL, settings.SUMUP_CLIENT_ID, settings.SUMUP_CLIENT_SECRET, bulkhead)


def get_client(merchant):
    """A client that may speak for this merchant; one per process and credential, safe to share between threads.

    Looks at the loaded row alone: no query, no call. Raises `Unauthorised` when we hold no credential for the merchant,
    when its connection is broken or revoked, or when a live one would leave for a host that is not SumUp's.
    """
    if merchant.status != MerchantStatus.CONNECTED:
        raise Unauthorised("the merchant is not connected", code=NO_CREDENTIAL)
    return get_client_to_check(merchant)


def get_client_to_check(merchant):
    """The same, whatever we think of the connection: to find out whether it works again."""
    return build_client(_find_credential(merchant), of=merchant.merchant_code)


def build_client(credential, *, of=CONNECTING):
    """A client for a key or an access token in clear, which goes to no host but SumUp's unless it is a demo one.

    `of` is the merchant code that its calls count for.
    """
    if key_would_leak(credential, settings.SUMUP_API_URL):
        raise Unauthorised("a live key is only sent to SumUp", code=LIVE_KEY)
    pace = _cached_rate_limit(settings.SUMUP_MAX_REQUESTS_PER_SECOND)
    return _cached_client(settings.SUMUP_API_URL, credential, _cached_bulkhead(settings.RUN_DIR, of), pace)


def key_would_leak(key, url):
    return bool(key) and not is_sumup_address(url) and not key.startswith(DEMO_CREDENTIALS)


def is_site_merchant(merchant):
    """Whether its credential is the key in the environment."""
    return merchant.kind == MerchantKind.API_KEY and merchant.merchant_code == settings.SUMUP_MERCHANT_CODE


def renew_expiring_tokens(merchants):
    """Renews what expires within five minutes and refreshes these rows in place. In the main thread, before others ask.

    Several rows of one merchant cost one renewal. Never raises: a merchant that could not be renewed keeps its token.
    """
    early = timezone.now() + RENEW_AHEAD
    for same in _by_merchant(merchants):
        first = same[0]
        if _is_connected(first) and (first.token_expires_at is None or first.token_expires_at <= early):
            can_go_on = _still_valid(first) or bulkhead_of(first).is_strained
            _refresh_tokens(first, patience=0 if can_go_on else REFRESH_PATIENCE)
            _copy_credential(first, same)


def renew_refused_token(merchant, *, refused):
    """SumUp answered 401 (`refused`: the error). True when there is a newer token: then ask once more.

    If another worker renewed it already, that counts. Marks the connection broken when the grant is dead. The key of
    the environment cannot be renewed: False.
    """
    if getattr(refused, "code", "") in OWN_REFUSALS or not _is_connected(merchant):
        return False
    return _refresh_tokens(merchant, patience=REFRESH_PATIENCE)


def ask_with_renewal(merchant, question):
    """`question()`, and once more after a renewal if SumUp said 401. It must call `client_for(merchant)` inside.

    Raises what the question raises. A brand-new token that is refused everywhere breaks the connection.
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
    """SumUp refused a token that it had just made (contract notes 1.3: refresh once, then flag).

    Breaks the connection only if it is refused for the plainest question too: one address of SumUp's that says 401 for
    a reason of its own must not close the sales.
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
    except SumUpError:
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
        status.copy_fields(merchant, **{name: getattr(first, name) for name in CREDENTIAL_FIELDS})


def _refresh_tokens(merchant, *, patience):
    """Under a lease on the row: of many workers one asks SumUp, and nobody holds a lock meanwhile."""
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
    except SumUpError as error:
        logger.warning("merchant.not_renewed merchant=%s sumup=%s", merchant.merchant_code, error)
        _write_under_lease(merchant, lease, renewing_until=timezone.now() + REFRESH_PAUSE)
    else:
        _write_under_lease(merchant, lease, renewing_until=None, **build_token_columns(grant, merchant.refresh_token))
    return _load_newer_token(merchant, known)


def build_token_columns(grant, refresh_token=""):
    """The columns for SumUp's tokens. Without a new refresh token the old one (encrypted already) stays."""
    return {
        "access_token": token_encryption.encrypt_token(grant.access_token),
        "refresh_token": token_encryption.encrypt_token(grant.refresh_token) if grant.refresh_token else refresh_token,
        "token_expires_at": timezone.now() + timedelta(seconds=grant.expires_in),
        "scope": grant.scope,
    }


def _claim_refresh(merchant, known):
    """The moment until which this caller alone may refresh, or None when somebody else does or did."""
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
    """Reloads the row: has it a token that works, other than `known`?"""
    fresh = MerchantAccount.objects.filter(pk=merchant.pk).values(*CREDENTIAL_FIELDS).first()
    status.copy_fields(merchant, **(fresh or {"status": MerchantStatus.REVOKED}))
    return _is_connected(merchant) and merchant.access_token != known


def _await_newer_token(merchant, known, patience):
    """True as soon as the row has another token than `known`. Waits while somebody holds the lease."""
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
