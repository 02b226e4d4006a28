"""Personal data of buyers: the list of columns that hold any, and what we hold about one e-mail address."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils import timezone

from common.text.email_addresses import normalise_email, readable_email, same_address
from payments.models import Alert, Discrepancy, Payment, Refund
from ticketing.domain.orders import line_dates
from ticketing.domain.privacy.redaction import TextColumns
from ticketing.domain.privacy.retention_dates import erasure_date_of
from ticketing.models import Basket, BasketLine, Delivery, Order, OrderLine, OrderRefund, Ticket

EXPORT_VERSION = 1

EMPTIED_COLUMNS = {
    Order: ("buyer_name", "buyer_email", "accepted_from", "place", "network", "token", "basket_token"),
    Ticket: ("holder_name",),
    Delivery: ("recipient", "message_id", "last_error", "outcome_reason"),
    Basket: ("buyer_name", "buyer_email", "address"),
    BasketLine: ("place",),
}
"""Columns that are about a person: erasing empties them (the order's token becomes another one)."""

REBUILT_COLUMNS = {OrderLine: ("search_words",)}
"""Columns made of those: erasing makes them anew."""

REDACTED_COLUMNS = (
    TextColumns(Order, ("review_reason",), "pk", by="pk"),
    TextColumns(OrderRefund, ("reason",), "order", by="pk"),
    TextColumns(Refund, ("reason", "last_error"), "subject", by="reference"),
    TextColumns(Payment, ("problem",), "subject", by="reference"),
    TextColumns(Discrepancy, ("sentence", "reason"), "payment__subject", by="reference"),
    TextColumns(Alert, ("title", "text"), "path", by="path"),
)
"""Columns with sentences in which staff may have named somebody, and so are Wagtail's log entries about these rows.

SumUp's answers (`Observation`) keep none but the keys that `payments.sumup.answers.KEPT` names; the description of a
payment names the order. Logs and task runs hold references and ids.
"""


@dataclass(frozen=True)
class PersonalData:
    """Everything we hold about one e-mail address; orders newest first."""

    email: str
    orders: list
    baskets: list

    def __bool__(self):
        return bool(self.orders or self.baskets)


def orders_of_email(email):
    return Order.objects.filter(same_address("buyer_email", email), erased_at=None).order_by("-pk")


def baskets_of_email(email):
    return Basket.objects.filter(same_address("buyer_email", email)).exclude(buyer_email="")


def collect_personal_data(email):
    lines = Prefetch("lines", line_dates.select_lines().prefetch_related("tickets__check_ins"))
    orders = list(orders_of_email(email).select_related("merchant").prefetch_related(lines, "deliveries", "refunds"))
    line_dates.attach_dates([line for order in orders for line in order.lines.all()], timezone.now())
    baskets = baskets_of_email(email).prefetch_related("lines__ticket_type__sale")
    return PersonalData(readable_email(normalise_email(email)), orders, list(baskets))


def export_personal_data(email):
    """As plain data: times in ISO 8601 with their zone, money as text in pounds."""
    found = collect_personal_data(email)
    payments = _group_by_order(Payment, found.orders)
    refunds = _group_by_order(Refund, found.orders)
    return {
        "version": EXPORT_VERSION,
        "made_at": timezone.now(),
        "email": found.email,
        "orders": [_export_order(order, payments[order.reference], refunds[order.reference]) for order in found.orders],
        "baskets": [_export_basket(basket) for basket in found.baskets],
    }


def _group_by_order(model, orders):
    rows = {order.reference: [] for order in orders}
    for row in model.objects.filter(subject__in=list(rows)).order_by("pk"):
        rows[row.subject].append(row)
    return rows


def _export_order(order, payments, refunds):
    lines = list(order.lines.all())
    facts = ("reference", "state", "buyer_name", "total", "currency", "review_reason")
    when = ("created_at", "completed_at", "terms_version", "accepted_at", "accepted_from")
    return _pick_values(order, facts + when) | {
        "buyer_email": readable_email(order.buyer_email),
        "paid_to": order.merchant.name if order.merchant else "",
        "erased_on": erasure_date_of(lines),
        "lines": [_pick_values(line, LINE_COLUMNS) | {"today": _export_date(line.date)} for line in lines],
        "tickets": [_export_ticket(ticket, line) for line in lines for ticket in line.tickets.all()],
        "payments": [_pick_values(payment, PAYMENT_COLUMNS) for payment in payments],
        "refunds": [_pick_values(refund, REFUND_COLUMNS) for refund in refunds],
        "messages": [_export_message(delivery) for delivery in order.deliveries.all()],
    }


def _export_date(date):
    return {"status": date.status, "starts_at": date.starts_at, "when": date.when_words, "venue": date.place}


LINE_COLUMNS = ("event_title", "type_name", "sale_name", "venue", "starts_at", "quantity", "unit_price")
PAYMENT_COLUMNS = ("reference", "state", "amount", "currency", "paid_at")
REFUND_COLUMNS = ("amount", "currency", "state", "reason", "created_at", "proved_at")
MESSAGE_COLUMNS = ("requested_at", "sent_at", "outcome", "outcome_at", "outcome_reason")


def _export_message(delivery):
    return {"kind": delivery.kind or "change"} | _pick_values(delivery, MESSAGE_COLUMNS)


def _export_ticket(ticket, line):
    scans = [_pick_values(scan, ("result", "at")) for scan in ticket.check_ins.all()]
    return _pick_values(ticket, ("holder_name", "state", "used_at")) | {"type": line.type_name, "scans": scans}


def _export_basket(basket):
    lines = [{"ticket": str(line.ticket_type.name), "quantity": line.quantity} for line in basket.lines.all()]
    email = {"buyer_email": readable_email(basket.buyer_email)}
    return _pick_values(basket, ("buyer_name", "address", "created_at")) | email | {"lines": lines}


def _pick_values(row, names):
    return {name: getattr(row, name) for name in names}
