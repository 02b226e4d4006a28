"""Series of dates by a rule: “every Tuesday until 30 March, but not 25 December”."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from dateutil import rrule
from dateutil.relativedelta import relativedelta
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from events_pages.dates.day_names import join_names, name_date
from events_pages.dates.island_clock import move_to_day, to_island_clock
from events_pages.enums import Frequency

MOST_DATES = 200
MOST_YEARS = 5
MOST_APART = 99
FREQUENCIES = {Frequency.DAILY: rrule.DAILY, Frequency.WEEKLY: rrule.WEEKLY, Frequency.MONTHLY: rrule.MONTHLY}
LAST_WEEK = -1
WEEKS = {
    1: pgettext_lazy("week of the month", "first"),
    2: pgettext_lazy("week of the month", "second"),
    3: pgettext_lazy("week of the month", "third"),
    4: pgettext_lazy("week of the month", "fourth"),
    LAST_WEEK: pgettext_lazy("week of the month", "last"),
}
MOST_NAMED = 5
"""Days left out that are named; more are counted."""


class ImpossibleSeries(ValueError):
    """Its text tells the organiser what is wrong with the rule."""


@dataclass(frozen=True)
class SeriesRule:
    """Raises ImpossibleSeries for a rule that says too little or contradicts itself.

    `weekdays` are 0 (Monday) to 6. A monthly rule has a `day_of_month` (a month without a 31st is left out), or one
    weekday and its `week_of_month`, 1 to 4 or LAST_WEEK. It ends `until` a day, which is counted, or after `count`
    dates; a day `left_out` is none of these.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    week_of_month: int | None = None
    day_of_month: int | None = None
    until: date | None = None
    count: int | None = None
    left_out: frozenset[date] = frozenset()

    def __post_init__(self):
        wrong = self._find_mistake()
        if wrong:
            raise ImpossibleSeries(wrong)

    def _find_mistake(self):
        if not 1 <= self.interval <= MOST_APART:
            return _("How many days, weeks or months apart? Write 1 to %(most)d.") % {"most": MOST_APART}
        if (self.until is None) == (self.count is None):
            return _("Say how it ends: the last day, or how many times. One of the two.")
        if self.count is not None and not 1 <= self.count <= MOST_DATES:
            return _("How many times? Write 1 to %(most)d.") % {"most": MOST_DATES}
        if self.frequency == Frequency.WEEKLY and not _are_weekdays(self.weekdays):
            return _("Choose at least one day of the week.")
        if self.frequency == Frequency.MONTHLY and not self._has_day_of_month():
            return _("Choose a day of the month, 1 to 31, or one like “second Thursday” or “last Friday”.")
        return ""

    def _has_day_of_month(self):
        if self.week_of_month is None:
            return self.day_of_month in range(1, 32)
        one_weekday = len(self.weekdays) == 1 and _are_weekdays(self.weekdays)
        return self.day_of_month is None and one_weekday and self.week_of_month in (1, 2, 3, 4, LAST_WEEK)


def list_series_starts(rule, first_start):
    """The starts by that rule, aware UTC, in order: the clock shows what it shows at `first_start`, on every day.

    They begin at the first day of the rule that is not before `first_start`'s own. A night when the clocks go forward:
    see `move_to_day`. Raises ImpossibleSeries for more than MOST_DATES, more than MOST_YEARS, or none.
    """
    first_day = to_island_clock(first_start).date()
    if rule.until and rule.until < first_day:
        raise ImpossibleSeries(_("The last day comes before the first."))
    days = list(islice(generate_days(rule, first_day), MOST_DATES + 1))
    if len(days) > MOST_DATES:
        raise ImpossibleSeries(_("That makes more than %(most)d dates. Choose an earlier end.") % {"most": MOST_DATES})
    if not days:
        raise ImpossibleSeries(_("No date is left: none of its days lies between the first and the last."))
    if _is_too_long(rule, first_day, len(days)):
        raise ImpossibleSeries(_("A series may last %(most)d years. Choose an earlier end.") % {"most": MOST_YEARS})
    return [move_to_day(first_start, day) for day in days]


