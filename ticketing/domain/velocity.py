"""How much one place, or one e-mail address, may take at once. A place is an address, or an IPv6 household.

Two bounds. Beyond the lower one people are asked to show that they are people; beyond the higher one nothing more is
given. Both are wide, because a whole office, a school or a mobile network comes from one address; who hoards is still
bounded. The counts are read without a lock: requests of the same moment do not see each other yet, so the bounds may be
overstepped by that many.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import ngettext

from payments.money import ZERO
from ticketing.domain.errors import EnoughOrdered, NotProven, TooManyFromHere
from ticketing.enums import OrderState
from ticketing.models import Basket, BasketLine, Order, OrderLine

MEMORY = timedelta(hours=24)  # as long as a basket's cookie lives
HOUR = timedelta(hours=1)

SEATS, SEATS_MOST = 40, 400
"""Held at this moment from one place. Four full baskets at the usual ten are an office; four hundred are a hall."""
BASKETS, BASKETS_MOST = 60, 600
"""Begun within an hour from one place. A mobile network in a rush begins hundreds, a person never sixty."""
UNPAID = 5
"""Orders of one address without money within an hour: whoever tries out cards leaves a trail of them."""
ORDERS_MOST = 10
"""Orders of one e-mail address for one performance. `suspicion` tells staff from the sixth within an hour on."""
TICKETS_TIMES = 5
"""Tickets of one e-mail address for one performance, as a multiple of what one order may have."""
FREE_MOST = 3
"""Free orders of one e-mail address for one performance: they cost nothing to hoard, and the family is one order."""
FREE_FROM_HERE = 20
"""Free orders of one address within an hour: a class in a computer room, not a script."""

RUSH = 60
"""Holds of one performance begun within RUSH_TIME: one every two seconds is busy for this island."""
RUSH_TIME = timedelta(minutes=2)
RUSH_KNOWN = 10  # seconds that a process goes on with what another found out
NEWEST = 1000  # orders that are looked through, by id: a rush must not make this slow

COUNTED = (OrderState.PENDING_VERIFICATION, OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW)


@dataclass(frozen=True)
class Standing:
    """What a place has now: seats held, and baskets begun within the hour."""

    seats: int = 0
    baskets: int = 0

    @property
    def is_suspicious(self):
        return self.seats > SEATS or self.baskets > BASKETS

    @property
    def is_over(self):
        return self.seats > SEATS_MOST or self.baskets > BASKETS_MOST


def standing(place, *, seats=0, baskets=0):
    """What the place has, with so many more seats and baskets; one query on the index of places."""
    if not settings.RATE_LIMITS or not place:
        return Standing()
    now = timezone.now()
    held = Q(lines__expires_at__gt=now)
    found = Basket.objects.filter(address=place, created_at__gt=now - MEMORY).aggregate(
        held=Sum("lines__quantity", filter=held),
        begun=Count("pk", filter=Q(created_at__gt=now - HOUR), distinct=True),
    )
    return Standing((found["held"] or 0) + seats, found["begun"] + baskets)


def check_hold(place, *, seats, is_new, is_proven):
    """Refuses a hold of so many seats. `is_proven` is asked only when it matters.

    Raises TooManyFromHere beyond the higher bound, NotProven beyond the lower one.
    """
    found = standing(place, seats=seats, baskets=int(is_new))
    if found.is_over:
        raise TooManyFromHere
    if found.is_suspicious and not is_proven():
        raise NotProven


def wants_proof(sales, *, place):
    """Whether whoever orders seats of these sales (ids) should show that they are a person: a rush, or a place that
    holds very much."""
    return any(is_busy(sale_id) for sale_id in sales) or standing(place).is_suspicious


def is_busy(sale_id):
    """Whether seats of the sale are taken as in a rush. Known for RUSH_KNOWN seconds, so it costs a rush nothing."""
    return cache.get_or_set(f"velocity:busy:{sale_id}", lambda: _is_busy(sale_id), RUSH_KNOWN)


def _is_busy(sale_id):
    began = timezone.now() + timedelta(minutes=settings.HOLD_MINUTES) - RUSH_TIME
    holds = BasketLine.objects.filter(expires_at__gt=began, ticket_type__sale=sale_id)
    return holds[:RUSH].count() >= RUSH


def tries_cards(address):
    """Whether many of the newest orders of this address have brought no money."""
    if not settings.RATE_LIMITS or not address:
        return False
    unpaid = Q(total__gt=ZERO) & ~Q(state__in=[OrderState.COMPLETED, OrderState.REFUNDED])
    return _of_newest(address, unpaid) >= UNPAID


def check_order(basket, *, email, address):
    """Refuses what one e-mail address or one place has had enough of. A repeated form, which brings no lines, passes.

    Raises EnoughOrdered, TooManyFromHere.
    """
    if not settings.RATE_LIMITS:
        return
    lines = list(basket.lines.select_related("ticket_type__sale"))
    wanted = {}
    for line in lines:
        wanted.setdefault(line.ticket_type.sale, []).append(line)
    had = _had_by_email(email, wanted) if wanted else {}
    for sale, of_sale in wanted.items():
        _refuse_enough(sale, of_sale, had.get(sale.pk))
    is_free = bool(lines) and not any(line.unit_price for line in lines)
    if is_free and address and _of_newest(address, Q(total=ZERO)) >= FREE_FROM_HERE:
        raise TooManyFromHere


def _refuse_enough(sale, lines, had):
    if had is None:
        return
    most = TICKETS_TIMES * sale.max_per_order
    if had["free"] >= FREE_MOST and not any(line.unit_price for line in lines):
        raise EnoughOrdered
    if had["orders"] >= ORDERS_MOST or had["tickets"] + sum(line.quantity for line in lines) > most:
        sentence = ngettext(
            "With this e-mail address %(count)d ticket was ordered for this event already. For a large group, "
            "please write to the organiser.",
            "With this e-mail address %(count)d tickets were ordered for this event already. For a large group, "
            "please write to the organiser.",
            had["tickets"],
        )
        raise EnoughOrdered(sentence % {"count": had["tickets"]})


def _had_by_email(email, sales):
    """{sale id: its orders, free orders and tickets of this address}, in one query."""
    lines = OrderLine.objects.filter(order__buyer_email__iexact=email, sale__in=sales, order__state__in=COUNTED)
    rows = (
        lines.order_by()
        .values("sale_id")
        .annotate(
            orders=Count("order", distinct=True),
            free=Count("order", distinct=True, filter=Q(order__total=ZERO)),
            tickets=Sum("quantity"),
        )
    )
    return {row["sale_id"]: row for row in rows}


def _of_newest(address, condition):
    """How many of the site's newest orders came from this address within the hour and meet the condition."""
    newest = Order.objects.order_by("-pk").values("accepted_from", "total", "state", "created_at")[:NEWEST]
    condition &= Q(accepted_from=address, created_at__gt=timezone.now() - HOUR)
    return newest.aggregate(found=Count("created_at", filter=condition))["found"]
