"""Events of a list under the days that people say: “On now”, “Tonight”, “Tomorrow”, “Saturday 5 December”."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.wording import name_day
from events_pages.enums import PerformanceStatus

MOST_COLUMNS = 4


@dataclass(frozen=True)
class EventGroup:
    """`is_day` is True where the title says the day of each of its events, `is_hidden` where nobody needs to see it."""

    title: str
    events: list
    is_day: bool = False
    is_hidden: bool = False

    @property
    def width(self):
        """In columns of the widest page, which shows no more beside each other."""
        return min(len(self.events), MOST_COLUMNS)


def group_events(events, chosen, now, *, is_archive=False):
    """As the list shows them, `chosen` its EventFilter: what was found by words is in the order of how well it fits."""
    if chosen.q:
        return [EventGroup(_("Events that were found"), events, is_hidden=True)] if events else []
    return group_by_month(events) if is_archive else group_by_day(events, now, chosen.range[0])


def group_by_day(events, now, start=None):
    """What goes on now first, then by day. `start` is that of a range to come (aware): what began before it is found
    on its first day."""
    on_now, days, waiting = [], {}, []
    is_to_come = start is not None and start > now
    for event in events:
        if is_waiting(event.shown, now):
            waiting.append(event)
        elif not is_to_come and is_on_now(event.shown, now):
            on_now.append(event)
        else:
            begins = max(filter(None, [event.shown.starts_at, start]))
            days.setdefault(name_day(begins, now), []).append(event)
    groups = [EventGroup(title, found, is_day=True) for title, found in days.items()]
    first = [EventGroup(_("On now"), on_now)] if on_now else []
    return [*first, *groups, *([EventGroup(_("Waiting for a new date"), waiting)] if waiting else [])]


def is_waiting(performance, now):
    return performance.status == PerformanceStatus.POSTPONED and performance.ends_at <= now


def is_on_now(performance, now):
    return performance.takes_place and performance.starts_at <= now < performance.ends_at


def group_by_month(events):
    months = {}
    for event in events:
        months.setdefault(date_format(to_island_clock(event.shown.starts_at), "F Y"), []).append(event)
    return [EventGroup(title, found) for title, found in months.items()]