def generate_days(rule, first_day):
    """The days of that rule from `first_day` on, for MOST_YEARS at most."""
    end = _end_of_years(first_day)
    until = min(rule.until, end) if rule.until else end
    moments = rrule.rrule(
        FREQUENCIES[rule.frequency],
        interval=rule.interval,
        dtstart=datetime.combine(first_day, time.min),
        until=datetime.combine(until, time.min),
        **_days_within(rule),
    )
    days = (moment.date() for moment in moments)
    return islice((day for day in days if day not in rule.left_out), rule.count)


def _days_within(rule):
    if rule.frequency == Frequency.WEEKLY:
        return {"byweekday": rule.weekdays}
    if rule.frequency == Frequency.DAILY:
        return {}
    if rule.week_of_month is None:
        return {"bymonthday": rule.day_of_month}
    return {"byweekday": rrule.weekday(rule.weekdays[0], rule.week_of_month)}


def _are_weekdays(numbers):
    return bool(numbers) and all(number in range(7) for number in numbers)


def _end_of_years(first_day):
    return first_day + relativedelta(years=MOST_YEARS)


def _is_too_long(rule, first_day, found):
    if rule.until:
        return rule.until > _end_of_years(first_day)
    return found < rule.count


def describe_rule(rule, today=None, first_day=None):
    """“every Tuesday until 30 March, but not 25 December”. Without the island's `today` each day has its year.

    `first_day`: said too, for a series that begins later than a reader would think. Begins with a small letter.
    """
    words = _describe_pace(rule)
    if first_day:
        words = _("%(dates)s from %(day)s") % {"dates": words, "day": name_date(first_day, today)}
    if rule.until:
        words = _("%(dates)s until %(day)s") % {"dates": words, "day": name_date(rule.until, today)}
    else:
        times = ngettext("%(dates)s, %(count)d time", "%(dates)s, %(count)d times", rule.count)
        words = times % {"dates": words, "count": rule.count}
    return _except_left_out(words, sorted(rule.left_out), today)


def _describe_pace(rule):
    if rule.frequency == Frequency.DAILY:
        return _describe_days(rule.interval)
    if rule.frequency == Frequency.WEEKLY:
        return _describe_weeks(rule)
    return _describe_months(rule)


def _describe_days(interval):
    if interval == 1:
        return _("every day")
    return _("every other day") if interval == 2 else _("every %(count)d days") % {"count": interval}


def _describe_weeks(rule):
    names = {"weekdays": _name_weekdays(sorted(set(rule.weekdays))), "count": rule.interval}
    if rule.interval == 1 and len(set(rule.weekdays)) == 7:
        return _describe_days(1)
    if rule.interval == 1:
        return _("every %(weekdays)s") % names
    if rule.interval == 2 and len(set(rule.weekdays)) == 1:
        return _("every other %(weekdays)s") % names
    return _("every %(count)d weeks on %(weekdays)s") % names


def _name_weekdays(numbers):
    """“Tuesday and Thursday”; three and more in a row are “Tuesday to Saturday”."""
    names = [str(WEEKDAYS[number]) for number in numbers]
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return join_names(names)


def _describe_months(rule):
    if rule.week_of_month is None:
        day = _("the %(number)s") % {"number": date_format(date(2000, 1, rule.day_of_month), "jS")}
    else:
        names = {"week": WEEKS[rule.week_of_month], "weekday": WEEKDAYS[rule.weekdays[0]]}
        day = _("%(week)s %(weekday)s") % names
    if rule.interval == 1:
        return _("%(day)s of the month") % {"day": day}
    if rule.interval == 2:
        return _("%(day)s of every other month") % {"day": day}
    return _("%(day)s, every %(count)d months") % {"day": day, "count": rule.interval}


def _except_left_out(words, days, today):
    if not days:
        return words
    if len(days) > MOST_NAMED:
        return _("%(dates)s, but not on %(count)d days") % {"dates": words, "count": len(days)}
    names = get_text_list([name_date(day, today) for day in days], _("or"))
    return _("%(dates)s, but not %(days)s") % {"dates": words, "days": names}
