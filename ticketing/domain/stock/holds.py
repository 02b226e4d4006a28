"""Holds: what changes a basket. A line with `expires_at` set is a hold: its seats are counted.

Locks are taken as `ticketing.domain.stock.allocation` says: basket, its lines, then the stock.
"""

from dataclasses import replace

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from common.http.network_addresses import neighbour_network
from common.statements.compiled_queries import CompiledQuery
from common.text.email_addresses import normalise_email
from ticketing.domain.abuse import abandonment, purchase_limits
from ticketing.domain.catalogue import availability, pricing
from ticketing.domain.catalogue.sale_snapshots import attach_snapshots
from ticketing.domain.errors import CannotExtend, NothingToOrder, NotInvited
from ticketing.domain.stock import allocation
from ticketing.domain.stock.basket_change import BasketChange, check_numbers, check_types, is_still_held
from ticketing.domain.stock.basket_contents import MOST_EXTENSIONS
from ticketing.models import Basket, BasketLine, TicketType, seat_statements

_types_of_sale = CompiledQuery(lambda sale: TicketType.objects.filter(sale=sale).select_related("sale"))


def create_basket(address=None):
    return Basket.objects.create(address=address)


def save_buyer_details(basket, *, name, email):
    Basket.objects.filter(pk=basket.pk).update(buyer_name=name[:120], buyer_email=normalise_email(email)[:254])


@transaction.atomic
def hold_seats(basket, *, sale, quantities, code="", visitor=purchase_limits.UNCOUNTED_VISITOR):
    """Sets how many of some types of one sale the basket has, and holds them for HOLD_MINUTES; 0 removes.

    Types that are not named stay as they are. Seats that are held already keep the end of their hold, so a repeated
    form changes nothing; more seats start it afresh, which counts as an extension. Returns the basket, a new one for
    None. Raises NotOnSale, LimitExceeded, SoldOut, TooManyFromHere, NotProven, NotInvited; nothing has changed then,
    and no basket was made.
    """
    now = timezone.now()
    check_numbers(quantities)
    basket, lines = _lock_or_begin_basket(basket, sale, visitor.place)
    types, is_taken = _take_or_load_types(basket, sale.pk, quantities)
    change = BasketChange(
        lines, quantities, now, until=next_hold_end(now, visitor), may_extend=basket.extensions < MOST_EXTENSIONS
    )
    if change.more:
        _check_visitor_and_sale([types[type_id] for type_id in sorted(change.more)], now, visitor)
        availability.check_access_codes([types[type_id] for type_id in change.more - set(lines)], code=code)
    if change.more or any(change.deltas.values()):
        availability.check_order_limits(quantities=change.after, types=types)
    if not is_taken:
        allocation.change_allocation(sale.pk, deltas=change.deltas, keep=basket.pk)
    _write_change(basket, types, change)
    abandonment.record_abandoned_seats(change.let_go, place=basket.address, email=basket.buyer_email)
    if change.more:
        _check_place_share(basket, sale.pk, types, change.after, visitor, is_locked=any(change.deltas.values()))
    return basket


def extend_holds(basket, *, visitor=purchase_limits.UNCOUNTED_VISITOR):
    """Starts all that is still held afresh, MOST_EXTENSIONS times in a basket's life. Raises CannotExtend."""
    with transaction.atomic():
        locked = lock_basket(basket)
        held = [line for line in _lock_lines(basket.lines.all()).values() if line.expires_at]
        if locked.extensions >= MOST_EXTENSIONS or not held:
            raise CannotExtend
        until = max([next_hold_end(timezone.now(), visitor), *(line.expires_at for line in held)])
        BasketLine.objects.filter(pk__in=[line.pk for line in held]).update(expires_at=until)
        Basket.objects.filter(pk=basket.pk).update(extensions=locked.extensions + 1)
    return until


@transaction.atomic
def empty_basket(basket):
    """Gives back all seats; harmless when repeated."""
    locked = lock_basket(basket)
    _drop_lines(locked, _lock_lines(basket.lines.all()).values())
    Basket.objects.filter(pk=basket.pk).update(extensions=0)


