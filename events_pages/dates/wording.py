"""When an event is, in words. `now` is a moment; every day and time is the island's.

A performance is whatever has `starts_at`, `ends_at`, `doors_at`, `is_end_estimated` and `status`.
"""

from datetime import UTC, timedelta
from itertools import takewhile

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events_pages.dates.day_names import join_names, name_dates
from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.patterns import find_rule
from events_pages.dates.series import describe_rule, generate_days
from events_pages.enums import NOT_TAKING_PLACE

EVENING = 17
"""The hour from which people say tonight."""
NIGHT = timedelta(hours=6)
"""An end before six in the morning belongs to the evening before."""
LONGEST_EVENING = timedelta(hours=12)
MOST_LISTED = 3
"""Dates that are listed one by one; more are a range or a rule."""
MOST_TIMES = 4
"""Times of one day that are listed."""


def describe_dates(performances, now, *, always_year=False):
    """One line, “” without performances: “Sat 3 July, 19:30”, “every Saturday until 27 March, but not 26 December”.

    What is cancelled or postponed does not count, unless all of them are; nor what is over while others are to come.
    The year is left out of days in this year and of the next six months: `always_year` is for paper that is kept.
    A rule begins with a small letter: on a line of its own it needs `capfirst`.
    """
    performances = list(performances)
    told = _choose_told(performances, now)
    spans = sorted({(_first_day(each), _last_day(each)) for each in told})
    today = None if always_year else to_island_clock(now).date()
    if not spans:
        return ""
    if len(spans) == 1:
        return _describe_single(told, *spans[0], today)
    if len(spans) <= MOST_LISTED:
        return join_names(_name_spans(spans, today))
    return _describe_as_rule(spans, performances, now, today) or _describe_range(spans, len(told), today)


def format_short_date(performance, now=None):
    """“Sat 3 July 19:30”, to choose from. With `now` it has its year where `describe_dates` would say it."""
    span = (_first_day(performance), _last_day(performance))
    today = to_island_clock(now or performance.starts_at).date()
    name = _name_spans([span], today)[0]
    if span[0] < span[1]:
        return name
    return _("%(day)s %(time)s") % {"day": name, "time": format_time(performance.starts_at)}


def name_day(starts_at, now):
    """“Tonight” for what starts at EVENING or later, “Today”, “Tomorrow”, “Saturday 5 December”, with another year."""
    local, today = to_island_clock(starts_at), to_island_clock(now).date()
    if local.date() == today:
        return _("Tonight") if local.hour >= EVENING else _("Today")
    if local.date() == today + timedelta(days=1):
        return _("Tomorrow")
    return date_format(local, "l j F" if local.year == today.year else "l j F Y")


def span_days(performance):
    """(its first day, its last day) on the island's calendar; an evening that ends after midnight is one day."""
    return _first_day(performance), _last_day(performance)


def format_time(moment):
    return date_format(to_island_clock(moment), "TIME_FORMAT")


def _choose_told(performances, now):
    told = [each for each in performances if each.status not in NOT_TAKING_PLACE] or performances
    return [each for each in told if each.ends_at > now] or told


def _first_day(performance):
    return to_island_clock(performance.starts_at).date()


def _last_day(performance):
    """An evening that ends after midnight is one day, and so is whatever lasts twelve hours at most."""
    first = _first_day(performance)
    length = performance.ends_at.astimezone(UTC) - performance.starts_at.astimezone(UTC)
    if performance.is_end_estimated or length <= LONGEST_EVENING:
        return first
    return (to_island_clock(performance.ends_at) - NIGHT).date()


def _describe_single(told, first, last, today):
    """One day, with the times at which something starts; or some days in a row."""
    name = _name_spans([(first, last)], today)[0]
    if first < last:
        return name
    moments = sorted({each.starts_at for each in told})
    times = [format_time(moment) for moment in moments]
    if len(times) > MOST_TIMES:
        words = _("%(day)s, %(count)d times from %(time)s")
        return words % {"day": name, "count": len(times), "time": times[0]}
    return _("%(day)s, %(time)s") % {"day": name, "time": join_names(times)}


def _describe_as_rule(spans, performances, now, today):
    """“” where the days follow none, or something lasts for days."""
    days = sorted({first for first, _last in spans})
    rule = find_rule(days) if all(first == last for first, last in spans) else None
    if not rule:
        return ""
    over = {_first_day(each) for each in performances if each.ends_at <= now}
    begins_late = _is_start_needed(rule, days[0], to_island_clock(now).date(), over)
    return describe_rule(rule, today, first_day=days[0] if begins_late or today is None else None)


def _is_start_needed(rule, first_day, today, over):
    """“every Saturday” promises the next one: where it is none of the dates, the first is said."""
    if rule.interval > 1 or first_day < today:
        return True
    promised = takewhile(lambda day: day < first_day, generate_days(rule, today))
    return any(day not in over for day in promised)


def _describe_range(spans, number, today):
    first, last = spans[0][0], max(last for _first, last in spans)
    words = ngettext("%(days)s, %(count)d date", "%(days)s, %(count)d dates", number)
    return words % {"days": _name_spans([(first, last)], today)[0], "count": number}


def _name_spans(spans, today):
    """“Fri 2 – Sun 4”, “Sat 10 July”"""
    names = iter(name_dates([day for first, last in spans for day in sorted({first, last})], today))
    return [
        next(names) if first == last else _("%(first)s – %(last)s") % {"first": next(names), "last": next(names)}
        for first, last in spans
    ]


def _format_day_and_time(moment):
    day = date_format(to_island_clock(moment), "l j F Y")
    return _("%(day)s, %(time)s") % {"day": day, "time": format_time(moment)}
