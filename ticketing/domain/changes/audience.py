"""The audience of a change: orders with a ticket for these dates, passes included. Who was erased is nobody to tell."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Upper

from ticketing.enums import OrderState, TicketState
from ticketing.models import Delivery, EventSale, Order, OrderLine, Ticket

BOUGHT_MEANWHILE = timedelta(minutes=15)
"""Whoever orders so soon after a change may have had the page open since before it."""

MAY_GET_TICKETS = (OrderState.PENDING_VERIFICATION, OrderState.REQUIRES_MANUAL_REVIEW)


@dataclass(frozen=True)
class Audience:
    orders: int
    addresses: int


def list_admitting_sales(page_id, performances):
    """Of these dates (rows or ids of one page), and passes of their page."""
    return EventSale.objects.filter(Q(performance__in=performances) | Q(performance=None, page=page_id))


def list_holders(page_id, performances):
    """Orders, by id. Used tickets count: somebody may be let in before a thing changes."""
    sales = list_admitting_sales(page_id, performances).order_by().values("pk")
    tickets = Ticket.objects.filter(sale__in=sales).exclude(state=TicketState.VOID).order_by()
    return Order.objects.filter(pk__in=tickets.values("line__order"), erased_at=None).order_by("pk")


def has_holders(performance):
    """Or somebody who has ordered and may get tickets yet: what was decided meanwhile is for them too."""
    sales = list_admitting_sales(performance.page_id, [performance.pk]).order_by().values("pk")
    to_come = OrderLine.objects.filter(sale__in=sales, order__state__in=MAY_GET_TICKETS, order__erased_at=None)
    return list_holders(performance.page_id, [performance.pk]).exists() or to_come.exists()


def count_audience(orders):
    return Audience(
        **orders.order_by().aggregate(orders=Count("pk"), addresses=Count(Upper("buyer_email"), distinct=True))
    )


def list_told_orders(notice):
    """Who bought before the change or while it was made, however late the tickets came: all others have read what it is
    now."""
    until = notice.changed_at + BOUGHT_MEANWHILE
    return list_holders(notice.page_id, notice.performance_ids).filter(created_at__lt=until)


def list_untold_orders(notice):
    told = Delivery.objects.filter(notice=notice, order=OuterRef("pk"))
    return list_told_orders(notice).filter(~Exists(told))
