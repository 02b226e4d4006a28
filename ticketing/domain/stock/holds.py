"""What somebody is about to buy. A line with `expires_at` set is a hold: its seats are counted.

Locks are taken as `ticketing.domain.stock.allocation` says: basket, its lines, then the stock.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from common.http.network_addresses import neighbour_network
from common.text.email_addresses import normalise_email
from events_pages.public.restrictions import restriction_exists
from payments.money import ZERO
from ticketing.domain import trials
from ticketing.domain.abuse import abandonment, purchase_limits
from ticketing.domain.catalogue import availability
from ticketing.domain.errors import CannotExtend, NothingToOrder, NotInvited
from ticketing.domain.groups import Group, group_key, merchant_of
from ticketing.domain.stock import allocation
from ticketing.domain.stock.basket_change import BasketChange, check_quantities, is_still_held
from ticketing.models import Basket, BasketLine, TicketType

EXTENSIONS = 3


@dataclass(frozen=True)
class BasketContents:
    """`expires_at` is the first hold to end, None when nothing is held; `expired` when any line is held no longer."""

    groups: list[Group]
    total: Decimal
    expires_at: datetime | None
    expired: bool
    extensions_left: int

    @property
    def lines(self):
        return [line for group in self.groups for line in group.lines]

    @property
    def count(self):
        return sum(line.quantity for line in self.lines)

    def __bool__(self):
        return bool(self.groups)


def get(token):
    """The basket of a cookie, or None."""
    if not token or len(token) > 32:
        return None
    return Basket.objects.filter(token=token).first()


def create_basket(address=None):
    return Basket.objects.create(address=address)


def save_buyer_details(basket, *, name, email):
    """Keeps what the buyer typed, for when they come back to the form."""
    Basket.objects.filter(pk=basket.pk).update(buyer_name=name[:120], buyer_email=normalise_email(email)[:254])


@transaction.atomic
def hold_seats(basket, *, sale, quantities, code="", visitor=purchase_limits.UNCOUNTED_VISITOR):
    """Sets how many of some types of one sale the basket has, and holds them for HOLD_MINUTES; 0 removes.

    Types that are not named stay as they are. Seats that are held already keep the end of their hold, so a repeated
    form changes nothing and prolongs nothing; more seats start it afresh, which counts as an extension. Without a
    basket (None) it makes one, from the visitor's place. Returns it. Raises NotOnSale, LimitExceeded, SoldOut,
    TooManyFromHere, NotProven, NotInvited; nothing has changed then, and no basket was made.
    """
    now = timezone.now()
    basket, lines = _lock_or_create_basket(basket, sale, visitor.place)
    types = _load_types(sale.pk)
    check_quantities(quantities, types)
    wish = BasketChange(
        lines, quantities, now, until=next_hold_end(now, visitor), may_extend=basket.extensions < EXTENSIONS
    )
    if wish.more:
        _check_visitor_and_sale([types[type_id] for type_id in sorted(wish.more)], now, visitor)
        availability.check_access_codes([types[type_id] for type_id in wish.more - set(lines)], code=code)
    if wish.more or any(wish.deltas.values()):
        availability.check_order_limits(quantities=wish.after, types=types)
    allocation.change_allocation(sale.pk, deltas=wish.deltas, keep=basket.pk)
    _write_change(basket, types, wish)
    abandonment.record_abandoned_seats(wish.let_go, place=basket.address, email=basket.buyer_email)
    if wish.more:
        _check_place_share(basket, sale.pk, types, wish.after, visitor, is_locked=any(wish.deltas.values()))
    return basket


def extend_holds(basket, *, visitor=purchase_limits.UNCOUNTED_VISITOR):
    """Starts the hold of everything that is still held afresh, three times in a basket's life. Raises CannotExtend."""
    with transaction.atomic():
        locked = lock_basket(basket)
        held = [line for line in _lock_lines(basket.lines.all()).values() if line.expires_at]
        if locked.extensions >= EXTENSIONS or not held:
            raise CannotExtend
        until = max([next_hold_end(timezone.now(), visitor), *(line.expires_at for line in held)])
        BasketLine.objects.filter(pk__in=[line.pk for line in held]).update(expires_at=until)
        Basket.objects.filter(pk=basket.pk).update(extensions=locked.extensions + 1)
    return until


