"""The seats of an order: its locks, and giving seats back or taking them again. Inside the caller's transaction."""

from collections import Counter

from django.db.models import F

from ticketing.domain.stock import allocation
from ticketing.models import Order, OrderLine


def lock_order_and_sales(order):
    """Locks the order's sales, then the order, refreshed in place; returns its lines."""
    allocation.lock_sales(set(order.lines.values_list("sale_id", flat=True)))
    return lock_order(order)


def lock_order(order):
    order.refresh_from_db(from_queryset=Order.objects.select_for_update())
    return list(order.lines.all())


def take_missing_seats(lines):
    """All that is missing of these lines, or none. Raises SoldOut; the transaction must then roll back."""
    for sale_id, quantities in _sum_by_sale(lines, lambda line: line.quantity - line.allocated):
        allocation.allocate_seats(sale_id, quantities=quantities)
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(allocated=F("quantity"))


def return_all_seats(lines):
    """All that these lines still hold."""
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(allocated=0)
    for sale_id, quantities in _sum_by_sale(lines, lambda line: line.allocated):
        allocation.release_seats(sale_id, quantities=quantities)


def return_seats_of_tickets(tickets, lines):
    """One seat for each of these tickets, which have just become void; `lines` are those of their order, locked."""
    number = Counter(ticket.line_id for ticket in tickets)
    freed = [line for line in lines if number[line.pk]]
    for line in freed:
        OrderLine.objects.filter(pk=line.pk).update(allocated=F("allocated") - number[line.pk])
    for sale_id, quantities in _sum_by_sale(freed, lambda line: number[line.pk]):
        allocation.release_seats(sale_id, quantities=quantities)


def _sum_by_sale(lines, seats):
    sales = {}
    for line in lines:
        quantities = sales.setdefault(line.sale_id, {})
        quantities[line.ticket_type_id] = quantities.get(line.ticket_type_id, 0) + seats(line)
    return sorted(sales.items())