@transaction.atomic
def remove_line(line):
    """Harmless when the line is gone already."""
    basket = lock_basket(line.basket)
    _drop_lines(basket, _lock_lines(BasketLine.objects.filter(pk=line.pk)).values())


@transaction.atomic
def renew_ended_holds(basket, *, visitor=purchase_limits.UNCOUNTED_VISITOR):
    """Takes the same seats again after the hold ended, at today's price, all or none. Returns the end of the hold.

    Raises NothingToOrder, NotInvited, NotOnSale, LimitExceeded, SoldOut, TooManyFromHere, NotProven.
    """
    now = timezone.now()
    basket = lock_basket(basket)
    lines = _lock_lines(basket.lines.all()).values()
    if not lines:
        raise NothingToOrder
    ended = {}
    for line in lines:
        if not is_still_held(line, now):
            ended.setdefault(line.ticket_type.sale_id, []).append(line)
    if len(ended) > 1:
        allocation.lock_sales(ended)
    for sale_id, of_sale in sorted(ended.items()):
        _renew_holds_of_sale(basket, sale_id, of_sale, now, visitor)
    return min([next_hold_end(now, visitor), *(line.expires_at for line in lines if is_still_held(line, now))])


def lock_basket(basket):
    """Raises NothingToOrder when it is gone."""
    try:
        return Basket.objects.select_for_update().get(pk=basket.pk)
    except Basket.DoesNotExist:
        raise NothingToOrder from None


def claim_ordered_lines(basket, lines):
    """Takes lines out that are as they were read, and whose seats an order counts from now on; True for the one call
    that did. Where it did not the caller's transaction must roll back. An empty basket may be extended afresh; one that
    still holds may not, else one small order after another would hold the rest for ever.
    """
    if basket.extensions:
        lock_basket(basket)  # before its lines, as everybody does
    if not seat_statements.claim_lines(basket.pk, lines):
        return False
    if basket.extensions:
        left = BasketLine.objects.filter(basket=basket, expires_at__isnull=False)
        Basket.objects.filter(~Exists(left), pk=basket.pk).update(extensions=0)
    return True


def next_hold_end(now, visitor=purchase_limits.UNCOUNTED_VISITOR):
    return now + abandonment.hold_duration_at_step(visitor.step)


def _lock_lines(lines):
    # By id, in the order that every lock takes them.
    locked = lines.select_related("ticket_type").select_for_update(of=("self",)).order_by("pk")
    return {line.ticket_type_id: line for line in locked}


def _lock_or_begin_basket(basket, sale, place):
    if basket is None:
        return Basket(address=place), {}
    basket = lock_basket(basket)
    if place and not basket.address:  # one that was erased meanwhile
        basket.address = place
        Basket.objects.filter(pk=basket.pk).update(address=place)
    return basket, _lock_lines(basket.lines.filter(ticket_type__sale=sale.pk))


def _take_or_load_types(basket, sale_id, quantities):
    """({id: type}, whether their seats are taken already). A first hold takes them before it looks whether they are on
    sale, in the statement that reads them; a refusal rolls that back."""
    wanted = {type_id: number for type_id, number in quantities.items() if number}
    if basket._state.adding and (types := allocation.take_at_once(sale_id, quantities=wanted)):
        attach_snapshots([next(iter(types.values())).sale])
        return types, True
    types = _load_types(sale_id)
    check_types(quantities, types)
    return types, False


def _load_types(sale_id):
    types = _types_of_sale(sale=sale_id)
    for one in types:
        one.sale = types[0].sale
    attach_snapshots([one.sale for one in types[:1]])
    return {one.pk: one for one in types}


def _check_visitor_and_sale(types, now, visitor):
    if not visitor.is_invited:
        raise NotInvited
    availability.check_on_sale(types, now=now, reads=visitor.reads)


