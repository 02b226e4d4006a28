"""Figures about payments, background work and open problems, for the health page and for operators.

Where a function takes `merchants`, these are the accounts that whoever looks may see; None means all of them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import CharField, Count, Exists, F, Func, IntegerField, Max, OuterRef, Q, Sum
from django.utils import timezone

from payments.enums import (
    TAKEN_FOR_PAID,
    CycleKind,
    DiscrepancyKind,
    DiscrepancyState,
    MerchantStatus,
    PaymentState,
    RefundState,
)
from payments.models import Discrepancy, MerchantAccount, Observation, Payment, Refund, WorkerCycle

DAYS = 14
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REMEMBERED = timedelta(days=2)
KEPT = timedelta(days=14)
SILENCE = timedelta(minutes=3)  # there is a cycle a minute, each up to fifty seconds long
QUICK, LATE = 10, 600  # seconds: what buyers were promised, and what they still forgive
OBSERVED = [CycleKind.POLL, CycleKind.REFUNDS]
"""Their questions are observations too, so only the others' count is added."""


@dataclass(frozen=True)
class CycleSummary:
    """One kind of background work: when it last went well (None: not in two days), and the sums of a day."""

    label: str
    last: datetime | None = None
    rounds: int = 0
    items: int = 0
    asked: int = 0
    errors: int = 0


@dataclass(frozen=True)
class CallCounts:
    """Questions to SumUp in the last hour and day; `errors` of them got no answer in background work."""

    hour: int
    day: int
    errors_hour: int
    errors_day: int


@dataclass(frozen=True)
class VerificationTimes:
    """Verification times of one local day, whole seconds: from the money moving, by SumUp's clock, to us knowing."""

    day: object
    payments: int = 0
    median: int | None = None
    p95: int | None = None
    quick: int = 0
    timely: int = 0

    @property
    def quick_share(self):
        """Per cent known within ten seconds, rounded down: 100 means all of them."""
        return 100 * self.quick // self.payments if self.payments else None

    @property
    def timely_share(self):
        return 100 * self.timely // self.payments if self.payments else None


