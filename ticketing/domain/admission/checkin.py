"""The door: a ticket opens it once."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.permissions import policy_registry

from common.text.direction import isolate_text
from ticketing.domain.admission import ticket_codes
from ticketing.enums import CheckInResult, TicketState
from ticketing.models import CheckIn, EventSale, Ticket

logger = logging.getLogger(__name__)

SCANNABLE_FOR = timedelta(days=1)  # a festival night, and counting afterwards


@dataclass(frozen=True)
class CheckInOutcome:
    """What the door is told. `message` is for the person who scans."""

    result: CheckInResult
    ticket: Ticket | None = None
    first_used_at: datetime | None = None
    message: str = ""


def redeem_ticket(text, *, sale, by):
    """Uses a ticket up, once, whoever scans it and however many do so at the same moment.

    `text` is what a scanner read, or a code typed from below the QR. The conditional update is the whole lock; every
    scan, good or bad, leaves one CheckIn row in the same transaction.
    """
    code = ticket_codes.verify_ticket_code(text) or ticket_codes.read_typed_ticket_code(text)
    with transaction.atomic():
        outcome = use_ticket_once(code, sale=sale)
        CheckIn.objects.create(ticket=outcome.ticket, sale=sale, result=outcome.result, by=by)
    ticket_id = outcome.ticket.pk if outcome.ticket else None
    logger.info("checkin.%s sale=%s ticket=%s", outcome.result, sale.pk, ticket_id)
    return outcome


def use_ticket_once(code, *, sale):
    now = timezone.now()
    if code is None:
        return refuse_ticket(None, sale=sale, now=now)
    fresh = Ticket.objects.filter(code=code, sale=sale, state=TicketState.VALID)
    won = fresh.update(state=TicketState.USED, used_at=now)
    ticket = Ticket.objects.select_related("line__order", "sale__page").filter(code=code).first()
    if won:
        return CheckInOutcome(CheckInResult.ACCEPTED, ticket, now, describe_ticket(ticket))
    return refuse_ticket(ticket, sale=sale, now=now)


def refuse_ticket(ticket, *, sale, now):
    if ticket is None:
        return CheckInOutcome(CheckInResult.UNKNOWN, message=_("We sold no ticket with this code."))
    if ticket.sale_id != sale.pk:
        return CheckInOutcome(CheckInResult.WRONG_EVENT, ticket, message=describe_wrong_event(ticket))
    if ticket.state == TicketState.VOID:
        return CheckInOutcome(CheckInResult.VOID, ticket, message=_("This ticket was refunded or cancelled."))
    message = _("Already used at %(time)s.") % {"time": format_local_time(ticket.used_at, now=now)}
    return CheckInOutcome(CheckInResult.ALREADY_USED, ticket, ticket.used_at, message)


def describe_ticket(ticket):
    """`Adult, 1 of 2`"""
    values = {"type": isolate_text(ticket.line.type_name), "number": ticket.number, "count": ticket.line.quantity}
    return _("%(type)s, %(number)d of %(count)d") % values


def describe_wrong_event(ticket):
    starts_at = timezone.localtime(ticket.sale.starts_at)
    values = {"event": isolate_text(str(ticket.sale)), "date": date_format(starts_at, "D j F, H:i")}
    return _("This ticket is for %(event)s, %(date)s.") % values


def format_local_time(moment, *, now):
    """`19:42`, with the day in front when it is not today's. Island time."""
    moment, now = timezone.localtime(moment), timezone.localtime(now)
    return date_format(moment, "H:i" if moment.date() == now.date() else "D j F, H:i")


def list_scannable_sales(user):
    """The performances this person may scan for: those of the pages they may edit."""
    pages = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")
    return EventSale.objects.filter(page__in=pages.values("pk")).select_related("page").order_by("starts_at", "id")


def filter_current_sales(sales, *, now):
    """Performances a door may be open for, or soon: from yesterday's on. `now` is aware UTC."""
    return sales.filter(starts_at__gte=now - SCANNABLE_FOR)


def count_admissions(sale):
    """People in, people still to come, and both together. Void tickets do not count."""
    by_state = dict(sale.tickets.values_list("state").annotate(Count("pk")))
    used, to_come = by_state.get(TicketState.USED, 0), by_state.get(TicketState.VALID, 0)
    return {"used": used, "to_come": to_come, "total": used + to_come}


def list_last_scans(sale, *, limit=20):
    """The newest first, each with its ticket."""
    return sale.check_ins.select_related("ticket__line")[:limit]
