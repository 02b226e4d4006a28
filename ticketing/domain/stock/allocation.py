"""The one place that moves stock.

`allocated` of a sale and of a ticket type counts the rows that take its seats: basket lines with `expires_at` set and
`OrderLine.allocated`. Every change is one conditional UPDATE per row, inside the transaction that writes those rows;
the CHECK constraints of both tables refuse what a bug lets through.

Lock order, the same everywhere, so that nobody waits in a circle:

    basket → its lines → sales by id → their ticket types by id → order → payment

Each change of a type updates its sale's row first, even by 0: whoever changes a type has its sale's lock already.
A pass that takes a seat on every date counts in the sales of those dates too: they are locked together with it, so
whoever changes more than one sale locks them all first.
Somebody who already holds a sale takes further lines only with SKIP LOCKED, which waits for nobody.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce, Mod
from django.utils import timezone

from events_pages.public import content_version
from ticketing.domain.abuse import abandonment
from ticketing.domain.catalogue import performance_ends
from ticketing.domain.errors import SoldOut
from ticketing.models import BasketLine, EventSale, OrderLine, TicketType, seat_statements

logger = logging.getLogger(__name__)

STILL_MOVING = timedelta(days=40)  # after the end: refunds, late money
AUDIT_NIGHTS, SALES_AT_ONCE = 28, 500


@dataclass(frozen=True)
class CounterDrift:
    """A counter that disagrees with the rows it counts: `model` is the class of the row that has it."""

    model: type
    pk: int
    sale_id: int
    counter: int
    rows: int

    def __str__(self):
        return f"{self.model._meta.verbose_name} {self.pk}: counter {self.counter}, rows {self.rows}"


def allocate_seats(sale_id, *, quantities, keep=None):
    """Takes seats, all or none: `quantities` is {ticket type id: number ≥ 0}. Inside the caller's transaction.

    Where there is no room the sale's ended holds are reclaimed first, but never those of basket id `keep`.
    Raises SoldOut, with what ran out and how many are left; the caller's transaction must then roll back.
    """
    _check_not_negative(quantities)
    change_allocation(sale_id, deltas=quantities, keep=keep)


def release_seats(sale_id, *, quantities):
    """Gives seats back, each once. Inside the caller's transaction."""
    _check_not_negative(quantities)
    change_allocation(sale_id, deltas={type_id: -number for type_id, number in quantities.items()})


def release_seats_of_sales(by_sale):
    """`by_sale` as `sum_by_sale` gives it."""
    if len(by_sale) > 1:
        lock_sales([sale_id for sale_id, _quantities in by_sale])
    for sale_id, quantities in by_sale:
        release_seats(sale_id, quantities=quantities)


def change_allocation(sale_id, *, deltas, keep=None):
    """As `allocate_seats`, with differences: positive numbers take seats, negative ones give them back."""
    deltas = {type_id: delta for type_id, delta in sorted(deltas.items()) if delta}
    if not deltas or take_at_once(sale_id, quantities=deltas):
        return
    _move_sale_counter(sale_id, sum(deltas.values()), keep=keep)
    for type_id, delta in deltas.items():
        _move_counter(TicketType, type_id, delta, sale_ids=[sale_id], keep=keep)
    counters = TicketType.objects.filter(pk__in=deltas).order_by()
    counters = counters.values_list("pk", "allocated", "limit", "sale__allocated", "sale__capacity")
    _purge_pages_if_sold_out_changed(sale_id, deltas, counters)


def take_at_once(sale_id, *, quantities):
    """{id: ticket type}, as they are with the seats taken, each with the same sale; so it is for nearly every hold. {}
    where that was not possible in one statement: nothing has changed then.
    """
    if not quantities or min(quantities.values()) <= 0 or not seat_statements.is_supported():
        return {}
    sale, types = seat_statements.take_seats(sale_id, quantities)
    taken = {one.pk: one for one in types}
    if sale and len(taken) < len(quantities):
        _undo_taking(sale_id, quantities, taken)
        return {}
    counters = ((one.pk, one.allocated, one.limit, sale.allocated, sale.capacity) for one in types)
    _purge_pages_if_sold_out_changed(sale_id, quantities, counters)
    return taken


def lock_sales(sale_ids):
    """Those sales, and for a pass that takes a seat on every date the sales of those dates, by id."""
    named = EventSale.objects.order_by().filter(pk__in=sale_ids)
    pages = named.filter(takes_date_seats=True).values("page")
    dated = EventSale.objects.order_by().filter(page__in=pages, performance__isnull=False)
    # Put together rather than joined by OR, for which every sale would be read.
    wanted = named.values("pk").union(dated.values("pk"))
    rows = EventSale.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    found = list(rows)
    # Whoever had to wait for a pass does not see the sale of a date that was added meanwhile; newer ids come last, so
    # looking again keeps the order of locks.
    while any(sale.takes_date_seats for sale in found) and len(again := list(rows.all())) > len(found):
        found = again
    return found


