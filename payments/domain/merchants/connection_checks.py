"""Checks of merchants' connections: which work, which are broken; disconnecting and re-encrypting."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from payments import time_limits
from payments.domain.merchants import credentials, status, token_encryption
from payments.domain.merchants.connect_errors import ConnectionRefusal, Reason
from payments.enums import MerchantKind, MerchantStatus, RefundState
from payments.models import MerchantAccount
from payments.provider import InvalidGrant, ProviderError, Unauthorised

logger = logging.getLogger(__name__)

CLOSED_REFUND_STATES = [RefundState.PROVED, RefundState.FAILED, RefundState.CANCELLED]
CALL_SECONDS = 5  # seconds for each call: one silent account after the other is checked by one thread
CHECK_INTERVAL = timedelta(minutes=10)  # several workers tick at once: one check is enough


def check_connection(merchant):
    """Asks who the merchant is and writes down the result; True when it answers as it should.

    A dead connection is marked broken, one that works again is marked connected; the site's own key is broken after
    two refusals in a row. HTTP: never inside a transaction.
    """
    if merchant.status == MerchantStatus.REVOKED:
        return False
    try:
        with time_limits.call_limit(CALL_SECONDS):
            _refresh_broken_tokens(merchant)
            profile = credentials.ask_with_renewal(merchant, lambda: _fetch_profile(merchant))
    except Unauthorised as error:
        _note_refusal(merchant, error)
        return False
    except ProviderError as error:
        _note_no_answer(merchant, error)
        return False
    status.mark_connected(merchant, sandbox=profile.sandbox)
    return True


def check_all_connections():
    """Checks every account that is not revoked, each by one worker only. Returns (good, bad)."""
    credentials.get_default_merchant()
    good = bad = 0
    for merchant in filter(_has_credential, MerchantAccount.objects.exclude(status=MerchantStatus.REVOKED)):
        rested = MerchantAccount.objects.filter(pk=merchant.pk).exclude(checked_at__gt=timezone.now() - CHECK_INTERVAL)
        if rested.update(checked_at=timezone.now()):
            fine = check_connection(merchant)
            good, bad = good + fine, bad + (not fine)
    return good, bad


def disconnect_merchant(merchant, *, by):
    """Forgets the tokens. Raises `ConnectionRefusal` while payments are open or refunds are on their way.

    The row is locked: a payment that is being made either counts here or finds the account revoked.
    """
    with transaction.atomic():
        merchant = MerchantAccount.objects.select_for_update().get(pk=merchant.pk)
        if merchant.kind != MerchantKind.OAUTH:
            raise ConnectionRefusal(Reason.OWN_KEY)
        if count := status.unsettled_payments(merchant).count():
            raise ConnectionRefusal(Reason.OPEN_PAYMENTS, count=count)
        if count := merchant.refunds.exclude(state__in=CLOSED_REFUND_STATES).count():
            raise ConnectionRefusal(Reason.OPEN_REFUNDS, count=count)
        not_yet = {"status__in": [MerchantStatus.CONNECTED, MerchantStatus.BROKEN]}
        reason = _("Disconnected here.")
        status.change_status(
            merchant, MerchantStatus.REVOKED, not_yet, by=by, status_reason=reason, scope="", **status.NO_TOKENS
        )
    return merchant


def site_merchant_status():
    own = MerchantAccount.objects.filter(merchant_code=settings.SUMUP_MERCHANT_CODE)
    return Subquery(own.values("status")[:1])


def site_merchant_sandbox():
    return Subquery(MerchantAccount.objects.filter(merchant_code=settings.SUMUP_MERCHANT_CODE).values("sandbox")[:1])


def reencrypt_tokens():
    """Puts every token under the first key. Returns (rewritten, unchanged, lost); a lost one breaks its connection."""
    rewritten = current = lost = 0
    for merchant in MerchantAccount.objects.exclude(access_token="", refresh_token=""):
        before = {name: getattr(merchant, name) for name in ("access_token", "refresh_token")}
        try:
            after = {name: _reencrypt_if_needed(value) for name, value in before.items()}
        except token_encryption.UndecryptableToken:
            status.mark_broken(merchant, _("None of our keys opens the stored tokens."), forget=True)
            lost += 1
            continue
        if after == before:
            current += 1
        elif MerchantAccount.objects.filter(pk=merchant.pk, **before).update(**after):
            rewritten += 1  # else somebody renewed them meanwhile: under the first key
    return rewritten, current, lost


def _fetch_profile(merchant):
    return credentials.get_client_to_check(merchant).merchant(merchant.merchant_code)


def _has_credential(merchant):
    return merchant.kind == MerchantKind.OAUTH or credentials.is_site_merchant(merchant)


def _reencrypt_if_needed(stored):
    if not stored or token_encryption.is_under_first_key(stored):
        return stored
    return token_encryption.reencrypt_token(stored)


def _refresh_broken_tokens(merchant):
    if merchant.kind != MerchantKind.OAUTH or merchant.status != MerchantStatus.BROKEN or not merchant.refresh_token:
        return
    try:
        grant = credentials.get_oauth_app(merchant).refresh(token_encryption.decrypt_token(merchant.refresh_token))
    except (InvalidGrant, token_encryption.UndecryptableToken):
        status.update_merchant(merchant, **status.NO_TOKENS)
        return
    status.update_merchant(merchant, **credentials.build_token_columns(grant, merchant.refresh_token))


def _note_refusal(merchant, error):
    reason = _("SumUp refused the key of the site.")
    if merchant.status != MerchantStatus.CONNECTED:
        status.update_merchant(merchant, checked_at=timezone.now())
    elif merchant.kind == MerchantKind.OAUTH and error.code == credentials.NO_CREDENTIAL:
        status.mark_broken(merchant, _("None of our keys opens the stored tokens."))
    elif error.code in credentials.OWN_REFUSALS:
        status.update_merchant(merchant, checked_at=timezone.now(), status_reason=_("We hold no key for this account."))
    elif merchant.kind == MerchantKind.API_KEY and merchant.status_reason == reason:
        status.mark_broken(merchant, reason)
    else:
        status.update_merchant(merchant, checked_at=timezone.now(), status_reason=reason)


def _note_no_answer(merchant, error):
    logger.warning("merchant.unchecked merchant=%s sumup=%s", merchant.merchant_code, error)
    kept = merchant.status_reason if merchant.status == MerchantStatus.BROKEN else _("SumUp did not answer properly.")
    status.update_merchant(merchant, checked_at=timezone.now(), status_reason=kept)