@transaction.atomic
def empty_basket(basket):
    """Gives back all seats and empties the basket. Doing it twice is harmless."""
    locked = lock_basket(basket)
    _drop_lines(locked, _lock_lines(basket.lines.all()).values())
    Basket.objects.filter(pk=basket.pk).update(extensions=0)


@transaction.atomic
def remove_line(line):
    """Removes one line; harmless when it is gone already."""
    basket = lock_basket(line.basket)
    _drop_lines(basket, _lock_lines(BasketLine.objects.filter(pk=line.pk)).values())


@transaction.atomic
def renew_ended_holds(basket, *, visitor=purchase_limits.UNCOUNTED_VISITOR):
    """Takes the same seats again after the hold ended, at today's price. Returns the end of the hold.

    All or nothing: raises NothingToOrder, NotInvited, NotOnSale, LimitExceeded, SoldOut, TooManyFromHere or NotProven.
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
    for sale_id, of_sale in sorted(ended.items()):
        _renew_holds_of_sale(basket, sale_id, of_sale, now, visitor)
    return min([next_hold_end(now, visitor), *(line.expires_at for line in lines if is_still_held(line, now))])


def contents(basket, now):
    """What the basket holds, by merchant; one query, and one more when something is paid to the site itself."""
    lines = list(lines_of(basket)) if basket else []
    groups = {}
    for line in lines:
        groups.setdefault(group_key(line.ticket_type.sale), []).append(line)
    groups = [Group(key, merchant_of(key, of_group), of_group) for key, of_group in groups.items()]
    ends = [line.expires_at for line in lines if line.expires_at]
    return BasketContents(
        groups=groups,
        total=sum((group.total for group in groups), ZERO),
        expires_at=min(ends, default=None),
        expired=any(line.expires_at is None or line.expires_at <= now for line in lines),
        extensions_left=EXTENSIONS - basket.extensions if basket else 0,
    )


def lines_of(basket):
    """The lines with all that an order copies of them, in one query."""
    lines = BasketLine.objects.filter(basket=basket).order_by("pk")
    page = "ticket_type__sale__page"
    lines = lines.select_related("ticket_type__sale__merchant", f"{page}__venue", f"{page}__organiser")
    return lines.annotate(is_restricted=restriction_exists(f"{page}__path")).defer(
        *availability.unneeded_page_fields(page)
    )


def lock_basket(basket):
    """The basket, locked. Raises NothingToOrder when it is gone."""
    try:
        return Basket.objects.select_for_update().get(pk=basket.pk)
    except Basket.DoesNotExist:
        raise NothingToOrder from None


def lock_basket_lines(basket):
    """The same, locked until the end of the transaction."""
    return lines_of(basket).select_for_update(of=("self",))


def remove_ordered_lines(basket, lines):
    """Takes locked lines out, their seats now counted elsewhere. What comes next may be extended three times again,
    what is still held may not: else one small order after another would hold the rest for ever."""
    _delete_lines(lines)
    if basket.extensions:
        left = BasketLine.objects.filter(basket=basket, expires_at__isnull=False)
        Basket.objects.filter(~Exists(left), pk=basket.pk).update(extensions=0)


def next_hold_end(now, visitor=purchase_limits.UNCOUNTED_VISITOR):
    """When a hold of the visitor ends that starts at `now`, aware UTC."""
    return now + abandonment.hold_duration_at_step(visitor.step)


def reclaim_expired_holds(*, sale_id=None, limit=500):
    """Puts the seats of ended holds back on sale; returns how many lines. Safe to run many times at once."""
    with transaction.atomic():
        return allocation.reclaim_ended_holds(sale_id, limit=limit)


def _lock_lines(lines):
    """{type id: line}, in the order every lock takes them."""
    locked = lines.select_related("ticket_type").select_for_update(of=("self",)).order_by("pk")
    return {line.ticket_type_id: line for line in locked}


def _lock_or_create_basket(basket, sale, place):
    if basket is None:
        return create_basket(place), {}
    basket = lock_basket(basket)
    if place and not basket.address:  # one that was erased meanwhile
        basket.address = place
        Basket.objects.filter(pk=basket.pk).update(address=place)
    return basket, _lock_lines(basket.lines.filter(ticket_type__sale=sale.pk))


def _load_types(sale_id):
    types = TicketType.objects.filter(sale_id=sale_id).select_related("sale__page", "sale__merchant")
    payee = trials.site_payee()
    types = types.annotate(**payee, is_restricted=restriction_exists("sale__page__path"))
    found = {one.pk: one for one in types.defer(*availability.unneeded_page_fields("sale__page"))}
    for one in found.values():
        one.sale.page.is_restricted = one.is_restricted
        for name in payee:
            setattr(one.sale, name, getattr(one, name))
    return found


def _check_visitor_and_sale(types, now, visitor):
    """Whether this visitor may take seats of these types of one sale."""
    if not visitor.is_invited:
        raise NotInvited
    availability.check_on_sale(types, now=now, reads=visitor.reads)


def _write_change(basket, types, wish):
    if wish.removed:
        _delete_lines(wish.removed)
    for line in wish.fewer:
        BasketLine.objects.filter(pk=line.pk).update(quantity=wish.after[line.ticket_type_id])
    more = sorted(wish.more)
    _upsert_lines([_build_line(basket, types[each], wish.after[each], wish.until_of(each)) for each in more])
    if wish.grew:
        Basket.objects.filter(pk=basket.pk).update(extensions=basket.extensions + 1)


def _check_place_share(basket, sale_id, types, quantities, visitor, *, is_locked):
    """Seats count where the basket was begun, whoever adds to it: else they could be carried from place to place."""
    if not visitor.place or not basket.address:
        return
    if not is_locked:
        allocation.lock_sales([sale_id])
    wanted = {type_id: number for type_id, number in quantities.items() if number}
    together = sum(types[type_id].min_per_order for type_id in wanted if types[type_id].min_per_order > 1)
    visitor = replace(visitor, place=basket.address)
    sale = next(iter(types.values())).sale
    purchase_limits.check_hold_limits(visitor, sale=sale, seats=sum(wanted.values()), together=together)


def _build_line(basket, ticket_type, quantity, expires_at):
    price, fee = availability.unit_price(ticket_type)
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


def _upsert_lines(lines):
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
    _upsert_lines([_build_line(basket, types[line.ticket_type_id], line.quantity, until) for line in lines])
    let_go = sum(line.quantity for line in lines if line.expires_at)  # the others were noted when they were reclaimed
    abandonment.record_abandoned_seats(let_go, place=basket.address, email=basket.buyer_email)
    of_sale = basket.lines.filter(ticket_type__sale=sale_id).values_list("ticket_type_id", "quantity")
    _check_place_share(basket, sale_id, types, dict(of_sale), visitor, is_locked=bool(lost))


def _delete_lines(lines):
    """One statement. `delete()` would read the lines first, because Wagtail listens to every deletion there is."""
    rows = BasketLine.objects.filter(pk__in=[line.pk for line in lines])
    rows._raw_delete(rows.db)


def _drop_lines(basket, lines):
    """Deletes locked lines and gives back what they hold, sales in order."""
    held = {}
    for line in lines:
        if line.expires_at:
            held.setdefault(line.ticket_type.sale_id, {})[line.ticket_type_id] = line.quantity
    _delete_lines(lines)
    for sale_id, quantities in sorted(held.items()):
        allocation.release_seats(sale_id, quantities=quantities)
        abandonment.record_abandoned_seats(sum(quantities.values()), place=basket.address, email=basket.buyer_email)
