"""The health of connected accounts: checked, broken, mended, taken apart."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.domain import accounts, outages, tokens
from payments.domain.refusals import ConnectionRefusal, Reason
from payments.enums import MerchantKind, MerchantStatus, RefundState
from payments.models import MerchantAccount
from payments.sumup import time_limits
from payments.sumup.errors import InvalidGrant, SumUpError, Unauthorised

logger = logging.getLogger(__name__)

OVER = [RefundState.PROVED, RefundState.FAILED, RefundState.CANCELLED]
A_CHECK = 5  # seconds for each call: one silent account after the other is checked by one thread
REST = timedelta(minutes=10)  # several workers tick at once: one check is enough


def check(merchant):
    """Asks SumUp who the merchant is. True when it answers as it should; writes down what it said.

    A dead connection is marked broken, a broken one that works again is mended. The site's own key is broken after two
    refusals in a row. HTTP: never inside a transaction.
    """
    if merchant.status == MerchantStatus.REVOKED:
        return False
    try:
        with time_limits.at_most(A_CHECK):
            _revive(merchant)
            profile = accounts.asking(merchant, lambda: _profile(merchant))
    except Unauthorised as error:
        _refused(merchant, error)
        return False
    except SumUpError as error:
        _unknown(merchant, error)
        return False
    outages.mark_connected(merchant, sandbox=profile.sandbox)
    return True


def check_all():
    """Every account that is meant to work, each by one caller. Returns (good, bad)."""
    accounts.default_merchant()
    good = bad = 0
    for merchant in filter(_has_credential, MerchantAccount.objects.exclude(status=MerchantStatus.REVOKED)):
        rested = MerchantAccount.objects.filter(pk=merchant.pk).exclude(checked_at__gt=timezone.now() - REST)
        if rested.update(checked_at=timezone.now()):
            fine = check(merchant)
            good, bad = good + fine, bad + (not fine)
    return good, bad


def disconnect(merchant, *, by):
    """Forgets the tokens. Raises `ConnectionRefusal` while payments are open or refunds are on their way.

    The row is locked: a payment that is being made either counts here or finds the account revoked.
    """
    with transaction.atomic():
        merchant = MerchantAccount.objects.select_for_update().get(pk=merchant.pk)
        if merchant.kind != MerchantKind.OAUTH:
            raise ConnectionRefusal(Reason.OWN_KEY)
        if count := outages.owed(merchant).count():
            raise ConnectionRefusal(Reason.OPEN_PAYMENTS, count=count)
        if count := merchant.refunds.exclude(state__in=OVER).count():
            raise ConnectionRefusal(Reason.OPEN_REFUNDS, count=count)
        not_yet = {"status__in": [MerchantStatus.CONNECTED, MerchantStatus.BROKEN]}
        reason = _("Disconnected here.")
        outages.change_status(
            merchant, MerchantStatus.REVOKED, not_yet, by=by, status_reason=reason, scope="", **outages.NO_TOKENS
        )
    return merchant


def site_status():
    """The status of the site's own account as a subquery, for rows that are paid to it; None before its first use."""
    own = MerchantAccount.objects.filter(merchant_code=settings.SUMUP_MERCHANT_CODE)
    return Subquery(own.values("status")[:1])


def site_sandbox():
    """The same of whether that account is a sandbox; None until SumUp was asked."""
    return Subquery(MerchantAccount.objects.filter(merchant_code=settings.SUMUP_MERCHANT_CODE).values("sandbox")[:1])


def reencrypt():
    """Puts every token under the first key. Returns (rewritten, already so, lost); a lost one breaks its connection."""
    rewritten = current = lost = 0
    for merchant in MerchantAccount.objects.exclude(access_token="", refresh_token=""):
        before = {name: getattr(merchant, name) for name in ("access_token", "refresh_token")}
        try:
            after = {name: _under_first_key(value) for name, value in before.items()}
        except tokens.Unopenable:
            outages.mark_broken(merchant, _("None of our keys opens the stored tokens."), forget=True)
            lost += 1
            continue
        if after == before:
            current += 1
        elif MerchantAccount.objects.filter(pk=merchant.pk, **before).update(**after):
            rewritten += 1  # else somebody renewed them meanwhile: under the first key
    return rewritten, current, lost


def _profile(merchant):
    return accounts.client_to_check(merchant).merchant(merchant.merchant_code)


def _has_credential(merchant):
    """A key that was taken out of the environment is nobody's trouble."""
    return merchant.kind == MerchantKind.OAUTH or accounts.is_own(merchant)


def _under_first_key(stored):
    return stored if not stored or tokens.is_current(stored) else tokens.rotate(stored)


def _revive(merchant):
    """A broken connection whose tokens are still there may have been a passing trouble at SumUp."""
    if merchant.kind != MerchantKind.OAUTH or merchant.status != MerchantStatus.BROKEN or not merchant.refresh_token:
        return
    try:
        grant = accounts.app(merchant).refresh(tokens.decrypt(merchant.refresh_token))
    except (InvalidGrant, tokens.Unopenable):
        outages.write(merchant, **outages.NO_TOKENS)
        return
    outages.write(merchant, **accounts.stored(grant, merchant.refresh_token))


def _refused(merchant, error):
    """Once may be a mistake of SumUp's; the next time in a row it is ours."""
    reason = _("SumUp refused the key of the site.")
    if merchant.status != MerchantStatus.CONNECTED:
        outages.write(merchant, checked_at=timezone.now())
    elif merchant.kind == MerchantKind.OAUTH and error.code == accounts.NO_CREDENTIAL:
        outages.mark_broken(merchant, _("None of our keys opens the stored tokens."))
    elif error.code in accounts.OURS:
        outages.write(merchant, checked_at=timezone.now(), status_reason=_("We hold no key for this account."))
    elif merchant.kind == MerchantKind.API_KEY and merchant.status_reason == reason:
        outages.mark_broken(merchant, reason)
    else:
        outages.write(merchant, checked_at=timezone.now(), status_reason=reason)


def _unknown(merchant, error):
    logger.warning("merchant.unchecked merchant=%s sumup=%s", merchant.merchant_code, error)
    kept = merchant.status_reason if merchant.status == MerchantStatus.BROKEN else _("SumUp did not answer properly.")
    outages.write(merchant, checked_at=timezone.now(), status_reason=kept)
