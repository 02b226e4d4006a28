"""Choices of ticket holders whose date was postponed or moved: keep the tickets, or the money back, until a day.

Silence keeps. Who chooses the money gets a refund into the queue like any other; the row with the notice is the answer.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events_pages.models import Performance
from payments.money import ZERO
from ticketing.domain.changes import audience
from ticketing.domain.changes.differences import list_dates_with_choice
from ticketing.domain.errors import TicketingError
from ticketing.domain.orders import refunds
from ticketing.domain.stock import order_seats
from ticketing.enums import NoticeState, OrderState, TicketState
from ticketing.models import ChangeNotice, EventSale


class ChoiceOver(TicketingError):
    default = _("This can no longer be chosen: the time is over, or your answer is known.")


@dataclass(frozen=True)
class HolderChoice:
    """`amount` pounds go back for the `tickets` of the `performance`, if chosen before `until` (aware); of passes, when
    no date is left and this is the first that waits for a new one."""

    notice: ChangeNotice
    performance: Performance
    until: object
    amount: Decimal
    tickets: list
    is_pass: bool = False

    @property
    def key(self):
        return f"{self.notice.pk}-{self.performance.pk}{'-pass' if self.is_pass else ''}"


def find_choice(order, key):
    """That which a form names. Raises ChoiceOver, also for a form that names none while there are several."""
    found = list_open_choices(order)
    same = [choice for choice in found if choice.key == key] if key else found
    if len(same) != 1:
        raise ChoiceOver
    return same[0]


def list_open_choices(order):
    """That the order's holder may still make. Of passes there is none while a date is left; of a date that changed more
    than once it is the one that lasts longest."""
    if order.state != OrderState.COMPLETED or order.erased_at:
        return []
    notices = list_open_notices(order)
    if not notices or refunds.list_unproved_payments(order):
        return []
    unused = [each for each in refunds.list_refundable_tickets(order) if each.state == TicketState.VALID]
    by_date = group_by_date(unused)
    ordered = sorted(notices, key=lambda each: each.choice_until)
    longest = {date_id: notice for notice in ordered for date_id in list_dates_with_choice(notice)}
    open_dates = {date: mine for date, mine in by_date.items() if date.pk in longest and not is_begun(date)}
    found = [build_choice(longest[date.pk], date, mine) for date, mine in open_dates.items()]
    found += list_pass_choices(unused, longest)
    return sorted(found, key=lambda each: (each.until, each.performance.pk))


def list_pass_choices(tickets, longest):
    """For passes of pages none of whose dates takes place; `longest` is {id of a date: its notice}."""
    passes = EventSale.objects.filter(pk__in={each.sale_id for each in tickets}, performance=None)
    found = []
    for sale in passes.select_related("page"):
        dates = list(sale.page.performances.select_related("venue"))
        waiting = [date for date in dates if date.pk in longest]
        if waiting and not any(date.takes_place for date in dates):
            mine = [each for each in tickets if each.sale_id == sale.pk]
            found.append(build_choice(longest[waiting[0].pk], waiting[0], mine, is_pass=True))
    return found


def list_open_notices(order):
    """Of changes that were made after the order, or while it was placed: who bought later knew."""
    pages = order.lines.order_by().values("sale__page")
    sent = ChangeNotice.objects.filter(page__in=pages, state__in=[NoticeState.SENDING, NoticeState.SENT])
    since = order.created_at - audience.BOUGHT_MEANWHILE
    return list(sent.filter(choice_until__gt=timezone.now(), changed_at__gt=since))


def is_begun(performance):
    return performance.takes_place and performance.starts_at <= timezone.now()


def group_by_date(tickets):
    tickets = list(tickets)
    sales = EventSale.objects.filter(pk__in={ticket.sale_id for ticket in tickets}, performance__isnull=False)
    dates = {sale.pk: sale.performance for sale in sales.select_related("performance__venue", "performance__page")}
    found = {}
    for ticket in tickets:
        if ticket.sale_id in dates:
            found.setdefault(dates[ticket.sale_id], []).append(ticket)
    return found


def build_choice(notice, performance, tickets, *, is_pass=False):
    amount = sum((ticket.line.unit_price for ticket in tickets), ZERO)
    return HolderChoice(notice, performance, notice.choice_until, amount, tickets, is_pass)


@transaction.atomic
def choose_refund(order, choice):
    """Asks for the refund of the choice's tickets; returns the OrderRefund. A second press, and one after the last day,
    is refused: raises ChoiceOver, or NotRefundable.
    """
    order_seats.lock_order_and_sales(order)
    choice = find_choice(order, choice.key)
    reason = _("The holder chose the money back: %(change)s") % {"change": choice.notice.get_kind_display()}
    return refunds.request_order_refund(
        order,
        by=None,
        reason=reason,
        tickets=choice.tickets,
        money_back=bool(choice.amount),
        seats_back=True,
        notice=choice.notice,
    )
