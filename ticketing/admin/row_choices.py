"""Events, dates and sales that a filter of the admin is set to: each found by the words of its event and its day."""

from calendar import day_name, month_name
from datetime import datetime, timedelta

from django.utils import timezone

from common.search.fields import find_meant_spellings
from common.search.words import fold_words, is_found, read_query
from common.text.direction import isolate_text
from common.text.typed_dates import Unreadable, read_date
from events_pages.models import EventPage
from events_pages.public.search_words import words_of_day
from protection.admin.row_filters import MOST_FOUND, RowChoice, register_choice
from ticketing.admin.permissions import own_pages, own_performances, own_sales
from ticketing.domain.catalogue.sale_dates import format_moment

MOST_LOOKED_AT = 250
DAY = timedelta(days=1)
OF_DAYS = {name.casefold() for name in (*day_name, *month_name[1:])}


def find_pages(pages, text):
    """By their words, then by words with a slip; the newest first."""
    if not text:
        return pages.order_by("-pk")[:MOST_FOUND]
    if not (query := read_query(text)):
        return []
    if found := list(pages.filter(search_words__spelt=query.as_typed).order_by("-pk")[:MOST_FOUND]):
        return found
    near, rows = find_meant_spellings(pages, query)
    return list(rows.filter(search_words__spelt=query.as_meant(near)).order_by("-pk")[:MOST_FOUND])


def find_dated_rows(rows, text, *, date):
    """Those of the events that a text names, of them the ones whose day it names, too; the latest first. `date` is the
    path from a row to its date."""
    path = f"{date}__" if date else ""
    latest = rows.order_by(f"-{path}starts_at", "-pk")
    if not text:
        now = timezone.now()
        return latest.filter(**{f"{path}starts_at__gt": now - DAY, f"{path}starts_at__lt": now + 7 * DAY})[:MOST_FOUND]
    pages = list_named_pages(rows, text)
    if not pages:
        return list(of_day(latest, text, path)[:MOST_FOUND])
    found = list(latest.filter(page__in=pages)[:MOST_LOOKED_AT])
    query = read_query(text)
    named = [row for row in found if is_found(words_of_row(row, date), query.as_typed)]
    return (named or found)[:MOST_FOUND]


def list_named_pages(rows, text):
    """The ids of the events that these words name, or those among them that are not about a day."""
    pages = EventPage.objects.filter(pk__in=rows.order_by().values("page"))
    names = " ".join(word for word in text.split() if not is_of_day(word))
    return [page.pk for words in dict.fromkeys((text, names)) if words for page in find_pages(pages, words)]


def is_of_day(word):
    word = word.casefold().strip(",.")
    return word[:1].isdecimal() or (len(word) > 2 and any(name.startswith(word) for name in OF_DAYS))


def of_day(rows, text, path):
    try:
        day = read_date(text)
    except Unreadable:
        return rows.none()
    began = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return rows.filter(**{f"{path}starts_at__gte": began, f"{path}starts_at__lt": began + DAY})


def words_of_row(row, date):
    performance = getattr(row, date) if date else row
    at = performance and performance.starts_at
    return fold_words(row.page.title, row.name, performance and performance.name, words_of_day(at)).split()


def name_page(page):
    return isolate_text(page.title)


def name_date(performance):
    return f"{isolate_text(str(performance))}, {format_moment(performance.starts_at)}"


def name_sale(sale):
    moment = "" if sale.is_pass else f", {format_moment(sale.performance.starts_at)}"
    name = f" – {isolate_text(sale.date_name)}" if sale.date_name else ""
    return f"{isolate_text(sale.page.title)}{moment}{name}"


PAGES = register_choice(RowChoice("events", own_pages, find_pages, name_page))
DATES = register_choice(
    RowChoice("dates", own_performances, lambda rows, text: find_dated_rows(rows, text, date=""), name_date)
)
SALES = register_choice(
    RowChoice("sales", own_sales, lambda rows, text: find_dated_rows(rows, text, date="performance"), name_sale)
)
