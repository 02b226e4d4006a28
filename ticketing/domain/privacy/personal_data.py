"""Where a person is in our data, and what we hold of one. The list of places is here and nowhere else."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, Signer, TimestampSigner
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.text.email_addresses import normalise_email, readable_email, same_address
from payments.models import Alert, Discrepancy, Payment, Refund
from ticketing.domain.privacy.redaction import TextColumns
from ticketing.domain.privacy.retention_dates import erasure_date_of
from ticketing.models import Basket, BasketLine, Delivery, Order, OrderLine, OrderRefund, Ticket

EXPORT_VERSION = 1
LINK_LIFE = timedelta(hours=24)
SALT = "ticketing.my-data"

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

SumUp's answers (`Observation`) keep none but the keys that `sumup.answers.KEPT` names; the payment's description
names the order. Logs and task runs hold references and ids.
"""


@dataclass(frozen=True)
class PersonalData:
    """All that we hold of one e-mail address; orders newest first."""

    email: str
    orders: list
    baskets: list

    def __bool__(self):
        return bool(self.orders or self.baskets)


def orders_of_email(email):
    """Newest first, whatever the spelling of the address; none for an empty one."""
    return Order.objects.filter(same_address("buyer_email", email), erased_at=None).order_by("-pk")


def baskets_of_email(email):
    return Basket.objects.filter(same_address("buyer_email", email))


def key_of(order):
    """What a link to somebody's data carries: the order's number and the time, signed, in one case. No address, so that
    no log has one."""
    return _signer(order.buyer_email).sign(f"{order.pk}.{int(timezone.now().timestamp())}")


def email_behind(key):
    """The address of whoever got this link, "" when it is older than a day or not ours, or the address has changed."""
    number = key.partition(".")[0]
    order = Order.objects.filter(pk=number[:18], erased_at=None).first() if number.isdecimal() else None
    return order.buyer_email if order and (_is_fresh(key, order) or _is_fresh_mixed(key, order)) else ""


def _is_fresh(key, order):
    try:
        _number, _point, made_at = _signer(order.buyer_email).unsign(key).partition(".")
    except BadSignature:
        return False
    return made_at.isdecimal() and timezone.now().timestamp() - int(made_at) <= LINK_LIFE.total_seconds()


def _is_fresh_mixed(key, order):
    """A link of the release before, whose letters were told apart: none is left a day after it."""
    try:
        return bool(TimestampSigner(salt=_salt(order.buyer_email), sep=".").unsign(key, max_age=LINK_LIFE))
    except BadSignature:
        return False


def collect_personal_data(email):
    """What we hold of this address."""
    orders = (
        orders_of_email(email)
        .select_related("merchant")
        .prefetch_related("lines__sale__page", "lines__tickets__check_ins", "deliveries", "refunds")
    )
    baskets = baskets_of_email(email).prefetch_related("lines__ticket_type__sale")
    return PersonalData(readable_email(normalise_email(email)), list(orders), list(baskets))


def export_personal_data(email):
    """The same as plain data for a machine: times in ISO 8601 with their zone, money as text in pounds."""
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


class HexSigner(Signer):
    """Signs in digits and the letters a to f, so that a link opens in any case."""

    def signature(self, value, key=None):
        secret = self.key if key is None else key
        return salted_hmac(f"{self.salt}signer", value, secret, algorithm=self.algorithm).hexdigest()


def _signer(email):
    return HexSigner(salt=_salt(email), sep=".")


def _salt(email):
    """The readable spelling: an address that was kept in that one opens its links when it is kept in the other."""
    return f"{SALT}:{readable_email(email).lower()}"


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
        "lines": [_pick_values(line, LINE_COLUMNS) for line in lines],
        "tickets": [_export_ticket(ticket, line) for line in lines for ticket in line.tickets.all()],
        "payments": [
            _pick_values(payment, ("reference", "state", "amount", "currency", "paid_at")) for payment in payments
        ],
        "refunds": [
            _pick_values(refund, ("amount", "currency", "state", "reason", "created_at", "proved_at"))
            for refund in refunds
        ],
        "messages": [_pick_values(delivery, MESSAGE_COLUMNS) for delivery in order.deliveries.all()],
    }


LINE_COLUMNS = ("event_title", "type_name", "sale_name", "venue", "starts_at", "quantity", "unit_price")
MESSAGE_COLUMNS = ("kind", "requested_at", "sent_at", "outcome", "outcome_at", "outcome_reason")


def _export_ticket(ticket, line):
    """Without its code: that opens a door, and stands on the ticket itself."""
    scans = [_pick_values(scan, ("result", "at")) for scan in ticket.check_ins.all()]
    return _pick_values(ticket, ("holder_name", "state", "used_at")) | {"type": line.type_name, "scans": scans}


def _export_basket(basket):
    lines = [{"ticket": str(line.ticket_type.name), "quantity": line.quantity} for line in basket.lines.all()]
    email = {"buyer_email": readable_email(basket.buyer_email)}
    return _pick_values(basket, ("buyer_name", "address", "created_at")) | email | {"lines": lines}


def _pick_values(row, names):
    return {name: getattr(row, name) for name in names}
