"""The months that somebody may choose: those that have something, found without reading a table."""

from datetime import timedelta

from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from events_pages.dates.island_clock import island_midnight
from events_pages.models.performances import Performance
from events_pages.public.event_filter import month_after

MONTHS_OFFERED = 13


def list_months_ahead(pages, now):
    """First days of the months, this one first, in which one of these pages has something to come; one statement."""
    rows, months = Performance.objects.of_pages(pages), list_months_around(timezone.localdate(now))
    parts = [[begin_in(rows, now, months[0]), rows.short_at(now), rows.long_at(now)]]
    for month in months[1:]:
        start = island_midnight(month)
        parts.append([begin_in(rows, start, month), rows.long_at(start)])
    return choose_filled(months, parts)


def list_months_past(pages, now):
    months = list_months_around(timezone.localdate(now), backwards=True)
    rows = Performance.objects.of_pages(pages).wholly_over(now)
    return choose_filled(months, [[begin_in(rows, island_midnight(month), month)] for month in months])


def begin_in(rows, start, month):
    return rows.between(start, island_midnight(month_after(month))).order_by("starts_at", "pk")


def list_months_around(day, *, backwards=False):
    """First days of the months to look at, that of `day` first."""
    months, first = [], day.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1) if backwards else month_after(first)
    return months


def choose_filled(months, parts):
    """The months of which one part has a row: of each the first is looked up in the order of an index."""
    wanted = [Coalesce(*map(find_first, querysets), Value(0)) for querysets in parts]
    rows = Performance.objects.order_by().values_list(*wanted)[:1]
    return [month for row in rows for month, found in zip(months, row, strict=True) if found]


def find_first(rows):
    return Subquery(rows.values("pk")[:1])
