"""The tables of selling: sales, baskets, orders, tickets, mail, refunds, erasures. Read `sales`, then `orders`."""

from ticketing.models.baskets import Basket, BasketLine
from ticketing.models.changes import ChangeNotice
from ticketing.models.deliveries import Delivery
from ticketing.models.erasures import Erasure
from ticketing.models.orders import Order, OrderLine
from ticketing.models.refunds import OrderRefund, RefundBatch
from ticketing.models.sales import EventSale, TicketType
from ticketing.models.tickets import CheckIn, Ticket

__all__ = [
    "Basket",
    "BasketLine",
    "ChangeNotice",
    "CheckIn",
    "Delivery",
    "Erasure",
    "EventSale",
    "Order",
    "OrderLine",
    "OrderRefund",
    "RefundBatch",
    "Ticket",
    "TicketType",
]
