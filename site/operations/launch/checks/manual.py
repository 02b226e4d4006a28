"""Manual checks: paid, refunded, load tested, monitored. A person ticks them, with name and date."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import sales_mode
from operations.enums import ManualCheck, Urgency
from operations.launch.registry import amber, green, red, register_check
from operations.models import LaunchTick

logger = logging.getLogger(__name__)

VALID_FOR = timedelta(days=365)
TODO = {
    ManualCheck.REAL_PAYMENT: gettext_lazy("Buy a ticket with your own card, see it arrive in SumUp, then tick it."),
    ManualCheck.REAL_REFUND: gettext_lazy("Refund that ticket from its order, see the money back, then tick it."),
    ManualCheck.LOAD_TEST: gettext_lazy("Try a rush on a copy of the site (docs/operations), then tick it."),
    ManualCheck.UPTIME: gettext_lazy("Let a monitor elsewhere ask /health/ every minute and tell you, then tick it."),
}
URGENCY = {ManualCheck.REAL_PAYMENT: Urgency.MUST, ManualCheck.REAL_REFUND: Urgency.MUST}


@transaction.atomic
def record_tick(deed, *, who, done_on, note="", by=None):
    """Replaces an earlier tick of the same check, which is withdrawn."""
    withdraw_tick(deed, by=by)
    row = LaunchTick.objects.create(deed=deed, who=who, done_on=done_on, note=note, ticked_by=by)
    logger.info("launch.ticked deed=%s by=%s", deed, by.pk if by else "-")
    return row


def withdraw_tick(deed, *, by=None):
    holding = LaunchTick.objects.filter(deed=deed, withdrawn_at=None)
    withdrawn = holding.update(withdrawn_at=timezone.now(), withdrawn_by=by)
    if withdrawn:
        logger.info("launch.withdrawn deed=%s by=%s", deed, by.pk if by else "-")
    return bool(withdrawn)


def judge_tick(deed, today):
    row = LaunchTick.objects.filter(deed=deed, withdrawn_at=None).first()
    if row is None:
        colour = amber if sales_mode.is_trial() else red  # there is no real money yet
        return colour(_("Nobody has said that this was done."), TODO[deed])
    told = {"who": row.who, "when": date_format(row.done_on, "j F Y"), "note": row.note}
    words = _("%(who)s, %(when)s: %(note)s") % told if row.note else _("%(who)s, %(when)s.") % told
    if row.done_on + VALID_FOR < today:
        return amber(words, _("That is more than a year ago: do it again."))
    return green(words)


def _register_manual_check(deed):
    @register_check(deed.value, deed.label, urgency=URGENCY.get(deed, Urgency.SHOULD))
    def ticked(facts):
        return judge_tick(deed, timezone.localdate(facts.now))


for _deed in ManualCheck:
    _register_manual_check(_deed)