@transaction.atomic(savepoint=False)
def reclaim_expired_holds(sale_ids=None, *, keep=None, limit=500):
    """Puts the seats of ended holds back on sale; returns how many lines. Safe to run many times at once.

    The lines stay in their baskets, without `expires_at`. Lines that somebody else has locked are skipped.
    """
    ended = BasketLine.objects.filter(expires_at__lte=timezone.now()).exclude(basket_id=keep)
    if sale_ids is not None:
        ended = ended.filter(ticket_type__sale_id__in=sale_ids)
    ended = ended.order_by("expires_at", "pk").select_for_update(skip_locked=True, of=("self",))
    sold, whose = ("ticket_type__sale_id", "ticket_type_id", "quantity"), ("place", "basket__buyer_email")
    lines = list(ended.values_list("pk", *sold, *whose)[:limit])
    if not lines:
        return 0
    gone = {"expires_at": None, "place": None, "network": None}
    BasketLine.objects.filter(pk__in=[line[0] for line in lines]).update(**gone)
    for *_sold, seats, place, email in lines:
        abandonment.record_abandoned_seats(seats, place=place, email=email)
    release_seats_of_sales(sum_by_sale(line[1:4] for line in lines))
    logger.info("holds.reclaimed lines=%d seats=%d", len(lines), sum(line[3] for line in lines))
    return len(lines)


def sum_by_sale(seats):
    """[(sale id, {ticket type id: number})] of (sale id, ticket type id, number), in the order of locks."""
    sales = {}
    for sale_id, type_id, number in seats:
        quantities = sales.setdefault(sale_id, {})
        quantities[type_id] = quantities.get(type_id, 0) + number
    return sorted(sales.items())


def list_sales_to_audit(now):
    """Ids in parts of SALES_AT_ONCE: of all sales whose seats may still move, and of a share of the others, another
    each night. So a night costs the same however many sales there were, and AUDIT_NIGHTS nights look at each.
    """
    moving = EventSale.objects.filter(performance_ends.filter_not_over(now - STILL_MOVING))
    share = EventSale.objects.annotate(part=Mod("pk", AUDIT_NIGHTS)).filter(part=now.toordinal() % AUDIT_NIGHTS)
    ids = sorted({*moving.order_by().values_list("pk", flat=True), *share.order_by().values_list("pk", flat=True)})
    return [ids[start : start + SALES_AT_ONCE] for start in range(0, len(ids), SALES_AT_ONCE)]


def audit_counters(sale_ids=None):
    return [*_find_drifts(EventSale, sale_ids, "pk"), *_find_drifts(TicketType, sale_ids, "sale_id")]


def list_oversold(sale_ids=None):
    """Sales and types with more rows than seats: none, unless both the condition and the CHECK were lost."""
    sales, types = _with_row_sums(EventSale), _with_row_sums(TicketType)
    if sale_ids is not None:
        sales, types = sales.filter(pk__in=sale_ids), types.filter(sale__in=sale_ids)
    return [*sales.filter(rows__gt=F("capacity")), *types.filter(rows__gt=F("limit"))]


def repair_counters(drifts):
    """Sets drifting counters to what the rows say, sale by sale under its lock; returns the drifts that are left.

    A sale that was really oversold stays as it is: the CHECK refuses its true number, and a person must decide.
    """
    left = []
    for sale_id in sorted({drift.sale_id for drift in drifts}):
        try:
            _repair_sale(sale_id)
        except IntegrityError:
            logger.critical("allocation.oversold sale=%d", sale_id)
            left += audit_counters([sale_id])
    return left


def _check_not_negative(quantities):
    if any(number < 0 for number in quantities.values()):
        raise ValueError("quantities are never negative")


def _undo_taking(sale_id, quantities, taken):
    # Under the locks that the statement took, so what is given back is what was there.
    _take_off(EventSale, sale_id, sum(quantities.values()))
    for type_id in sorted(taken):
        _take_off(TicketType, type_id, quantities[type_id])


def _move_sale_counter(sale_id, delta, *, keep):
    # One statement for nearly every sale; a pass that counts on every date is told by the statement finding no row.
    moved = _raise_counter(EventSale, sale_id, delta) if delta >= 0 else _take_off(EventSale, sale_id, -delta)
    if moved:
        return
    if not EventSale.objects.filter(pk=sale_id, takes_date_seats=True).exists():
        _move_counter(EventSale, sale_id, delta, sale_ids=[sale_id], keep=keep)
        return
    for sale in lock_sales([sale_id]):
        _move_counter(EventSale, sale.pk, delta, sale_ids=[sale_id, sale.pk], keep=keep, passes=True)


