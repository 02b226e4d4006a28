"""How many seats of each sale are sold and how many are held, for many sales in three queries."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from ticketing.enums import OrderState, TicketState
from ticketing.models import BasketLine, OrderLine, Ticket


@dataclass(frozen=True)
class SeatCount:
    """`sold` are tickets that are not void; `held` are in baskets, or in orders that nobody has paid yet."""

    sold: int = 0
    held: int = 0


def count_seats(sales):
    ids = [sale.pk for sale in sales]
    sold = dict(
        Ticket.objects.filter(sale__in=ids)
        .exclude(state=TicketState.VOID)
        .order_by()
        .values_list("sale")
        .annotate(Count("pk"))
    )
    baskets = BasketLine.objects.filter(ticket_type__sale__in=ids, expires_at__isnull=False)
    in_baskets = dict(baskets.order_by().values_list("ticket_type__sale").annotate(Sum("quantity")))
    unpaid = OrderLine.objects.filter(sale__in=ids, order__state=OrderState.PENDING_VERIFICATION)
    in_orders = dict(unpaid.order_by().values_list("sale").annotate(Sum("allocated")))
    return {pk: SeatCount(sold.get(pk, 0), (in_baskets.get(pk) or 0) + (in_orders.get(pk) or 0)) for pk in ids}


def has_buyers(sale):
    lines = OrderLine.objects.filter(sale=sale)
    return lines.exists() or BasketLine.objects.filter(ticket_type__sale=sale).exists()


def add_seats(counts):
    counts = list(counts)
    return SeatCount(sum(each.sold for each in counts), sum(each.held for each in counts))
