"""The public holidays of Jersey by name, by the rules that have stood since 2023.

The days are those of the PyPI package holidays 0.109 for JE, compared for 2023 to 2099; it names the Acts. Written out
here because importing it takes a tenth of a second and 13 MB. A day that the States add once is written into `ADDED`.
"""

from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import MO, relativedelta
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ADDED = {
    date(2023, 5, 8): gettext_lazy("Coronation of King Charles III"),
    date(2024, 7, 15): gettext_lazy("Visit of King Charles III and Queen Camilla"),
}
SATURDAY = 5


def list_public_holidays(first, last):
    """{day: name} from the first to the last of these days, both counted, in order.

    Liberation Day is named on a Sunday too: the island keeps it on the day, and no Monday stands in for it.
    """
    found = {day: str(name) for day, name in ADDED.items()}
    for year in range(first.year, last.year + 1):
        found |= _list_holidays_of_year(year)
    return {day: found[day] for day in sorted(found) if first <= day <= last}


def _list_holidays_of_year(year):
    new_year, christmas, boxing_day = date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)
    found = {
        new_year: _("New Year’s Day"),
        easter(year) - timedelta(days=2): _("Good Friday"),
        easter(year) + timedelta(days=1): _("Easter Monday"),
        date(year, 5, 1) + relativedelta(weekday=MO): _("Early May Bank Holiday"),
        date(year, 5, 9): _("Liberation Day"),
        date(year, 5, 31) + relativedelta(weekday=MO(-1)): _("Spring Bank Holiday"),
        date(year, 8, 31) + relativedelta(weekday=MO(-1)): _("Summer Bank Holiday"),
        christmas: _("Christmas Day"),
        boxing_day: _("Boxing Day"),
    }
    for day in (new_year, christmas, boxing_day):
        if day.weekday() >= SATURDAY:
            found[_next_free_weekday(day, found)] = _("%(holiday)s (substitute day)") % {"holiday": found[day]}
    return found


def _next_free_weekday(day, taken):
    while day in taken or day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day