def _move_counter(model, pk, delta, *, sale_ids, keep, passes=False):
    if delta < 0:
        _lower_counter(model, pk, -delta, passes=passes)
    elif not _raise_counter(model, pk, delta, passes=passes):
        reclaimed = reclaim_expired_holds(sale_ids, keep=keep)
        if not (reclaimed and _raise_counter(model, pk, delta, passes=passes)):
            raise _build_sold_out(model, pk)


def _room(model, number):
    if model is EventSale:
        return Q(capacity__gte=F("allocated") + number)
    return Q(limit__isnull=True) | Q(limit__gte=F("allocated") + number)


def _raise_counter(model, pk, number, *, passes=False):
    room = _countable(model, pk, passes=passes).filter(_room(model, number))
    return bool(room.update(allocated=F("allocated") + number))


def _take_off(model, pk, number, *, passes=False):
    enough = _countable(model, pk, passes=passes).filter(allocated__gte=number)
    return bool(enough.update(allocated=F("allocated") - number))


def _countable(model, pk, *, passes):
    """The row whose counter may be moved alone."""
    rows = model.objects.filter(pk=pk)
    return rows if passes or model is not EventSale else rows.filter(takes_date_seats=False)


def _lower_counter(model, pk, number, *, passes=False):
    if not _take_off(model, pk, number, passes=passes):
        # More came back than was counted: never below nothing, and the nightly audit will name it.
        logger.error("allocation.drift %s=%d back=%d", model._meta.model_name, pk, number)
        model.objects.filter(pk=pk).update(allocated=0)


def _build_sold_out(model, pk):
    if model is EventSale:
        name, remaining = "", EventSale.objects.filter(pk=pk).values_list(F("capacity") - F("allocated"), flat=True)
    else:
        of_type = TicketType.objects.filter(pk=pk)
        name = of_type.values_list("name", flat=True).first() or ""
        remaining = of_type.values_list(F("limit") - F("allocated"), flat=True)
    left = remaining.first() or 0
    logger.info("allocation.sold_out %s=%s left=%d", model._meta.model_name, pk, left)
    return SoldOut(name, remaining=left)


def _purge_pages_if_sold_out_changed(sale_id, deltas, counters):
    # Cached pages say “sold out” or not.
    for pk, allocated, limit, sale_allocated, capacity in counters:
        if _crossed_limit(sale_allocated, capacity, sum(deltas.values())) or _crossed_limit(
            allocated, limit, deltas[pk]
        ):
            logger.info("allocation.turned sale=%d", sale_id)
            content_version.purge_after_commit()
            return


def _crossed_limit(allocated, limit, delta):
    return limit is not None and (allocated >= limit) != (allocated - delta >= limit)


def _sum_of_rows(rows, path, field):
    totals = rows.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(total=Sum(field))
    return Coalesce(Subquery(totals.values("total")), 0)


def _with_row_sums(model):
    held = BasketLine.objects.filter(expires_at__isnull=False)
    if model is TicketType:
        rows = _sum_of_rows(held, "ticket_type", "quantity") + _sum_of_rows(
            OrderLine.objects, "ticket_type", "allocated"
        )
    else:
        rows = _sum_of_rows(held, "ticket_type__sale", "quantity") + _sum_of_rows(
            OrderLine.objects, "sale", "allocated"
        )
        rows += _sum_of_pass_rows(held, "ticket_type__sale", "quantity")
        rows += _sum_of_pass_rows(OrderLine.objects, "sale", "allocated")
    return model.objects.annotate(rows=rows)


def _sum_of_pass_rows(rows, path, field):
    """Seats of passes that count on every date, for the sale of a date."""
    passes = rows.filter(**{f"{path}__takes_date_seats": True, f"{path}__page": OuterRef("page")})
    totals = passes.order_by().values(f"{path}__page").annotate(total=Sum(field))
    taken = Coalesce(Subquery(totals.values("total")), 0)
    return Case(When(performance__isnull=False, then=taken), default=0)


def _find_drifts(model, sale_ids, sale_field):
    drifting = _with_row_sums(model).exclude(allocated=F("rows")).order_by("pk")
    if sale_ids is not None:
        drifting = drifting.filter(**{f"{sale_field}__in": sale_ids})
    return [
        CounterDrift(model, pk, sale_id, allocated, rows)
        for pk, sale_id, allocated, rows in drifting.values_list("pk", sale_field, "allocated", "rows")
    ]


@transaction.atomic
def _repair_sale(sale_id):
    lock_sales([sale_id])
    for drift in audit_counters([sale_id]):
        drift.model.objects.filter(pk=drift.pk).update(allocated=drift.rows)
        logger.warning("allocation.repaired %s", drift)
    content_version.purge_after_commit()
