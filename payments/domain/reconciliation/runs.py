"""Reconciliation runs: SumUp's own list of each merchant, day by day, against our payments, refunds and orders."""

import logging
from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.rows import clip_text
from common.text.typed_dates import format_moment
from payments.domain.monitoring import alerts, health
from payments.domain.reconciliation import comparison, days, discrepancies, manual_payments, movements, recheck
from payments.domain.verification import polling_pause
from payments.enums import (
    CLOCK_TOLERANCE,
    CycleKind,
    DiscrepancyKind,
    DiscrepancyState,
    Explanation,
    MerchantStatus,
    MovementKind,
)
from payments.models import Discrepancy, MerchantAccount, Payment, ReconciliationRun
from payments.money import ZERO, format_amount
from payments.provider import ProviderError

logger = logging.getLogger(__name__)

WHOLE_DAYS = 3  # that each night reads again
LOOK_BACK = timedelta(days=31)  # an unfinished day is tried again for so long
PATIENCE = timedelta(hours=4)  # with an outage, before people hear of it
ACTIVE = timedelta(days=14)
DEDUCTIONS = (
    MovementKind.CHARGE_BACK_DEDUCTION,
    MovementKind.REFUND_DEDUCTION,
    MovementKind.DD_RETURN_DEDUCTION,
    MovementKind.BALANCE_DEDUCTION,
)
UNMATCHED_KINDS = (DiscrepancyKind.UNMATCHED, DiscrepancyKind.STATUS)


def reconcile_day(merchant, day):
    """Reads this local day at SumUp and compares it. Returns its `ReconciliationRun`; never raises `ProviderError`.

    What could not be read leaves the run unfinished with the reason: it is tried again each hour and never passes for
    a good day. Running it again changes nothing but the times. Talks HTTP: never inside a transaction.
    """
    try:
        imported = movements.import_movements(merchant, first=day)
    except ProviderError as error:
        return _record_unread_day(merchant, day, error)
    recheck.recheck_refunds(imported.refunded_elsewhere)
    return compare_day(merchant, day)


def compare_day(merchant, day):
    """Compares the day with SumUp's list as last read. What differs is verified first, then written. Talks HTTP."""
    began = timezone.now()
    recheck.recheck_day(merchant, day)
    seen = comparison.MerchantDay(merchant, day)
    discrepancies.record_findings(merchant, day, comparison.find_discrepancies(seen))
    fields = {"started_at": began, "finished_at": timezone.now(), "error": "", **_figures(seen)}
    return ReconciliationRun.objects.update_or_create(merchant=merchant, day=day, defaults=fields)[0]


def update_open_sums(merchant, day):
    sums = _open_sums(merchant, day)
    ReconciliationRun.objects.filter(merchant=merchant, day=day).update(**sums)


def reconcile_hourly():
    return _reconcile_merchants(_reconcile_changes)


def reconcile_nightly():
    """The last whole days again, every day without a report since the last one, and fees that no payout named yet."""
    return _reconcile_merchants(_reconcile_days)


def describe_run(run):
    parts = [
        ngettext("%(count)d payment", "%(count)d payments", run.payments) % {"count": run.payments},
        ngettext("%(count)d order", "%(count)d orders", run.orders) % {"count": run.orders},
        _("%(money)s unmatched") % {"money": format_amount(run.unmatched, run.merchant.currency)},
    ]
    if run.open_discrepancies:
        parts.append(
            ngettext("%(count)d open discrepancy", "%(count)d open discrepancies", run.open_discrepancies)
            % {"count": run.open_discrepancies}
        )
    if run.finished_at is None:
        parts.append(_("not read to the end: %(error)s") % {"error": run.error or _("still under way")})
    return ", ".join(parts)


def list_reconciled_merchants():
    """Every merchant that ever had a payment, less those disconnected and without a new payment for ACTIVE."""
    recent = Payment.objects.filter(Q(created_at__gte=timezone.now() - ACTIVE)).values("merchant")
    ever = MerchantAccount.objects.filter(pk__in=Payment.objects.values("merchant"))
    return ever.filter(Q(status=MerchantStatus.CONNECTED) | Q(pk__in=recent)).order_by("pk")


def _reconcile_merchants(one):
    began, items, errors = timezone.now(), 0, 0
    manual_payments.alert_overdue_manual_payments()
    if polling_pause.is_paused():
        return errors  # unchecked payments would be reported as money of nobody
    for merchant in list_reconciled_merchants():
        try:
            items += one(merchant)
        except ProviderError as error:
            errors += 1
            _record_unread_day(merchant, timezone.localdate(), error)
            _record_unread_day(merchant, timezone.localdate() - timedelta(days=1), error)
        except Exception:  # a bug about one merchant may not hide the others' money; it is tried again
            logger.exception("reconciliation.failed merchant=%s", merchant.merchant_code)
            errors += 1
    health.record_cycle(CycleKind.SWEEP, started_at=began, items=items, errors=errors)
    return errors


