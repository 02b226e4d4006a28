"""Check-in at the door: a ticket is accepted once, a pass once at each date."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page
from wagtail.permissions import policy_registry

from common.text.direction import isolate_text
from events_pages.dates.island_clock import island_midnight
from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from events_pages.querysets import ONE_DAY
from ticketing.domain.admission import ticket_codes
from ticketing.domain.admission.order_search import admitted_to
from ticketing.enums import CheckInResult, TicketState
from ticketing.models import CheckIn, EventSale, Ticket

logger = logging.getLogger(__name__)

SCANNABLE_FOR = timedelta(days=1)  # counting afterwards
MOST_CHOICES = 100


NOT_ON = {
    PerformanceStatus.CANCELLED: gettext_lazy("This date is called off."),
    PerformanceStatus.POSTPONED: gettext_lazy("This date is postponed. The ticket stays valid for the new one."),
}


@dataclass(frozen=True)
class CheckInOutcome:
    """`message` is for the person who scans."""

    result: CheckInResult
    ticket: Ticket | None = None
    first_used_at: datetime | None = None
    message: str = ""


def redeem_ticket(text, *, performance, by):
    """Admits a ticket once at this date, however many people scan it at the same moment. `text` is what a scanner
    read, or a code typed from below the QR code. Every scan, good or bad, leaves one CheckIn row.

    A ticket for one date is used up by a conditional update. A pass stays valid for its other dates; of two scans of it
    the unique constraint of admissions refuses one.
    """
    code = ticket_codes.verify_ticket_code(text) or ticket_codes.read_typed_ticket_code(text)
    try:
        with transaction.atomic():
            outcome = record_scan(admit_ticket(code, performance=performance), performance=performance, by=by)
    except IntegrityError:
        outcome = record_scan(refuse_second_admission(code, performance), performance=performance, by=by)
    ticket_id = outcome.ticket.pk if outcome.ticket else None
    logger.info("checkin.%s performance=%s ticket=%s", outcome.result, performance.pk, ticket_id)
    return outcome


def record_scan(outcome, *, performance, by):
    CheckIn.objects.create(ticket=outcome.ticket, performance=performance, result=outcome.result, by=by)
    return outcome


def admit_ticket(code, *, performance):
    now = timezone.now()
    if code is None:
        return refuse_ticket(None, performance=performance, now=now)
    if not performance.takes_place:
        return CheckInOutcome(CheckInResult.CALLED_OFF, find_ticket(code), message=NOT_ON[performance.status])
    ticket = find_ticket(code)
    if ticket and is_ticket_for(ticket, performance) and admit_once(ticket, performance, now):
        return CheckInOutcome(CheckInResult.ACCEPTED, ticket, now, describe_ticket(ticket))
    return refuse_ticket(ticket, performance=performance, now=now)


def admit_once(ticket, performance, now):
    if ticket.sale.is_pass:
        return ticket.state == TicketState.VALID and find_admission(ticket, performance) is None
    fresh = Ticket.objects.filter(pk=ticket.pk, state=TicketState.VALID)
    won = fresh.update(state=TicketState.USED, used_at=now)
    if not won:
        ticket.refresh_from_db(fields=["state", "used_at"])
    return bool(won)


def find_ticket(code):
    tickets = Ticket.objects.select_related("line__order", "sale__page", "sale__performance")
    return tickets.filter(code=code).first()


def is_ticket_for(ticket, performance):
    sale = ticket.sale
    return sale.page_id == performance.page_id if sale.is_pass else sale.performance_id == performance.pk


def find_admission(ticket, performance):
    return ticket.check_ins.filter(performance=performance, result=CheckInResult.ACCEPTED).first()


def refuse_second_admission(code, performance):
    return refuse_ticket(find_ticket(code), performance=performance, now=timezone.now())


def refuse_ticket(ticket, *, performance, now):
    if ticket is None:
        return CheckInOutcome(CheckInResult.UNKNOWN, message=_("We sold no ticket with this code."))
    if not is_ticket_for(ticket, performance):
        return CheckInOutcome(CheckInResult.WRONG_EVENT, ticket, message=describe_wrong_event(ticket))
    if ticket.state == TicketState.VOID:
        return CheckInOutcome(CheckInResult.VOID, ticket, message=_("This ticket was refunded or cancelled."))
    admission = find_admission(ticket, performance)
    used_at = admission.at if admission else ticket.used_at
    message = _("Already used at %(time)s.") % {"time": format_local_time(used_at, now=now)}
    return CheckInOutcome(CheckInResult.ALREADY_USED, ticket, used_at, message)


def describe_ticket(ticket):
    values = {"type": isolate_text(ticket.line.type_name), "number": ticket.number, "count": ticket.line.quantity}
    return _("%(type)s, %(number)d of %(count)d") % values


def describe_wrong_event(ticket):
    if ticket.sale.is_pass:
        return _("This pass is for %(event)s.") % {"event": isolate_text(str(ticket.sale))}
    starts_at = timezone.localtime(ticket.sale.starts_at)
    values = {"event": isolate_text(str(ticket.sale)), "date": date_format(starts_at, "D j F, H:i")}
    return _("This ticket is for %(event)s, %(date)s.") % values


def format_local_time(moment, *, now):
    """`19:42`, with the day in front when it is not today's."""
    moment, now = timezone.localtime(moment), timezone.localtime(now)
    return date_format(moment, "H:i" if moment.date() == now.date() else "D j F, H:i")


def list_scannable_performances(user):
    pages = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")
    sold = EventSale.objects.filter(page=OuterRef("page")).filter(Q(performance=None) | Q(performance=OuterRef("pk")))
    return Performance.objects.filter(Exists(sold), page__in=pages.values("pk")).select_related("page", "venue")


def filter_current_performances(performances, *, now):
    """Today's, then the others in the order of their starts. From a day after the end on nobody scans any more."""
    since, midnight = now - SCANNABLE_FOR, island_midnight(timezone.localdate(now))
    # Each part is read from an index in its order, so that what was years ago costs nothing.
    to_come = list(performances.between(midnight, None)[:MOST_CHOICES])
    today = [each for each in to_come if timezone.localdate(each.starts_at) == timezone.localdate(now)]
    room = MOST_CHOICES - len(today)
    parts = performances.long_at(since - ONE_DAY), performances.between(since - ONE_DAY, midnight)
    earlier = sorted(
        (each for part in parts for each in part.filter(ends_at__gte=since)[:room]), key=attrgetter("starts_at")
    )
    return [*today, *earlier, *to_come[len(today) :]][:MOST_CHOICES]


def count_admissions(performance):
    admitted = Q(check_ins__performance=performance, check_ins__result=CheckInResult.ACCEPTED)
    valid = Ticket.objects.filter(admitted_to(performance)).exclude(state=TicketState.VOID)
    total, used = valid.aggregate(
        total=Count("pk", distinct=True), used=Count("pk", filter=admitted, distinct=True)
    ).values()
    return {"used": used, "to_come": total - used, "total": total}


def list_last_scans(performance, *, limit=20):
    return performance.check_ins.select_related("ticket__line")[:limit]
