"""Status of merchants: connected, broken or revoked, who is told, and what buyers read."""

import logging

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from wagtail.log_actions import log

from common.rows import clip_text, copy_fields
from common.text.direction import isolate_text
from payments.domain.monitoring.alerts import raise_alert
from payments.enums import MerchantStatus, Severity
from payments.models import MerchantAccount, Payment

logger = logging.getLogger(__name__)

LOG_ACTION = "payments.merchant.status"
STATUS_MESSAGES = {
    MerchantStatus.BROKEN: _lazy(
        "Card payments are interrupted: the organiser has to renew their link to SumUp first."
    ),
    MerchantStatus.REVOKED: _lazy("The organiser takes no card payments at the moment."),
}
NO_TOKENS = {"access_token": "", "refresh_token": "", "token_expires_at": None, "renewing_until": None}


def mark_broken(merchant, reason, *, forget=False, **only):
    """The credential is refused. True for the one call that found out: it alerts ALERTS_EMAIL and whoever connected it.

    Stops all questions for this merchant and closes its sales. `forget` drops tokens that are dead for good; `only` are
    further conditions of the update.
    """
    fields = {"status_reason": clip_text(MerchantAccount, "status_reason", reason), "checked_at": timezone.now()}
    if forget:
        fields |= NO_TOKENS
    with transaction.atomic():
        if not change_status(merchant, MerchantStatus.BROKEN, {"status": MerchantStatus.CONNECTED, **only}, **fields):
            return False
        _alert_broken(merchant)
    return True


def mark_connected(merchant, *, by=None, **fields):
    """The credential works: sales open again, and what waited is due now. True if the merchant was not connected
    before.
    """
    now = timezone.now()
    fields = {"status_reason": "", "checked_at": now, **fields}
    with transaction.atomic():
        moved = change_status(
            merchant, MerchantStatus.CONNECTED, {"status__in": [MerchantStatus.BROKEN, MerchantStatus.REVOKED]}, by=by,
            **fields,
        )  # fmt: skip
        if moved:
            merchant.payments.filter(next_check_at__gt=now).update(next_check_at=now)
            merchant.refunds.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
        else:
            update_merchant(merchant, **fields)
    return moved


def closed_reason(merchant):
    """Why nobody can pay this merchant now, in one sentence for buyers; "" when all is well. Asks nobody."""
    return status_message(merchant.status) if merchant else ""


def status_message(status):
    return str(STATUS_MESSAGES.get(status, ""))


def change_status(merchant, status, only, *, by=None, **fields):
    """A conditional update with its audit entry, in the caller's transaction. True for the call that moved it.

    The row is saved after it: the page cache hears of a save, not of an update.
    """
    before = merchant.status
    if not MerchantAccount.objects.filter(pk=merchant.pk, **only).update(status=status, **fields):
        return False
    copy_fields(merchant, status=status, **fields)
    merchant.save(update_fields=["status"])
    log_status_change(merchant, status, before=before, by=by, reason=fields.get("status_reason", ""))
    return True


def log_status_change(merchant, status, *, before, by=None, reason=""):
    log(merchant, LOG_ACTION, user=by, data={"from": before, "to": status, "reason": reason})
    logger.warning("merchant.status merchant=%s from=%s to=%s", merchant.merchant_code, before or "-", status)


def update_merchant(merchant, **fields):
    MerchantAccount.objects.filter(pk=merchant.pk).update(**fields)
    copy_fields(merchant, **fields)


def unsettled_payments(merchant):
    return Payment.objects.filter(merchant=merchant, next_check_at__isnull=False)


def _alert_broken(merchant):
    episode = int(timezone.now().timestamp())
    raise_alert(
        f"merchant-broken:{merchant.pk}:{episode}",
        _("%(name)s is no longer connected to SumUp") % {"name": isolate_text(merchant.name)},
        severity=Severity.CRITICAL,
        text=_("%(reason)s Nobody can buy its tickets until it is connected again; no payment is lost meanwhile.")
        % {"reason": merchant.status_reason},
        path=reverse("merchants:inspect", args=[merchant.pk]),
        to=merchant.connected_by.email if merchant.connected_by else "",
    )
