"""Dates and times as people in Jersey write them: the day before the month, 24 hours or a.m. and p.m., any minute.

Strict: what could mean two things, or stands on no calendar and no clock, is `Unreadable`, and its text says what to
write instead. Nothing is guessed from today's date. Whatever time zone is active, the clock is Jersey's.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

LONGEST = 60  # characters of any date with any time
YEARS = range(1900, 2200)
CENTURY = 2000  # of a year written with two figures
MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DASHES = re.compile(r"[\u2010-\u2015\u2212]")

_WEEKDAY = r"(?:(?P<weekday>mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,? ?)?(?:the )?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})(?![0-9])")
ALL_FIGURES = re.compile(rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})(?P<sign> ?[-/.] ?)(?P<month>[0-9]{{1,2}})(?P=sign){_YEAR}")
DAY_THEN_WORD = re.compile(rf"{_WEEKDAY}{_DAY}[ /.-]?(?:of )?{_MONTH},?[ /-]?[']?{_YEAR}")
WORD_THEN_DAY = re.compile(rf"{_WEEKDAY}{_MONTH} {_DAY},? {_YEAR}")
DATES = [YEAR_FIRST, ALL_FIGURES, DAY_THEN_WORD, WORD_THEN_DAY]

_FIGURES = r"(?P<hour>[0-9]{1,2})[:.h](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,6})?)?"
_HALF = r" ?(?P<half>[ap])\.? ?m\.?(?![a-z0-9])"
_HOURS = r"(?: ?(?:hrs?|hours|h)\b\.?)?(?![0-9])"
WORD_OF_DAY = re.compile(r"(?:12 ?)?(?P<word>noon|midday|midnight)\b")
HALF_CLOCK = re.compile(_FIGURES + _HALF)
CLOCK = re.compile(_FIGURES + _HOURS)
HALF_HOUR = re.compile(r"(?P<hour>[0-9]{1,2})" + _HALF)
FOUR_FIGURES = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})" + _HOURS)
TIMES = [WORD_OF_DAY, HALF_CLOCK, CLOCK, HALF_HOUR, FOUR_FIGURES]

ZONE = re.compile(r" ?\(?(?P<zone>bst|gmt|utc|z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])\)?(?![a-z0-9])")
GAP = re.compile(r"t|[ ,]+(?:(?:at|from|on) |[@-] ?)?")


class Unreadable(ValueError):
    """Its text says what is wrong with what was typed, and what to write."""


def read_date(text):
    """“12/12/2026”, “Sat 12th Dec 2026”, “2026-12-12” → a date. Raises Unreadable."""
    text = _tidy(text)
    for day, rest in _dates_at_start(text):
        if not rest:
            return day
    if any(_date_then_time(text)):
        raise Unreadable(_("Write the day alone, without a time."))
    raise Unreadable(_("This cannot be read as a date. Write it like 12/12/2026 or 12 Dec 2026."))


def read_dates(text):
    """Days one a line, or with commas or semicolons between them → a frozenset. Raises Unreadable, quoting the day."""
    lines = [line for line in re.split(r"[;\n]", text) if line.strip()]
    return frozenset(day for line in lines for day in _read_days_of_line(line))


def read_time(text):
    """“19:30”, “7.30pm”, “1930”, “noon” → a time; “midnight” and “24:00” are 00:00. Raises Unreadable."""
    for clock, _word, zone, rest in _times_at_start(_tidy(text)):
        if not zone and not rest:
            return (datetime.min + clock).time()  # noqa: DTZ901 - a clock without a day
    raise Unreadable(_("This cannot be read as a time. Write it like 19:30 or 7.30pm."))


def read_moment(text):
    """A date with a time, in either order, by Jersey's clock → aware UTC. Raises Unreadable.

    “24:00” ends the day. “BST” or “GMT” says which, in the hour that comes twice; without either it is the first. An
    hour that never comes is refused, and so is a date alone: nobody knows which end of the day is meant.
    """
    text = _tidy(text)
    for day, (clock, word, zone) in chain(_date_then_time(text), _time_then_date(text)):
        if word == "midnight":
            raise Unreadable(_("Midnight begins a day and ends it: write 00:00 for its beginning, 24:00 for its end."))
        return _moment(datetime.combine(day, time.min) + clock, zone)
    if any(not rest for _day, rest in _dates_at_start(text)):
        raise Unreadable(_("Write the time too: 12 Dec 2026 19:30."))
    words = _("This cannot be read as a date and a time. Write it like 12/12/2026 19:30 or 12 Dec 2026 7.30pm.")
    raise Unreadable(words)


def begin_day(day):
    return _moment(datetime.combine(day, time.min))


def name_hour(moment):
    """“BST” or “GMT” in the hour that Jersey's clocks show twice; "" in every other."""
    local = moment.astimezone(get_default_timezone())
    return local.tzname() if _offset(local, 0) > _offset(local, 1) else ""


def explain_moment(moment):
    """A sentence that says which of two hours with the same figures this is; "" when there is only one."""
    name, local = name_hour(moment), moment.astimezone(get_default_timezone())
    if not name:
        return ""
    words = _(
        "The clocks go back that night and %(time)s comes twice. This is the first, in summer time (%(name)s); write "
        "GMT behind it for the second, an hour later."
    )
    if local.fold:
        words = _(
            "The clocks go back that night and %(time)s comes twice. This is the second, in winter time (%(name)s); "
            "write BST behind it for the first, an hour earlier."
        )
    return words % {"time": f"{local:%H:%M}", "name": name}


