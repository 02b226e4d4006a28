"""Connecting a merchant account by OAuth: consent, tokens, choice of account, row (contract notes 1.3, 3.6).

Between two requests everything lies in the session of the person who began: `state` and PKCE verifier until they
return, the encrypted tokens until they have chosen. Each works once and for ten minutes.
"""

import hashlib
import secrets
import time
from dataclasses import asdict, dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime

from payments.domain.merchants import credentials, status, token_encryption
from payments.domain.merchants.connect_errors import ConnectionRefusal, Reason
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from payments.provider import InvalidGrant, ProviderError

PENDING = "sumup_connecting"
USED_STATE = "sumup_connected_with"
CHOICE = "sumup_choice"
LIFE_SECONDS = 600  # seconds
VERIFIER_BYTES = 48
GROUP_PERMISSION = {"permissions__content_type__app_label": "payments", "permissions__codename": "add_merchantaccount"}


@dataclass(frozen=True)
class OfferedAccount:
    """A merchant that may be connected; `sandbox` None when the provider does not say."""

    merchant_code: str
    name: str
    sandbox: bool | None


def build_redirect_uri():
    return f"{settings.SITE_URL}{reverse('payments:connect-return')}"


def list_connectable_groups(user):
    groups = Group.objects.filter(**GROUP_PERMISSION).order_by("name").distinct()
    return groups if user.is_superuser else groups.filter(user=user)


def begin_consent(session, *, user):
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(VERIFIER_BYTES)
    session[PENDING] = {"state": state, "verifier": verifier, "user": user.pk, "at": int(time.time())}
    session.pop(CHOICE, None)
    return credentials.get_oauth_app().authorize_url(redirect_uri=build_redirect_uri(), state=state, verifier=verifier)


def finish_consent(session, *, user, state, code, error):
    """The accounts to choose from, after consent. Raises `ConnectionRefusal`.

    `state` is compared in constant time and used up by the first try, whatever it brings.
    """
    verifier = _take_verifier(session, user=user, state=state)
    if error or not code:
        raise ConnectionRefusal(Reason.DENIED if error == "access_denied" else Reason.REFUSED)
    grant = _exchange_code(code, verifier)
    if not grant.may_collect:
        raise ConnectionRefusal(Reason.SCOPE)
    offered = _fetch_accounts(grant)
    kept = credentials.build_token_columns(grant)
    kept["token_expires_at"] = kept["token_expires_at"].isoformat()
    session[CHOICE] = {
        "grant": kept,
        "user": user.pk,
        "at": int(time.time()),
        "offered": [asdict(each) for each in offered],
    }
    return offered


def get_offered_accounts(session, *, user):
    return [OfferedAccount(**each) for each in _get_choice(session, user)["offered"]]


def find_only_choice(offered, user):
    """(merchant code, group) when there is nothing to choose, else None."""
    groups = [] if user.is_superuser else list(list_connectable_groups(user)[:2])
    return (offered[0].merchant_code, groups[0]) if len(offered) == len(groups) == 1 else None


def connect_account(session, *, user, merchant_code, group):
    """Connects the chosen account to the group (None: administrators alone). Returns the MerchantAccount.

    Asks the provider first: the currency must be the site's. Raises `ConnectionRefusal`; after one that another choice
    can put right the choice stays open.
    """
    choice = _get_choice(session, user)
    if merchant_code not in {each["merchant_code"] for each in choice["offered"]}:
        raise ConnectionRefusal(Reason.NOT_OFFERED)
    if group is None and not user.is_superuser:
        raise ConnectionRefusal(Reason.NO_GROUP)
    if group is not None and not list_connectable_groups(user).filter(pk=group.pk).exists():
        raise ConnectionRefusal(Reason.NO_GROUP)
    profile = _fetch_profile(choice["grant"], merchant_code)
    grant = choice["grant"] | {"token_expires_at": parse_datetime(choice["grant"]["token_expires_at"])}
    try:
        merchant = _save_merchant(profile, grant, user=user, group=group)
    except IntegrityError:
        raise ConnectionRefusal(Reason.TRY_AGAIN) from None
    session.pop(CHOICE, None)
    return merchant


