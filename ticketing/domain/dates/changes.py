"""Several dates changed at once: what each would become, why one is refused, and all of it in one transaction."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.text.typed_dates import Unreadable, read_moment
from events_pages.dates import edits
from events_pages.dates.island_clock import shift_moment, to_island_clock
from events_pages.models import Performance
from ticketing.domain.dates import refusals
from ticketing.domain.dates.clock import format_start
from ticketing.domain.dates.copies import copy_sales
from ticketing.domain.dates.planned_dates import find_others
from ticketing.domain.dates.sale_changes import SaleChange, change_sale, save_change
from ticketing.domain.dates.seats import SeatCount, add_seats, count_seats
from ticketing.domain.dates.wishes import AS_ON_PAGE, Line
from ticketing.domain.errors import TicketingError
from ticketing.models import EventSale

logger = logging.getLogger(__name__)

TIMES = {"starts_at": _("Starts"), "doors_at": _("Doors"), "ends_at": _("Ends")}
FACTS = {"name": _("Name"), "venue": _("Venue")}


@dataclass
class DateChange:
    """One date of several, its loaded rows already as they will be. `refusal` says why nothing of it is changed,
    `others` are the dates of other events that it would meet at its venue."""

    performance: Performance
    was_at: datetime
    seats: SeatCount
    sales: list[SaleChange] = field(default_factory=list)
    fields: dict = field(default_factory=dict)
    date_lines: list[Line] = field(default_factory=list)
    tickets_of: Performance | None = None
    refusal: str = ""
    others: tuple = ()

    @property
    def lines(self):
        new = [self.new_tickets] if self.tickets_of else []
        return [*self.date_lines, *(line for change in self.sales for line in change.lines), *new]

    @property
    def new_tickets(self):
        words = _("the same as %(when)s") % {"when": format_start(self.tickets_of.starts_at)}
        return Line(str(_("Tickets")), str(_("none")), str(words))


@dataclass(frozen=True)
class ChangePlan:
    dates: list[DateChange]

    @property
    def refused(self):
        return [each for each in self.dates if each.refusal]

    @property
    def changed(self):
        return [each for each in self.dates if each.lines and not each.refusal]

    @property
    def digest(self):
        """Differs when anything that was shown does."""
        told = [(each.performance.pk, each.lines, str(each.refusal)) for each in self.dates]
        return sha256(repr(told).encode()).hexdigest()[:16]


class PlanOutdated(TicketingError):
    default = _("Something changed since you looked, so nothing was changed. Please look again.")


@transaction.atomic
def apply_changes(page, numbers, wish, *, digest, by=None):
    """All that was planned, or nothing: raises PlanOutdated when a date is refused, or when the plan is not that of
    `digest` any more. Gives the number of dates that changed.
    """
    dates = Performance.objects.select_for_update().filter(page=page, pk__in=numbers).order_by("pk")
    sales = EventSale.objects.select_for_update().filter(page=page)
    list(sales.filter(Q(performance__in=[each.pk for each in dates]) | Q(performance=None)).order_by("pk"))
    plan = plan_changes(page, numbers, wish)
    if plan.refused or plan.digest != digest:
        raise PlanOutdated()
    for change in plan.changed:
        if change.fields:
            edits.change_performance(change.performance, by=by, **change.fields)
        for of_sale in change.sales:
            save_change(of_sale, by=by)
        if change.tickets_of:
            copy_sales(change.tickets_of, change.performance, by=by)
    logger.info("dates.changed page=%d dates=%d", page.pk, len(plan.changed))
    return len(plan.changed)


def plan_changes(page, numbers, wish, *, now=None):
    """The ChangePlan for the dates of the page with these ids, in order; writes nothing."""
    now = now or timezone.now()
    dates = list(page.performances.filter(pk__in=numbers).select_related("venue"))
    sales = EventSale.objects.filter(page=page).order_by("pk").prefetch_related("ticket_types")
    of_dates = list(sales.filter(performance__in=dates))
    passes = list(sales.filter(performance=None)) if wish.moves else []
    seats = count_seats([*of_dates, *passes])
    in_passes = add_seats(seats[each.pk] for each in passes)
    changes = []
    for date in dates:
        own = [sale for sale in of_dates if sale.performance_id == date.pk]
        change = DateChange(date, date.starts_at, add_seats([in_passes, *(seats[sale.pk] for sale in own)]))
        change.refusal = str(plan_date(change, own, wish, now))
        changes.append(change)
    return ChangePlan(changes)


def attach_others(page, plan):
    moved = [each for each in plan.changed if each.fields]
    others = find_others(page, [each.performance for each in moved])
    for each in moved:
        date = each.performance
        each.others = others.get((date.own_venue, date.starts_at), ())


def plan_date(change, sales, wish, now):
    """Writes on the loaded rows what would become of them; gives why not, "" where nothing is in the way."""
    date, start = change.performance, change.performance.starts_at
    try:
        times = plan_times(date, wish)
    except Unreadable as wrong:
        return str(wrong)
    facts = plan_facts(date, wish)
    why = (times or facts) and refusals.why_not_moved(date, change.seats, now)
    why = why or (times and refusals.why_times_wrong(times))
    if why := why or refusals.why_sales_unfit(date, sales, wish, now):
        return why
    change.fields, change.date_lines = times | facts, [*write_times(date, times), *write_facts(date, facts)]
    change.tickets_of = None if sales else wish.tickets_of
    change.sales = [change_sale(sale, wish, start=start, to=date.starts_at) for sale in sales]
    return next(filter(None, map(refusals.why_sale_wrong, sales)), "")


def plan_times(date, wish):
    """{field: moment} where anything changes. Doors and a said end go with the start, unless they are given."""
    was = {"starts_at": date.starts_at, "doors_at": date.doors_at, "ends_at": date.said_end}
    day = to_island_clock(date.starts_at).date()
    start = on_day(day, wish.starts) if wish.starts else date.starts_at
    doors, ends = (shift_moment(moment, start=date.starts_at, to=start) for moment in (date.doors_at, date.said_end))
    if wish.doors:
        doors = on_day(day, wish.doors)
    if wish.ends:
        ends = end_after(start, to_island_clock(date.ends_at).date() if date.is_long else day, wish.ends)
    times = {"starts_at": start, "doors_at": doors, "ends_at": ends}
    return times if times != was else {}


def plan_facts(date, wish):
    """{field: value} of name and venue, where they change."""
    facts = {}
    if wish.name not in (None, date.name):
        facts["name"] = wish.name
    venue = None if wish.venue == AS_ON_PAGE else wish.venue
    if wish.venue is not None and venue != date.venue:
        facts["venue"] = venue
    return facts


def on_day(day, clock):
    """Raises Unreadable for an hour that never comes."""
    return read_moment(f"{day:%Y-%m-%d} {clock:%H:%M}")


def end_after(start, day, clock):
    """On that day, or past its midnight."""
    ends = on_day(day, clock)
    return ends if ends > start else on_day(day + timedelta(days=1), clock)


def write_times(date, times):
    """On the loaded row; gives the lines that say it."""
    was = {name: show_time(date, name) for name in TIMES}
    for name, moment in times.items():
        setattr(date, name, moment)
    if times:
        date.is_end_estimated = times["ends_at"] is None
        date.complete_times()
    now = {name: show_time(date, name) for name in TIMES}
    return [Line(str(label), was[name], now[name]) for name, label in TIMES.items() if was[name] != now[name]]


def write_facts(date, facts):
    """As `write_times`."""
    was = {"name": date.name or "–", "venue": date.place or "–"}
    for name, value in facts.items():
        setattr(date, name, value)
    now = {"name": date.name or "–", "venue": date.place or "–"}
    return [Line(str(FACTS[name]), was[name], now[name]) for name in facts]


def show_time(date, name):
    moment = date.said_end if name == "ends_at" else getattr(date, name)
    return f"{to_island_clock(moment):%H:%M}" if moment else "–"
