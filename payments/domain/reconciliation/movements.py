"""Movements: SumUp's history and payouts as rows. Written here alone; reading again writes nothing twice.

A row is matched to a payment by SumUp's ids and by nothing else. A description, a time or an amount proves nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, time
from fractions import Fraction

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from common.rows import clip_text
from payments.domain.merchants import credentials
from payments.domain.reconciliation import days, matching
from payments.domain.refunds.amounts import refunded_amounts
from payments.enums import NOT_TAKEN, MovementKind, TransactionStatus
from payments.models import Movement
from payments.money import round_money
from payments.provider import NotFound

CHUNK = 500
MOST_FEES = 200  # single transactions that one night reads for their fee
COMPARED = ["transaction_id", "transaction_code", "payment", "amount", "currency", "status", "payment_type"]
COMPARED += ["summary", "at", "fee", "payout_date", "payout_reference"]
KEPT_WHEN_SILENT = {"payment", "fee", "payout_date", "payout_reference"}  # kept when SumUp leaves them out later


@dataclass
class ImportResult:
    """What reading the lists brought. `refunded_elsewhere`: ids of payments of which more went back than we know."""

    items: int = 0
    changed: int = 0
    refunded_elsewhere: set = field(default_factory=set)


def import_movements(merchant, *, since=None, first=None, last=None):
    """Reads the history and the payouts into rows: what changed `since` (aware), or whole days from `first` to `last`.

    Raises `ProviderError`; what was read until then is kept, and the same import again writes nothing twice. Never call
    it inside a transaction.
    """
    period = {"changes_since": since}
    if since is None:
        began, ended = days.day_bounds(first, last)
        period = {"oldest_time": began, "newest_time": ended}
    items = credentials.ask_with_renewal(merchant, lambda: _read_history(merchant, period))
    walked = ImportResult(items=len(items))
    for chunk in _chunks(items):
        _record_items(merchant, chunk, walked)
    first, last = (first, last or first) if first else (days.local_day(since), timezone.localdate())
    rows = credentials.ask_with_renewal(merchant, lambda: _read_payouts(merchant, first, last))
    for chunk in _chunks(rows):
        _record_payouts(merchant, chunk, walked)
    return walked


def import_transaction(merchant, transaction_code):
    items = credentials.ask_with_renewal(
        merchant, lambda: _read_history(merchant, {"transaction_code": transaction_code})
    )
    walked = ImportResult(items=len(items))
    _record_items(merchant, items, walked)
    return walked


def record_refund_movements(merchant, items):
    """Writes these refunds and charge backs of the history. Returns the payments (ids) of which SumUp's list now says
    that something else went back than we know of.
    """
    for chunk in _chunks(items):
        _record_items(merchant, chunk, ImportResult())
    about = Movement.objects.filter(merchant=merchant, transaction_id__in={item.transaction_id for item in items})
    back = completed_movements((MovementKind.REFUND, MovementKind.CHARGE_BACK)) & about.exclude(payment=None)
    said = dict(back.order_by().values_list("payment").annotate(Sum("amount")))
    known = refunded_amounts(said)
    return {pk for pk, amount in said.items() if round_money(amount) != known[pk]}


def match_movements(merchant, movements):
    """Attaches payments to movements that were read before their payment was known. Changes these rows in place."""
    missing = [row for row in movements if row.payment_id is None and row.transaction_id]
    payments = matching.payments_by_transaction(merchant, {row.transaction_id for row in missing})
    for row in missing:
        if payment := payments.get(row.transaction_id):
            attach_payment(row, payment)


def attach_payment(movement, payment):
    movement.payment = payment
    Movement.objects.filter(pk=movement.pk, payment=None).update(payment=payment)


def import_fees(merchant, *, since, most=MOST_FEES):
    """Asks for the fee of single sales since then that no payout has named yet. Returns how many it found.

    Raises `ProviderError`, except for a transaction that SumUp does not find: that one waits for its payout.
    """
    sales = completed_movements().filter(merchant=merchant, fee=None, at__gte=since).exclude(payment=None)
    learnt = 0
    for movement in sales.order_by("at")[:most]:
        fee = credentials.ask_with_renewal(merchant, lambda row=movement: _read_fee(merchant, row))
        learnt += fee is not None and Movement.objects.filter(pk=movement.pk, fee=None).update(fee=round_money(fee))
    return learnt


def completed_movements(kinds=(MovementKind.PAYMENT,)):
    # Neither declined nor on their way. A new word of SumUp's counts.
    return Movement.objects.filter(kind__in=kinds).exclude(status__in=NOT_TAKEN)


def declined_share(merchant_id, *, since, until):
    """The Fraction of this merchant's card payments in SumUp's list that were declined; 0 where there were none."""
    sales = Movement.objects.filter(merchant=merchant_id, kind=MovementKind.PAYMENT, at__gte=since, at__lt=until)
    declined = Count("pk", filter=Q(status=TransactionStatus.FAILED))
    found = sales.order_by().aggregate(declined=declined, every=Count("pk"))
    return Fraction(found["declined"], found["every"] or 1)


def _read_history(merchant, period):
    client = credentials.get_client(merchant)
    return list(client.history(merchant_code=merchant.merchant_code, **period))


def _read_payouts(merchant, first, last):
    return credentials.get_client(merchant).payouts(merchant_code=merchant.merchant_code, first=first, last=last)


def _read_fee(merchant, movement):
    client = credentials.get_client(merchant)
    try:
        return client.transaction(merchant_code=merchant.merchant_code, transaction_id=movement.transaction_id).fee
    except NotFound:
        return None


def _chunks(rows):
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _record_items(merchant, items, walked):
    payments = matching.payments_by_transaction(merchant, {item.transaction_id for item in items})
    wanted = [_movement_from_item(merchant, item, payments.get(item.transaction_id)) for item in items]
    _upsert(merchant, wanted, walked)
    walked.refunded_elsewhere |= _refunded_elsewhere(items, payments)


def _refunded_elsewhere(items, payments):
    said = {payments[item.transaction_id]: item.refunded for item in items if item.transaction_id in payments}
    known = refunded_amounts(payment for payment, refunded in said.items() if refunded)
    return {payment.pk for payment, refunded in said.items() if refunded > known[payment.pk]}


def _movement_from_item(merchant, item, payment):
    return Movement(
        merchant=merchant,
        payment=payment,
        payout_date=item.payout_date,
        at=item.at,
        amount=round_money(item.amount),
        transaction_id=item.transaction_id,
        summary=item.summary,
        **_clipped(
            kind=item.kind,
            sumup_id=item.id,
            transaction_code=item.code,
            currency=item.currency,
            status=item.status,
            payment_type=item.payment_type,
        ),
    )


def _record_payouts(merchant, rows, walked):
    codes = {row.transaction_code for row in rows if row.transaction_code}
    sales = completed_movements().filter(merchant=merchant, transaction_code__in=codes).select_related("payment")
    by_code = {sale.transaction_code: sale for sale in sales}
    _upsert(merchant, [_movement_from_payout(merchant, row, by_code.get(row.transaction_code)) for row in rows], walked)
    for row in rows:
        sale = by_code.get(row.transaction_code)
        if sale and row.kind == MovementKind.PAYOUT:
            _record_payout_of_sale(sale, row)


def _record_payout_of_sale(sale, row):
    known = {"fee": round_money(row.fee), "payout_date": row.date, **_clipped(payout_reference=row.reference)}
    if any(getattr(sale, name) != value for name, value in known.items()):
        Movement.objects.filter(pk=sale.pk).update(**known)


def _movement_from_payout(merchant, row, sale):
    return Movement(
        merchant=merchant,
        payment=sale.payment if sale else None,
        transaction_id=sale.transaction_id if sale else "",
        amount=round_money(row.amount),
        fee=round_money(row.fee),
        payout_date=row.date,
        at=datetime.combine(row.date, time.min, tzinfo=timezone.get_default_timezone()),
        **_clipped(
            kind=row.kind,
            sumup_id=row.id,
            transaction_code=row.transaction_code,
            currency=row.currency,
            status=row.status,
            payout_reference=row.reference,
        ),
    )


def _clipped(**texts):
    return {name: clip_text(Movement, name, value) for name, value in texts.items()}


def _upsert(merchant, wanted, walked):
    """Writes what is new or different and nothing else. SumUp's word replaces what we had."""
    wanted = {(row.kind, row.sumup_id): row for row in wanted}
    with transaction.atomic():
        ids = {sumup_id for _, sumup_id in wanted}
        rows = Movement.objects.select_for_update().filter(merchant=merchant, sumup_id__in=ids)
        known = {(row.kind, row.sumup_id): row for row in rows}
        new = [row for key, row in wanted.items() if key not in known]
        changed = [row for key, row in known.items() if key in wanted and _update(row, wanted[key])]
        Movement.objects.bulk_create(new, ignore_conflicts=True)
        Movement.objects.bulk_update(changed, [*COMPARED, "seen_at"], batch_size=100)
    walked.changed += len(new) + len(changed)


def _update(row, wanted):
    before = {name: getattr(row, name) for name in COMPARED}
    for name in COMPARED:
        value = getattr(wanted, name)
        if name not in KEPT_WHEN_SILENT or value:
            setattr(row, name, value)
    row.seen_at = timezone.now()
    return before != {name: getattr(row, name) for name in COMPARED}