def _take_verifier(session, *, user, state):
    pending = session.pop(PENDING, None)
    digest = hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()
    if pending is None or not constant_time_compare(pending["state"], state):
        replayed = constant_time_compare(session.get(USED_STATE, ""), digest)
        raise ConnectionRefusal(Reason.REPLAYED if replayed else Reason.FOREIGN)
    session[USED_STATE] = digest
    if pending["user"] != user.pk:
        raise ConnectionRefusal(Reason.FOREIGN)
    if not _is_fresh(pending):
        raise ConnectionRefusal(Reason.EXPIRED)
    return pending["verifier"]


def _is_fresh(kept):
    return 0 <= time.time() - kept["at"] <= LIFE_SECONDS


def _exchange_code(code, verifier):
    try:
        return credentials.get_oauth_app().exchange(code=code, redirect_uri=build_redirect_uri(), verifier=verifier)
    except InvalidGrant:
        raise ConnectionRefusal(Reason.EXPIRED) from None
    except ProviderError as error:
        raise ConnectionRefusal(Reason.REFUSED if error.permanent else Reason.TRY_AGAIN) from None


def _fetch_accounts(grant):
    try:
        memberships = credentials.build_client(grant.access_token).memberships()
    except ProviderError:
        raise ConnectionRefusal(Reason.TRY_AGAIN) from None
    if not memberships:
        raise ConnectionRefusal(Reason.NO_MERCHANT)
    return [OfferedAccount(each.merchant_code, each.name, each.sandbox) for each in memberships]


def _get_choice(session, user):
    choice = session.get(CHOICE)
    if not choice or choice["user"] != user.pk or not _is_fresh(choice):
        session.pop(CHOICE, None)
        raise ConnectionRefusal(Reason.EXPIRED)
    return choice


def _fetch_profile(grant, merchant_code):
    try:
        token = token_encryption.decrypt_token(grant["access_token"])
        profile = credentials.build_client(token).merchant(merchant_code)
    except (ProviderError, token_encryption.UndecryptableToken):
        raise ConnectionRefusal(Reason.TRY_AGAIN) from None
    if profile.code != merchant_code:
        raise ConnectionRefusal(Reason.NOT_OFFERED)
    if profile.currency != settings.CURRENCY:
        words = {"name": profile.name, "theirs": profile.currency, "ours": settings.CURRENCY}
        raise ConnectionRefusal(Reason.CURRENCY, **words)
    return profile


def _save_merchant(profile, grant, *, user, group):
    """A new row, or the same merchant's old one: what points at it stays."""
    now = timezone.now()
    fields = grant | {
        "kind": MerchantKind.OAUTH,
        "currency": profile.currency,
        "sandbox": profile.sandbox,
        "connected_by": user,
        "connected_at": now,
        "renewing_until": None,
        "checked_at": now,
    }
    with transaction.atomic():
        merchant = MerchantAccount.objects.select_for_update().filter(merchant_code=profile.code).first()
        if merchant is None:
            _refuse_site_merchant(profile.code)
            merchant = MerchantAccount.objects.create(
                merchant_code=profile.code, name=profile.name[:120], group=group, **fields
            )
            status.log_status_change(merchant, MerchantStatus.CONNECTED, before="", by=user)
            return merchant
        _check_owner(merchant, user)
        if not status.mark_connected(merchant, by=user, **fields):
            status.log_status_change(merchant, MerchantStatus.CONNECTED, before=MerchantStatus.CONNECTED, by=user)
    return merchant


def _refuse_site_merchant(merchant_code):
    if merchant_code == settings.SUMUP_MERCHANT_CODE:
        raise ConnectionRefusal(Reason.OWN)


def _check_owner(merchant, user):
    """Only an administrator may move an account to another group."""
    _refuse_site_merchant(merchant.merchant_code)
    if not user.is_superuser and not user.groups.filter(pk=merchant.group_id).exists():
        raise ConnectionRefusal(Reason.TAKEN)
