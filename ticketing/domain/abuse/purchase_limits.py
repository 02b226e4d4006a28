"""How much one place, its network, or one e-mail address may take without paying (decision 24).

A place is an IPv4 address or an IPv6 household, its network the 256 addresses or the /48 around it. Two bounds: beyond
the lower one people are asked to show that they are people; beyond the higher one nothing more is given. Both are wide,
because a whole office, a school or a mobile network comes from one address; who hoards is still bounded. What is paid
never counts. Seats of one sale are counted under its lock, so its bounds are exact; those of all sales together, and of
an e-mail address, may be overstepped by the requests of one moment.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Upper
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import ngettext

from common.http.network_addresses import neighbour_network
from common.statements.compiled_queries import CompiledQuery
from common.text.email_addresses import list_spellings
from payments.money import ZERO
from ticketing.domain.abuse import abandonment
from ticketing.domain.errors import EnoughOrdered, NotProven, TooManyAtOnce, TooManyFromHere, TooManyUnpaid
from ticketing.enums import OrderState, ProofReason
from ticketing.models import Basket, BasketLine, Order, OrderLine

HOUR = timedelta(hours=1)
NO_SALE = 0  # stands in the count for baskets, whatever they hold

SHARE_DIVISOR, SMALLEST_SHARE = 5, 10
"""A place has a fifth of a sale without being asked, and at least one full basket at the usual ten."""
FAMILY_SEATS = 4
"""The smallest sales leave a fifth to others too, but not at the cost of a family of four."""

SEATS_BEFORE_PROOF, MOST_SEATS = 40, 400
"""Not paid at this moment from one place, in all sales. Four full baskets at the usual ten are an office; four
hundred are a hall."""
BASKETS_BEFORE_PROOF, MOST_BASKETS = 60, 600
"""Begun within an hour from one place. A mobile network in a rush begins hundreds, a person never sixty."""
UNPAID_ORDERS_BEFORE_PROOF = 5
"""Orders of one place without money within an hour: whoever tries out cards leaves a trail of them."""
MOST_ORDERS_OF_EMAIL = 10
"""Orders of one e-mail address for one performance. `fraud_alerts` tells staff from the sixth within an hour on."""
TICKETS_OF_EMAIL_FACTOR = 5
"""Tickets of one e-mail address for one performance, as a multiple of what one order may have."""
MOST_FREE_ORDERS_OF_EMAIL = 3
"""Free orders of one e-mail address for one performance: they cost nothing to hoard, and the family is one order."""
MOST_FREE_ORDERS_OF_PLACE = 20
"""Free orders of one place within an hour: a class in a computer room, not a script."""

RUSH_HOLDS = 60
"""Holds of one performance begun within RUSH_TIME: one every two seconds is busy for this island."""
RUSH_TIME = timedelta(minutes=2)
RUSH_CACHE_SECONDS = 10  # seconds that a process goes on with what another found out
NEWEST_ORDERS = 1000  # orders that are looked through, by id: a rush must not make this slow

COUNTED = ("orders", "tickets", "free", "free_here", "unpaid", "unpaid_here")
COUNTED_STATES = (OrderState.PENDING_VERIFICATION, OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW)


@dataclass(frozen=True)
class Visitor:
    """Who takes seats. Nothing is counted without a place. `step`, 0 to 3, grows with the seats that were let
    lapse before (`abandonment.get_abandonment_step`); `reads` is as in `availability.check_on_sale`. Only a view
    knows whether somebody `is_invited`.
    """

    place: str | None = None
    step: int = 0
    is_proven: bool = False
    reads: Callable | None = None
    is_invited: bool = True


UNCOUNTED_VISITOR = Visitor()


@dataclass(frozen=True)
class SeatShare:
    """Seats of one sale that may be held unpaid: `free` without proof of a person, `place` and `network` with it,
    `email` in orders.
    """

    free: int
    place: int
    network: int
    email: int


@dataclass
class HeldSeats:
    """What a place and its network hold unpaid now, {sale id: seats}, and the baskets begun within the hour."""

    baskets: int = 0
    of_place: Counter = field(default_factory=Counter)
    of_network: Counter = field(default_factory=Counter)

    @property
    def seats(self):
        return sum(self.of_place.values())

    @property
    def is_suspicious(self):
        return self.seats > SEATS_BEFORE_PROOF or self.baskets > BASKETS_BEFORE_PROOF

    @property
    def is_over(self):
        return self.seats > MOST_SEATS or self.baskets > MOST_BASKETS

    def exceeds(self, sale, *, place, network):
        return self.of_place[sale.pk] > place or self.of_network[sale.pk] > network


def seat_share_of(sale, *, together=0):
    """Without proof a fifth of the sale, ten seats at least; with it two fifths, the whole network half. Whatever one
    order may have is let through, and so are seats only sold `together`. Never all: a fifth stays for others, except of
    sales that a family of four could fill.
    """
    fifth = -(-sale.capacity // SHARE_DIVISOR)
    most = max(sale.capacity - fifth, min(sale.capacity, FAMILY_SEATS), together)
    free = max(SMALLEST_SHARE, fifth)
    bounds = {"place": 2 * free, "network": -(-5 * free // 2), "email": free}
    bounds = {whose: min(max(seats, sale.max_per_order), most) for whose, seats in bounds.items()}
    return SeatShare(free=min(free, most), **bounds)


def seats_held_by(place):
    found = HeldSeats()
    if not settings.RATE_LIMITS or not place:
        return found
    now, network = timezone.now(), neighbour_network(place)
    for sale_id, where, number in _unpaid_seats(place=place, network=network, now=now, hour_ago=now - HOUR):
        if sale_id == NO_SALE:
            found.baskets = number
            continue
        found.of_network[sale_id] += number
        found.of_place[sale_id] += number if where == place else 0
    return found


def build_unpaid_query(place, network, now, hour_ago):
    """(sale id, place, number) of baskets begun, of live holds, of unpaid orders, and of free orders of the last hour:
    those are never paid, so they count for an hour.
    """
    baskets = Basket.objects.filter(address=place, created_at__gt=hour_ago)
    lines = OrderLine.objects.filter(order__network=network).order_by()
    free = Q(order__total=ZERO, order__state=OrderState.COMPLETED, order__created_at__gt=hour_ago)
    of_line = ("sale_id", "order__place")
    begun = baskets.values_list(Value(NO_SALE), "address").annotate(number=Count("pk"))
    holds = BasketLine.objects.filter(network=network, expires_at__gt=now).order_by()
    return begun.union(
        holds.values_list("ticket_type__sale_id", "place").annotate(number=Sum("quantity")),
        lines.filter(order__state=OrderState.PENDING_VERIFICATION)
        .values_list(*of_line)
        .annotate(number=Sum("allocated")),
        lines.filter(free).values_list(*of_line).annotate(number=Sum("allocated")),
        all=True,
    )


_unpaid_seats = CompiledQuery(build_unpaid_query)


def refuse_excessive_hold(visitor, *, sale, seats, together=0):
    """Refuses a hold that was just written, `seats` in all of this sale; the transaction must then roll back. Called
    under the lock of the sale's row, so whoever came first is counted. Raises TooManyFromHere or TooManyAtOnce beyond
    the higher bound, NotProven beyond the lower one.
    """
    found = seats_held_by(visitor.place)
    share = seat_share_of(sale, together=together)
    place = share.place if visitor.step < abandonment.DISTRUST_STEP else max(share.free, together)
    if found.is_over or found.exceeds(sale, place=place, network=share.network):
        if found.of_network[sale.pk] == seats and not found.is_over:
            raise TooManyAtOnce(place)
        raise TooManyFromHere(minutes=_minutes_until_release(visitor.place))
    exceeds = found.exceeds(sale, place=share.free, network=share.free)
    if (why := _proof_reason_of_usage(visitor, found, exceeds=exceeds)) and not visitor.is_proven:
        raise NotProven(why)


def _minutes_until_release(place):
    now, network = timezone.now(), neighbour_network(place)
    holds = BasketLine.objects.filter(network=network, expires_at__gt=now)
    orders = Order.objects.filter(network=network, state=OrderState.PENDING_VERIFICATION, deadline__gt=now)
    ends = [holds.aggregate(end=Min("expires_at"))["end"], orders.aggregate(end=Min("deadline"))["end"]]
    left = min(filter(None, ends), default=now + HOUR) - now
    return -(-left // timedelta(minutes=1))


def _proof_reason_of_usage(visitor, found, *, exceeds=False):
    if visitor.step:
        return ProofReason.LAPSED
    if found.is_suspicious:
        return ProofReason.MUCH_HELD
    return ProofReason.SHARE if exceeds else ""


def find_proof_reason(sales, visitor):
    """Why whoever orders seats of these sales (ids) must show that they are a person, as a `ProofReason`; "" when
    nothing is unusual.
    """
    if visitor.step:
        return ProofReason.LAPSED
    if any(is_in_rush(sale_id) for sale_id in sales):
        return ProofReason.RUSH
    return _proof_reason_of_usage(visitor, seats_held_by(visitor.place))


def is_in_rush(sale_id):
    return cache.get_or_set(f"velocity:busy:{sale_id}", lambda: _has_many_new_holds(sale_id), RUSH_CACHE_SECONDS)


def _has_many_new_holds(sale_id):
    began = timezone.now() + timedelta(minutes=settings.HOLD_MINUTES) - RUSH_TIME
    holds = BasketLine.objects.filter(expires_at__gt=began, ticket_type__sale=sale_id)
    return holds[:RUSH_HOLDS].count() >= RUSH_HOLDS


def is_trying_cards(place):
    if not settings.RATE_LIMITS or not place:
        return False
    return len(_newest_unpaid_orders(place=place, since=timezone.now() - HOUR)) >= UNPAID_ORDERS_BEFORE_PROOF


def refuse_excessive_order(lines, *, email, visitor):
    """Refuses what one e-mail address or one place has had enough of, with the `lines` of a basket, each with type and
    sale. A repeated form, which brings none, passes.
    Nobody has shown that an address is theirs. So unpaid orders made with it elsewhere only ask for proof of a person:
    strangers must not use up somebody's limit. Raises EnoughOrdered, TooManyUnpaid, TooManyFromHere, NotProven.
    """
    if not settings.RATE_LIMITS:
        return
    wanted = {}
    for line in lines:
        wanted.setdefault(line.ticket_type.sale, []).append(line)
    had = _count_orders_of_email(email, wanted, visitor.place) if wanted else {}
    for sale, of_sale in wanted.items():
        if sale.pk in had:
            _refuse_excess(sale, of_sale, had[sale.pk], visitor)
    is_free = bool(lines) and not any(line.unit_price for line in lines)
    if is_free and _has_many_free_orders(visitor.place):
        raise TooManyFromHere(minutes=HOUR // timedelta(minutes=1))


def _refuse_excess(sale, lines, had, visitor):
    most = TICKETS_OF_EMAIL_FACTOR * sale.max_per_order
    seats = sum(line.quantity for line in lines)
    is_free = not any(line.unit_price for line in lines)

    def find_excess(unpaid, free):
        too_much = bool(unpaid) and unpaid + seats > seat_share_of(sale).email
        return too_much, is_free and free >= MOST_FREE_ORDERS_OF_EMAIL

    too_much_unpaid, too_many_free = find_excess(had["unpaid_here"], had["free_here"])
    if too_much_unpaid:
        raise TooManyUnpaid
    if too_many_free:
        raise EnoughOrdered
    if any(find_excess(had["unpaid"], had["free"])) and not visitor.is_proven:
        raise NotProven(ProofReason.EMAIL)
    if had["orders"] >= MOST_ORDERS_OF_EMAIL or had["tickets"] + seats > most:
        sentence = ngettext(
            "With this e-mail address %(count)d ticket was ordered for this event already. For a large group, "
            "please write to the organiser.",
            "With this e-mail address %(count)d tickets were ordered for this event already. For a large group, "
            "please write to the organiser.",
            had["tickets"],
        )
        raise EnoughOrdered(sentence % {"count": had["tickets"]})


def _count_orders_of_email(email, sales, place):
    """{sale id: what was ordered with this address}, in one query; what ends in `_here` was ordered from this network.
    Orders and tickets count when they were paid for, or ordered from here.
    """
    spellings, network, wanted = (
        list_spellings(email),
        neighbour_network(place) or "",
        sorted(each.pk for each in sales),
    )
    rows = _orders_of_email(spellings=spellings, network=network, sales=wanted) if spellings else []
    return {sale_id: dict(zip(COUNTED, numbers, strict=True)) for sale_id, *numbers in rows}


def build_email_query(spellings, network, sales):
    unpaid, free = Q(order__state=OrderState.PENDING_VERIFICATION), Q(order__total=ZERO)
    here = Q(order__network=network)
    counted = (~unpaid & ~free) | here
    same_address = [Q(Exact(Upper("order__buyer_email"), Upper(each))) for each in spellings]
    one_of_sales = [Q(sale=each) for each in sales]
    lines = OrderLine.objects.filter(
        reduce(or_, same_address), reduce(or_, one_of_sales), order__state__in=COUNTED_STATES
    )
    counts = (
        Count("order", distinct=True, filter=counted),
        Coalesce(Sum("quantity", filter=counted), 0),
        Count("order", distinct=True, filter=free),
        Count("order", distinct=True, filter=free & here),
        Sum("allocated", filter=unpaid),
        Sum("allocated", filter=unpaid & here),
    )
    return lines.order_by().values_list("sale_id").annotate(**dict(zip(COUNTED, counts, strict=True)))


_orders_of_email = CompiledQuery(build_email_query)


def _has_many_free_orders(place):
    since = timezone.now() - HOUR
    return bool(place) and len(_newest_free_orders(place=place, since=since)) >= MOST_FREE_ORDERS_OF_PLACE


def build_newest_query(place, since):
    newest = Order.objects.order_by("-pk").values("pk")[:1]
    orders = Order.objects.filter(pk__gt=Subquery(newest) - NEWEST_ORDERS, place=place, created_at__gt=since)
    return orders.order_by().values_list("pk")


_newest_free_orders = CompiledQuery(
    lambda place, since: build_newest_query(place, since).filter(total=ZERO)[:MOST_FREE_ORDERS_OF_PLACE]
)
_newest_unpaid_orders = CompiledQuery(
    lambda place, since: (
        build_newest_query(place, since)
        .filter(total__gt=ZERO)
        .exclude(state__in=[OrderState.COMPLETED, OrderState.REFUNDED])[:UNPAID_ORDERS_BEFORE_PROOF]
    )
)
