"""What a notice says to one order: its own dates, and what happens with its own money."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from events_pages.models import Performance
from payments.money import ZERO
from ticketing.domain.changes import refund_queue
from ticketing.domain.changes.differences import describe_notice, list_dates_with_choice
from ticketing.domain.changes.dispatch import find_choice_end
from ticketing.enums import ChangeKind, TicketState
from ticketing.models import EventSale, Ticket


@dataclass(frozen=True)
class DateGroup:
    """Dates (aware, as they were) with the same differences."""

    moments: list
    differences: list


@dataclass(frozen=True)
class OrderWords:
    """`refund` pounds go back by themselves, `choice` pounds if the holder asks until `choice_until`; None where there
    is no such thing. `has_pass`: a pass of it stays valid for other dates."""

    groups: list
    refund: Decimal | None
    choice: Decimal | None
    choice_until: object
    has_pass: bool
    is_called_off: bool

    @property
    def has_money_words(self):
        return bool(self.refund or self.choice or self.has_pass or self.is_called_off)


def describe_for_order(notice, order):
    tickets = Ticket.objects.filter(line__order=order).select_related("line", "sale")
    tickets = [ticket for ticket in tickets if ticket.sale.page_id == notice.page_id]
    live = [ticket for ticket in tickets if ticket.state != TicketState.VOID]
    sales = {ticket.sale.performance_id for ticket in tickets}
    dates = [each for each in describe_notice(notice) if None in sales or each.performance_id in sales]
    refunded = list_refunded_ids(notice)
    chosen = list_sales_with_choice(notice)
    mine = [ticket for ticket in live if ticket.sale_id in chosen and ticket.state == TicketState.VALID]
    return OrderWords(
        groups=group_dates(dates),
        refund=sum_prices([each for each in live if each.sale_id in refunded]) if notice.refunds_everybody else None,
        choice=sum_prices(mine) if notice.choice_days and mine else None,
        choice_until=notice.choice_until or find_choice_end(notice.changed_at, notice.choice_days),
        has_pass=keeps_other_dates(notice)
        and any(ticket.sale.is_pass and ticket.sale_id not in refunded for ticket in live),
        is_called_off=notice.kind == ChangeKind.CANCELLED and all(each.is_called_off for each in dates),
    )


def list_sales_with_choice(notice):
    """Ids of those whose holders may choose; of passes when no date of the page takes place, as `choices` has it."""
    dates = list_dates_with_choice(notice)
    of_dates = Q(performance__in=dates)
    if dates and not Performance.objects.filter(page=notice.page_id).exclude(status__in=NOT_TAKING_PLACE).exists():
        of_dates |= Q(performance=None)
    return set(EventSale.objects.filter(of_dates, page=notice.page_id).values_list("pk", flat=True))


def keeps_other_dates(notice):
    """Where one date is off and another takes place, a pass is good for that."""
    off = [facts["status"] for facts in notice.now.values() if facts["status"] in NOT_TAKING_PLACE]
    left = Performance.objects.filter(page=notice.page_id).exclude(status__in=NOT_TAKING_PLACE)
    return bool(off) and left.filter(ends_at__gt=timezone.now()).exists()


def list_refunded_ids(notice):
    if not notice.refunds_everybody:
        return set()
    off = [int(key) for key, facts in notice.now.items() if facts["status"] == PerformanceStatus.CANCELLED]
    dates = list(Performance.objects.filter(pk__in=off))
    return {sale.pk for sale in refund_queue.list_refunded_sales(notice.page, dates)}


def sum_prices(tickets):
    return sum((ticket.line.unit_price for ticket in tickets), ZERO)


def group_dates(dates):
    groups = []
    for date in dates:
        same = [group for group in groups if group.differences == date.differences]
        if same:
            same[0].moments.append(date.when)
        else:
            groups.append(DateGroup([date.when], date.differences))
    return groups