class Hour(Func):
    """`2026-11-22 14`, UTC, by the database itself: SQLite would call Python for every row otherwise."""

    output_field = CharField()

    def as_sqlite(self, compiler, connection, **context):
        return super().as_sql(compiler, connection, template="substr(%(expressions)s, 1, 13)", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
        return super().as_sql(compiler, connection, template=template, **context)


class Seconds(Func):
    """Whole seconds from the second time to the first one, rounded down; by the database itself."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST((julianday(%(expressions)s)) * 86400 + 0.001 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "floor(extract(epoch FROM (%(expressions)s)))::integer"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


def summarise_cycles(now):
    day = Q(started_at__gt=now - DAY)
    rows = WorkerCycle.objects.filter(started_at__gt=now - REMEMBERED).order_by().values("kind")
    rows = rows.annotate(
        last=Max("finished_at", filter=Q(errors=0) | Q(errors__lt=F("calls"))),
        rounds=Count("pk", filter=day),
        looked_at=Sum("items", filter=day, default=0),
        asked=Sum("calls", filter=day, default=0),
        unanswered=Sum("errors", filter=day, default=0),
    )
    found = {row["kind"]: row for row in rows}
    return [_cycle_summary(kind, found.get(kind)) for kind in CycleKind]


def _cycle_summary(kind, row):
    if row is None:
        return CycleSummary(kind.label)
    sums = {"rounds": row["rounds"], "items": row["looked_at"], "asked": row["asked"], "errors": row["unanswered"]}
    return CycleSummary(kind.label, last=row["last"], **sums)


def polling_silence(now):
    """How long no payment was looked at for, as a timedelta; None while all is well, timedelta.max when never.

    A cycle leaves a row even when nothing was due, so silence means that no worker runs.
    """
    last = WorkerCycle.objects.filter(kind=CycleKind.POLL).order_by("-pk").values_list("finished_at", flat=True).first()
    if last is None:
        return timedelta.max
    return now - last if now - last > SILENCE else None


def count_provider_calls(now):
    """Questions to SumUp: those about a payment left an observation, the others are summed up by their cycle."""
    observed = Observation.objects.filter(at__gt=now - DAY).order_by()
    observed = observed.aggregate(day=Count("pk"), hour=Count("pk", filter=Q(at__gt=now - HOUR)))
    others, hour = ~Q(kind__in=OBSERVED), Q(started_at__gt=now - HOUR)
    counted = WorkerCycle.objects.filter(started_at__gt=now - DAY).aggregate(
        day=Sum("calls", filter=others, default=0),
        hour=Sum("calls", filter=others & hour, default=0),
        errors_day=Sum("errors", default=0),
        errors_hour=Sum("errors", filter=hour, default=0),
    )
    return CallCounts(
        hour=observed["hour"] + counted["hour"],
        day=observed["day"] + counted["day"],
        errors_hour=counted["errors_hour"],
        errors_day=counted["errors_day"],
    )


def open_payments(merchants=None):
    rows = Payment.objects.filter(closed_at=None).exclude(state__in=TAKEN_FOR_PAID)
    return limit_to_merchants(merchants, rows).select_related("merchant").order_by("created_at")


def list_broken_merchants(merchants=None):
    rows = MerchantAccount.objects if merchants is None else merchants
    return rows.filter(status=MerchantStatus.BROKEN).order_by("name")


def list_stuck_refunds(merchants=None):
    rows = Refund.objects.filter(state__in=[RefundState.FAILED, RefundState.WAITING]).select_related("merchant")
    return limit_to_merchants(merchants, rows).order_by("state", "created_at")


def unproved_payments(merchants=None):
    explained = Discrepancy.objects.filter(
        payment=OuterRef("pk"), kind=DiscrepancyKind.BY_HAND, state=DiscrepancyState.EXPLAINED
    )
    rows = Payment.objects.filter(~Exists(explained), state=PaymentState.BY_HAND)
    return limit_to_merchants(merchants, rows.select_related("merchant").order_by("paid_at"))


def open_discrepancies(merchants=None):
    rows = Discrepancy.objects.filter(state=DiscrepancyState.OPEN).exclude(kind=DiscrepancyKind.BY_HAND)
    rows = rows.select_related("merchant")
    return limit_to_merchants(merchants, rows).order_by("day", "pk")


def verification_days(now, merchants=None):
    """The VerificationTimes of the last DAYS local days, oldest first; one query that counts payments per second."""
    today = timezone.localdate(now)
    since = timezone.make_aware(datetime.combine(today - timedelta(days=DAYS - 1), datetime.min.time()))
    rows = limit_to_merchants(merchants, Payment.objects.filter(paid_at__gte=since, transacted_at__isnull=False))
    counted = rows.order_by().values_list(Hour("paid_at"), Seconds("paid_at", "transacted_at")).annotate(n=Count("pk"))
    days = defaultdict(Counter)
    for hour, seconds, number in counted:
        days[_local_day(hour)][max(seconds, 0)] += number
    dates = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return [_verification_times(date, days.get(date)) for date in dates]


def limit_to_merchants(merchants, rows):
    return rows if merchants is None else rows.filter(merchant__in=merchants)


def _local_day(hour):
    at = datetime.strptime(f"{hour} +0000", "%Y-%m-%d %H %z")
    return timezone.localdate(at.astimezone(UTC))


def _verification_times(date, counted):
    if not counted:
        return VerificationTimes(date)
    return VerificationTimes(
        date,
        payments=counted.total(),
        median=_percentile(counted, 50),
        p95=_percentile(counted, 95),
        quick=sum(number for seconds, number in counted.items() if seconds < QUICK),
        timely=sum(number for seconds, number in counted.items() if seconds < LATE),
    )


def _percentile(counted, percent):
    """The smallest value that this share of the payments did not exceed (nearest rank)."""
    rank, seen = -(-counted.total() * percent // 100), 0
    for seconds in sorted(counted):
        seen += counted[seconds]
        if seen >= rank:
            return seconds
    return None


def record_cycle(kind, *, started_at, items=0, calls=0, errors=0):
    """One row per round; a round without work counts too, because silence must mean that nothing runs."""
    return WorkerCycle.objects.create(
        kind=kind, started_at=started_at, finished_at=timezone.now(), items=items, calls=calls, errors=errors
    )


def delete_old_cycles():
    return WorkerCycle.objects.filter(started_at__lt=timezone.now() - KEPT).delete()[0]
