"""The link of an order: whoever has it sees the order, its tickets and how it is paid."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from django.db.models import OuterRef, Subquery

from common.statements.compiled_queries import CompiledQuery
from ticketing.domain.orders.line_dates import build_line_query
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery, Order


@dataclass(frozen=True)
class TicketMail:
    """What became of the e-mail with the tickets."""

    sent_at: datetime | None = None
    outcome: str = ""


def build_link_query(reference):
    mails = Delivery.objects.filter(order=OuterRef("order"), kind=DeliveryKind.TICKETS)
    told = {f"mail_{name}": Subquery(mails.values(name)[:1]) for name in ("sent_at", "outcome")}
    return build_line_query(order__reference=reference).select_related("order__merchant", "sale").annotate(**told)


_lines_by_reference = CompiledQuery(build_link_query)


def find_order_by_link(reference, token):
    """The order with its `lines_read` and `ticket_mail`, in one statement; None when there is none. The token is
    compared in constant time."""
    lines = _lines_by_reference(reference=reference[:16])
    order = lines[0].order if lines else Order.objects.filter(reference=reference[:16]).first()
    if order is None or not compare_digest(order.token.encode(), token.encode()):
        return None
    for line in lines:
        line.order = order
    order.lines_read = lines
    order.ticket_mail = TicketMail(lines[0].mail_sent_at, lines[0].mail_outcome or "") if lines else TicketMail()
    return order