def _reconcile_changes(merchant):
    began = timezone.now()
    since = (merchant.walked_until or began - timedelta(days=WHOLE_DAYS)) - CLOCK_TOLERANCE
    imported = movements.import_movements(merchant, since=since)
    recheck.recheck_refunds(imported.refunded_elsewhere)
    MerchantAccount.objects.filter(pk=merchant.pk).update(walked_until=began)
    today = timezone.localdate()
    for day in _unfinished_days(merchant, before=today - timedelta(days=1)):
        reconcile_day(merchant, day)
    for day in sorted({today - timedelta(days=1), today, *manual_payments.days_with_manual_payments(merchant)}):
        compare_day(merchant, day)
    return imported.items


def _reconcile_days(merchant):
    today = timezone.localdate()
    first = _first_day_due(merchant, today)
    imported = movements.import_movements(merchant, first=first, last=today)
    recheck.recheck_refunds(imported.refunded_elsewhere)
    movements.import_fees(merchant, since=days.day_bounds(first)[0])
    for day in sorted({*days.days_between(first, today), *manual_payments.days_with_manual_payments(merchant)}):
        compare_day(merchant, day)
    return imported.items


def _first_day_due(merchant, today):
    """Three days ago, or the day after the last good report if that is longer ago: the worker may have been off."""
    runs = ReconciliationRun.objects.filter(merchant=merchant, day__gte=today - LOOK_BACK)
    last = runs.exclude(finished_at=None).order_by("day").values_list("day", flat=True).last()
    unfinished = runs.filter(finished_at=None).order_by("day").values_list("day", flat=True).first()
    due = [today - timedelta(days=WHOLE_DAYS), unfinished or today, last + timedelta(days=1) if last else today]
    return max(min(due), today - LOOK_BACK)


def _unfinished_days(merchant, *, before):
    runs = ReconciliationRun.objects.filter(merchant=merchant, finished_at=None, day__lt=before)
    return list(runs.filter(day__gte=before - LOOK_BACK).order_by("day").values_list("day", flat=True))


def _record_unread_day(merchant, day, error):
    """The day is not finished, and says so. After hours of that people hear of it, once a day."""
    fields = {"error": clip_text(ReconciliationRun, "error", error), "finished_at": None, "started_at": timezone.now()}
    logger.warning("reconciliation.unread merchant=%s day=%s sumup=%s", merchant.merchant_code, day, error)
    run = ReconciliationRun.objects.update_or_create(merchant=merchant, day=day, defaults=fields)[0]
    since = merchant.walked_until or merchant.created_at
    if since < timezone.now() - PATIENCE:
        alerts.raise_alert(
            f"unread:{merchant.pk}:{timezone.localdate()}",
            _("SumUp’s list of %(merchant)s cannot be read") % {"merchant": merchant},
            text=_("Last read %(when)s. What SumUp answers: %(error)s.")
            % {"when": format_moment(since), "error": error},
        )
    return run


def _figures(seen):
    """All of it about our own payments; what the account takes elsewhere is in `not_ours` and `unmatched` only."""
    paid_out = _sum(seen.of(MovementKind.PAYOUT)) - _sum(seen.of(*DEDUCTIONS))
    subjects = {sale.payment.subject for sale in seen.ours if seen.is_settled(sale.payment)}
    return dict(
        payments=len({sale.payment_id for sale in seen.ours}),
        orders=len(subjects),
        gross=_sum(seen.ours),
        refunded=_sum(seen.of(MovementKind.REFUND)),
        charged_back=_sum(seen.of(MovementKind.CHARGE_BACK)),
        fees=sum((sale.fee or ZERO for sale in seen.ours), ZERO),
        paid_out=paid_out,
        **_open_sums(seen.merchant, seen.day),
    )


def _open_sums(merchant, day):
    rows = Discrepancy.objects.filter(merchant=merchant, day=day)
    is_open = Q(state=DiscrepancyState.OPEN)
    return rows.aggregate(
        unmatched=Sum("amount", filter=is_open & Q(kind__in=UNMATCHED_KINDS), default=ZERO),
        not_ours=Sum("amount", filter=Q(explanation=Explanation.NOT_OURS), default=ZERO),
        open_discrepancies=Count("pk", filter=is_open),
    )


def _sum(movements):
    return sum((movement.amount for movement in movements), ZERO)