def _tidy(text):
    """Empty when no date is that long."""
    if len(text) > LONGEST:
        return ""
    text = DASHES.sub("-", unicodedata.normalize("NFKC", text)).replace("’", "'")
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(text.lower().split()).strip(" ,;.")


def _read_days_of_line(line):
    """A comma may stand inside a date too: “Dec 12, 2026”."""
    try:
        return [read_date(line)]
    except Unreadable:
        return [_read_quoted_date(piece) for piece in line.split(",") if piece.strip()]


def _read_quoted_date(text):
    try:
        return read_date(text)
    except Unreadable as wrong:
        raise Unreadable(_("“%(text)s”: %(why)s") % {"text": text.strip()[:LONGEST], "why": wrong}) from wrong


def _date_then_time(text):
    for day, rest in _dates_at_start(text):
        for clock, word, zone, left in _times_at_start(_after_gap(rest)):
            if not left:
                yield day, (clock, word, zone)


def _time_then_date(text):
    for clock, word, zone, rest in _times_at_start(text):
        for day, left in _dates_at_start(_after_gap(rest)):
            if not left:
                yield day, (clock, word, zone)


def _after_gap(text):
    gap = GAP.match(text)
    return text[gap.end() :] if gap else ""


def _dates_at_start(text):
    """(date, what follows it). Raises Unreadable for a date that is on no calendar."""
    for found in filter(None, (pattern.match(text) for pattern in DATES)):
        month = _number_of(found["month"])
        if month is not None:
            yield _date_of(found, month), text[found.end() :]


def _number_of(month):
    if month.isdigit():
        return int(month)
    spelt = [number for number, name in enumerate(MONTHS, 1) if month in (name, name[:3], "sept" * (number == 9))]
    return spelt[0] if spelt else None


def _date_of(found, month):
    day, year = int(found["day"]), int(found["year"])
    year += CENTURY if len(found["year"]) == 2 else 0
    if month not in range(1, 13):
        raise Unreadable(_("There is no month %(month)d: write the day first, then the month.") % {"month": month})
    if year not in YEARS:
        limits = {"first": YEARS[0], "last": YEARS[-1]}
        raise Unreadable(_("The year must lie between %(first)d and %(last)d.") % limits)
    last = monthrange(year, month)[1]
    if day not in range(1, last + 1):
        words = _("%(month)s %(year)d has %(last)d days.")
        raise Unreadable(words % {"month": MONTHS[month - 1].title(), "year": year, "last": last})
    return _on_its_weekday(date(year, month, day), found.groupdict().get("weekday"))


def _on_its_weekday(day, named):
    weekday = WEEKDAYS[day.weekday()]
    if named and not weekday.startswith(named[:3]):
        raise Unreadable(_("That day is a %(weekday)s: look at both again.") % {"weekday": weekday.title()})
    return day


def _times_at_start(text):
    """(time since midnight, its word if it is one, zone, what follows it)"""
    for found in filter(None, (pattern.match(text) for pattern in TIMES)):
        parts = found.groupdict()
        clock = _clock_of(parts)
        if clock is not None:
            zone = ZONE.match(text, found.end())
            end = zone.end() if zone else found.end()
            yield clock, parts.get("word"), zone["zone"] if zone else "", text[end:]


def _clock_of(parts):
    """None for what no clock shows; 24:00 is the end of the day."""
    if word := parts.get("word"):
        return timedelta(hours=0 if word == "midnight" else 12)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = parts.get("half")
    if minute > 59 or second > 59 or (half == "p" and hour == 0) or (half == "a" and hour > 12):
        return None
    hour = hour % 12 if half and hour == 12 else hour
    hour += 12 if half == "p" and hour < 12 else 0
    clock = timedelta(hours=hour, minutes=minute, seconds=second)
    return clock if clock <= timedelta(hours=24) else None


def _moment(wall, zone=""):
    """By Jersey's clocks, or a numbered zone. Raises Unreadable for an hour that never comes."""
    if zone in ("z", "utc") or zone[:1] in ("+", "-"):
        return datetime.fromisoformat(f"{wall.isoformat()}{zone.replace('utc', 'z').upper()}").astimezone(UTC)
    first, second = (wall.replace(tzinfo=get_default_timezone(), fold=fold) for fold in (0, 1))
    if _offset(first, 0) < _offset(first, 1):
        raise Unreadable(_never(first, second))
    for local in (first, second):
        if zone in ("", local.tzname().lower()):
            return local.astimezone(UTC)
    words = _("Jersey’s clocks show %(name)s then: write the time without %(zone)s.")
    raise Unreadable(words % {"name": first.tzname(), "zone": zone.upper()})


def _offset(local, fold):
    return local.replace(fold=fold).utcoffset()


def _never(first, second):
    later, earlier = (each.astimezone(UTC).astimezone(get_default_timezone()) for each in (first, second))
    words = _(
        "On %(day)s the clocks go forward by an hour, and %(time)s never comes. Write %(earlier)s if you mean the hour "
        "before, %(later)s for the hour after."
    )
    day = f"{first.day} {MONTHS[first.month - 1].title()} {first.year}"
    figures = {"time": f"{first:%H:%M}", "earlier": f"{earlier:%H:%M}", "later": f"{later:%H:%M}"}
    return words % {"day": day, **figures}


def format_moment(moment):
    """`14 Mar 2026, 09:05`, as Jersey counts it, for staff."""
    return date_format(timezone.localtime(moment), "j M Y, H:i")