def _write_change(basket, types, change):
    if change.removed:
        _delete_lines(change.removed)
    for line in change.fewer:
        BasketLine.objects.filter(pk=line.pk).update(quantity=change.after[line.ticket_type_id])
    more = sorted(change.more)
    lines = [_build_line(basket, types[each], change.after[each], change.until_of(each)) for each in more]
    write_lines = _write_first_lines if basket._state.adding else _upsert_lines
    write_lines(lines, basket=basket)
    if change.grew:
        Basket.objects.filter(pk=basket.pk).update(extensions=basket.extensions + 1)


def _check_place_share(basket, sale_id, types, quantities, visitor, *, is_locked):
    # Seats count where the basket was begun, else they could be carried from place to place.
    if not visitor.place or not basket.address:
        return
    if not is_locked:
        allocation.lock_sales([sale_id])
    wanted = {type_id: number for type_id, number in quantities.items() if number}
    together = sum(types[type_id].min_per_order for type_id in wanted if types[type_id].min_per_order > 1)
    visitor = replace(visitor, place=basket.address)
    sale = next(iter(types.values())).sale
    purchase_limits.refuse_excessive_hold(visitor, sale=sale, seats=sum(wanted.values()), together=together)


def _build_line(basket, ticket_type, quantity, expires_at):
    price, fee = pricing.price_and_fee_of(ticket_type)
    return BasketLine(
        basket=basket,
        ticket_type=ticket_type,
        quantity=quantity,
        unit_price=price,
        unit_fee=fee,
        expires_at=expires_at,
        place=basket.address,
        network=neighbour_network(basket.address),
    )


def _write_first_lines(lines, *, basket):
    if lines and seat_statements.is_supported():
        seat_statements.insert_together(basket, lines, link="basket")
        return
    basket.save(force_insert=True)
    _upsert_lines(lines, basket=basket)


def _upsert_lines(lines, *, basket):
    for line in lines:
        line.basket = basket
    if lines:
        BasketLine.objects.bulk_create(
            lines,
            update_conflicts=True,
            unique_fields=["basket", "ticket_type"],
            update_fields=["quantity", "unit_price", "unit_fee", "expires_at", "place", "network"],
        )


def _renew_holds_of_sale(basket, sale_id, lines, now, visitor):
    types = _load_types(sale_id)
    _check_visitor_and_sale([types[line.ticket_type_id] for line in lines], now, visitor)
    availability.check_order_limits(quantities={line.ticket_type_id: line.quantity for line in lines}, types=types)
    lost = {line.ticket_type_id: line.quantity for line in lines if not line.expires_at}
    allocation.allocate_seats(sale_id, quantities=lost, keep=basket.pk)
    until = next_hold_end(now, visitor)
    renewed = [_build_line(basket, types[line.ticket_type_id], line.quantity, until) for line in lines]
    _upsert_lines(renewed, basket=basket)
    let_go = sum(line.quantity for line in lines if line.expires_at)  # the others were noted when they were reclaimed
    abandonment.record_abandoned_seats(let_go, place=basket.address, email=basket.buyer_email)
    of_sale = basket.lines.filter(ticket_type__sale=sale_id).values_list("ticket_type_id", "quantity")
    _check_place_share(basket, sale_id, types, dict(of_sale), visitor, is_locked=bool(lost))


def _delete_lines(lines):
    # One statement: `delete()` would read the lines first, because Wagtail listens to every deletion.
    rows = BasketLine.objects.filter(pk__in=[line.pk for line in lines])
    rows._raw_delete(rows.db)


def _drop_lines(basket, lines):
    _delete_lines(lines)
    held = [line for line in lines if line.expires_at]
    seats = ((line.ticket_type.sale_id, line.ticket_type_id, line.quantity) for line in held)
    by_sale = allocation.sum_by_sale(seats)
    allocation.release_seats_of_sales(by_sale)
    for _sale_id, quantities in by_sale:
        abandonment.record_abandoned_seats(sum(quantities.values()), place=basket.address, email=basket.buyer_email)
