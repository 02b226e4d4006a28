"""The months that somebody may choose: those that have something, found without reading a table."""

from datetime import timedelta

from django.db import connection
from django.db.models import DateTimeField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from events_pages.dates.island_clock import island_midnight
from events_pages.models.performances import Performance
from events_pages.public.event_filter import month_after
from events_pages.querysets import ONE_DAY

MONTHS_OFFERED = 13
EARLIEST, BEGINS, ENDS = (RawSQL(f"span.{name}", [], DateTimeField()) for name in ("earliest", "begins", "ends"))


def list_months_ahead(pages, now):
    """First days of the months, this one first, in which one of these pages has something to come; one statement."""
    rows, months = Performance.objects.of_pages(pages), list_months_around(timezone.localdate(now))
    spans = [list_bounds(month) for month in months]
    spans[0] = (now - ONE_DAY, now, spans[0][-1])
    return choose_filled(months, spans, [begin_in_span(rows).filter(ends_at__gt=BEGINS), rows.long_at(BEGINS)])


def list_months_past(pages, now):
    rows, months = Performance.objects.of_pages(pages), list_months_around(timezone.localdate(now), backwards=True)
    return choose_filled(months, [list_bounds(month) for month in months], [begin_in_span(rows.wholly_over(now))])


def begin_in_span(rows):
    return rows.between(EARLIEST, ENDS).order_by("starts_at", "pk")


def list_bounds(month):
    """The earliest start of what is looked for, from when it must go on, and the end."""
    start = island_midnight(month)
    return start, start, island_midnight(month_after(month))


def list_months_around(day, *, backwards=False):
    """First days of the months to look at, that of `day` first."""
    months, first = [], day.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1) if backwards else month_after(first)
    return months


def choose_filled(months, spans, kinds):
    """The months in whose span one of these querysets has a row: the first in its order, because of EXISTS PostgreSQL
    would forget the order and read the table. The spans are a table, so that each queryset is planned once; thirteen
    subqueries take longer to plan than to answer."""
    adapt = connection.ops.adapt_datetimefield_value
    values = [adapt(moment) for span in spans for moment in span]
    parts = [rows.values("pk")[:1].query.sql_with_params() for rows in kinds]
    values += [value for _sql, own in parts for value in own]
    is_filled = " OR ".join(f"({sql}) IS NOT NULL" for sql, _own in parts)
    # Django's SQL, with the values beside it
    wanted = f"SELECT number FROM ({write_spans(len(spans))}) AS span WHERE {is_filled}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(wanted, values)
        filled = {number for (number,) in cursor.fetchall()}
    return [month for number, month in enumerate(months) if number in filled]


def write_spans(count):
    """SQL of a table of so many spans."""
    moment = "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
    rows = (f"SELECT {n} AS number, {moment} AS earliest, {moment} AS begins, {moment} AS ends" for n in range(count))
    return " UNION ALL ".join(rows)
