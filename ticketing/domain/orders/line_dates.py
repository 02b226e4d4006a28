"""The lines of an order as they stand today: when and where they admit, and what becomes of the money of what is off.

The copies on a line stay what was bought; a `SaleDate` compares them with the date of today.
"""

from collections import defaultdict

from django.db.models import Exists, OuterRef, Q

from common.statements.compiled_queries import CompiledQuery
from payments.enums import RefundState
from ticketing.domain.catalogue.sale_dates import SaleDate, load_pass_schedules
from ticketing.domain.catalogue.sale_snapshots import attach_snapshots
from ticketing.enums import ChangeKind, CheckInResult, MoneyBack, NoticeState, TicketState
from ticketing.models import ChangeNotice, CheckIn, OrderLine, OrderRefund, Ticket

MONEY_BACK_OF_STATE = {
    RefundState.PROVED: MoneyBack.RETURNED,
    RefundState.WAITING: MoneyBack.WAITING,
    RefundState.REQUESTED: MoneyBack.ASKED,
    RefundState.SENT: MoneyBack.ASKED,
}


def select_lines():
    """With all that `attach_dates`, sellers and erasure read, in one statement; `is_valid` while a ticket of it is."""
    lines = OrderLine.objects.select_related("sale__performance__venue", "sale__page__venue", "sale__page__organiser")
    return lines.annotate(is_valid=Exists(valid_tickets()))


def valid_tickets():
    return Ticket.objects.filter(line=OuterRef("pk")).exclude(state=TicketState.VOID)


def build_line_query(**wanted):
    return OrderLine.objects.filter(**wanted).select_related("sale").annotate(is_valid=Exists(valid_tickets()))


_lines_of_order = CompiledQuery(lambda order: build_line_query(order=order))


def list_lines(order, now):
    return attach_sales(_lines_of_order(order=order.pk), now)


def attach_sales(lines, now):
    attach_snapshots([line.sale for line in lines])
    return attach_dates(lines, now)


def attach_dates(lines, now):
    """Gives each line, with sale, performance, page and venues loaded, its `date`; returns the list."""
    lines = list(lines)
    load_pass_schedules([line.sale for line in lines])
    for line in lines:
        line.date = SaleDate(line.sale, now, line.starts_at, line.venue)
    return lines


def attach_money_back(order, lines):
    """Gives each line of what is called off its `money_back`; two statements at most, and none where nothing is."""
    called_off = [line for line in lines if line.date.is_called_off]
    if not called_off:
        return
    states = defaultdict(set)
    asked = OrderRefund.objects.filter(order=order, tickets__line__in=called_off).order_by()
    for line_id, state in asked.values_list("tickets__line", "refund__state").distinct():
        states[line_id].add(state)
    soon = list_dates_told_soon(called_off) if len(states) < len(called_off) else set()
    for line in called_off:
        is_told_soon = any(date.pk in soon for date in line.sale.schedule)
        line.money_back = decide_money_back(line, states[line.pk], is_told_soon=is_told_soon)


def list_dates_told_soon(lines):
    """Ids of the dates whose holders hear by e-mail yet what happens: somebody has to send it, or it is being sent."""
    notices = ChangeNotice.objects.filter(page__in={line.sale.page_id for line in lines})
    waiting = Q(state__in=[NoticeState.DRAFT, NoticeState.SENDING]) | Q(
        state=NoticeState.SENT, refunds_everybody=True, refunds_opened_at=None
    )
    told = notices.filter(waiting, kind=ChangeKind.CANCELLED).values_list("now", flat=True)
    return {int(key) for facts in told for key in facts}


def decide_money_back(line, states, *, is_told_soon):
    if not line.unit_price:
        return MoneyBack.FREE
    found = [MONEY_BACK_OF_STATE[state] for state in states if state in MONEY_BACK_OF_STATE]
    unasked = MoneyBack.TOLD_SOON if is_told_soon else MoneyBack.NOT_ASKED
    return next((each for each in MoneyBack if each in found), unasked)


def choose_told_line(lines):
    """The one that a heading names: the first that takes place, else the first that waits for a date, else the first;
    None without lines."""
    lines = list(lines)
    ways = (lambda line: line.date.takes_place, lambda line: line.date.is_postponed, bool)
    return next((line for way in ways for line in lines if way(line)), None)


def list_news(lines):
    """One line for each date that a holder should look at again, with the sentences of its `news`."""
    found = {}
    for line in lines:
        if line.date.has_news and line.sale_id not in found:
            line.news = line.date.tell_news(line.event_title)
            found[line.sale_id] = line
    return list(found.values())


def attach_uses(tickets):
    """Gives each ticket of a pass its `uses`, the ids of the performances at which it was admitted → when. One
    statement, and none without passes. Their lines must be loaded."""
    of_passes = [ticket for ticket in tickets if ticket.line.sale.is_pass]
    if not of_passes:
        return
    uses = defaultdict(dict)
    admitted = CheckIn.objects.filter(ticket__in=of_passes, result=CheckInResult.ACCEPTED, performance__isnull=False)
    for ticket_id, performance_id, at in admitted.order_by().values_list("ticket", "performance", "at"):
        uses[ticket_id][performance_id] = at
    for ticket in of_passes:
        ticket.uses = uses[ticket.pk]
        ticket.dates = [(words, ticket.uses.get(each.pk)) for each, words in ticket.line.date.dates]
        ticket.number_of_dates = sum(each.takes_place for each, _words in ticket.line.date.dates)
