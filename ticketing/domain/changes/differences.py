"""Differences between what was printed and what is: their kind, and the rows “was / is now” that people read."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events_pages.dates.printed_facts import MOMENTS, list_differences, parse_moment
from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from ticketing.enums import ChangeKind

BY_STATUS = {
    PerformanceStatus.CANCELLED: ChangeKind.CANCELLED,
    PerformanceStatus.POSTPONED: ChangeKind.POSTPONED,
    PerformanceStatus.MOVED_ONLINE: ChangeKind.ONLINE,
}

KINDS_WITH_CHOICE = (ChangeKind.POSTPONED, ChangeKind.MOVED)
"""After which holders may choose their money back."""


@dataclass(frozen=True)
class Difference:
    """One fact in words; "" where there was none, or is none."""

    label: str
    was: str
    now: str


@dataclass(frozen=True)
class DateDifference:
    """`when` it was, aware; `differences` in the order in which tickets print them."""

    performance_id: int
    when: object
    differences: list
    is_called_off: bool


def find_kind(was, now):
    """Of one date; None where nothing that is printed differs."""
    names = list_differences(was, now)
    if "status" in names and now["status"] in BY_STATUS:
        return BY_STATUS[now["status"]]
    if "starts_at" in names and not is_same_day(was["starts_at"], now["starts_at"]):
        return ChangeKind.MOVED
    if "status" in names and was["status"] in NOT_TAKING_PLACE:
        return ChangeKind.RESUMED
    if {"venue", "link", "status"} & set(names):
        return ChangeKind.VENUE
    if set(MOMENTS) & set(names):
        return ChangeKind.TIMES
    return ChangeKind.AGE_LIMIT if names else None


def find_first_kind(notice):
    """Of all its dates the one that comes first in `ChangeKind`; None where nothing differs."""
    kinds = [find_kind(notice.was[key], notice.now[key]) for key in notice.now]
    return min(filter(None, kinds), key=list(ChangeKind).index, default=None)


def list_dates_with_choice(notice):
    """Ids of the dates whose holders may choose, if the notice says so."""
    return [int(key) for key in notice.now if find_kind(notice.was[key], notice.now[key]) in KINDS_WITH_CHOICE]


def describe_notice(notice):
    """A DateDifference for each date, the earliest first."""
    found = [compare_date(int(key), notice.was[key], notice.now[key]) for key in notice.now]
    return sorted(found, key=lambda each: (each.when, each.performance_id))


def compare_date(performance_id, was, now):
    rows = [describe_fact(name, was, now) for name in list_differences(was, now)]
    called_off = now["status"] == PerformanceStatus.CANCELLED
    return DateDifference(performance_id, parse_moment(was["starts_at"]), list(filter(None, rows)), called_off)


def describe_fact(name, was, now):
    """None for a status that another row says already."""
    labels = {
        "status": _("Takes place"),
        "starts_at": _("Start"),
        "ends_at": _("End"),
        "doors_at": _("Doors open"),
        "venue": _("Venue"),
        "link": _("Where to watch"),
        "age_limit": _("Age"),
    }
    before, after = format_fact(name, was), format_fact(name, now)
    return None if before == after else Difference(labels[name], before, after)


def format_fact(name, facts):
    value = facts[name]
    if name == "status":
        return format_status(value)
    if name not in MOMENTS:
        return value or "–"
    if value is None:
        return _("not said")
    moment = timezone.localtime(parse_moment(value), timezone.get_default_timezone())
    is_short = name != "starts_at" and is_same_day(value, facts["starts_at"])
    return date_format(moment, "H:i" if is_short else "D j F Y, H:i")


def format_status(status):
    if status in BY_STATUS:
        return str(PerformanceStatus(status).label)
    return _("Yes")


def is_same_day(first, second):
    days = {timezone.localdate(parse_moment(each), timezone.get_default_timezone()) for each in (first, second)}
    return len(days) == 1
