"""How days are named: with the year only where somebody might take another one.

`today` is a day of the island everywhere; None stands for paper that is kept, where each day has its year.
"""

from itertools import zip_longest

from dateutil.relativedelta import relativedelta
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

YEARLESS_MONTHS = 6


def needs_year(day, today):
    """Neither in this year nor within the next six months: “Sat 2 January” in December, “Sat 3 July 2027” too."""
    if today is None:
        return True
    return day.year != today.year and not today <= day < today + relativedelta(months=YEARLESS_MONTHS)


def name_date(day, today):
    """“27 March”, “27 March 2029”"""
    return date_format(day, "j F Y" if needs_year(day, today) else "j F")


def name_dates(days, today):
    """As they are read aloud one after another: “Fri 2”, “Sat 3”, “Fri 9 July”.

    The month, and the year where any of them needs one, is said with the last day that it is true of.
    """
    with_year = any(needs_year(day, today) for day in days)
    names = []
    for day, following in zip_longest(days, days[1:]):
        says_year = with_year and (following is None or following.year != day.year)
        says_month = following is None or (following.year, following.month) != (day.year, day.month)
        names.append(date_format(day, "D j F Y" if says_year else "D j F" if says_month else "D j"))
    return names


def join_names(names):
    return get_text_list(names, _("and"))
