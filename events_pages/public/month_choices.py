"""The months that somebody may choose: those that have something, found without reading a table."""

from datetime import timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper
from django.utils import timezone

from events_pages.models.performances import Performance
from events_pages.public.event_filter import island_midnight, month_after

MONTHS_OFFERED = 13


def list_months_ahead(pages, now):
    """First days of the months, this one first, in which one of these pages has something to come; one statement."""
    rows, months = Performance.objects.of_pages(pages), list_months_around(timezone.localdate(now))
    parts = [[rows.started_before(now), rows.between(now, island_midnight(months[1]))]]
    for month in months[1:]:
        start = island_midnight(month)
        parts.append([rows.long_at(start), rows.in_days(start, island_midnight(month_after(month)))])
    return choose_filled(months, parts)


def list_months_past(pages, now):
    """The same for what is wholly over, the latest month first."""
    months = list_months_around(timezone.localdate(now), backwards=True)
    rows = Performance.objects.of_pages(pages).wholly_over(now)
    parts = [[rows.in_days(island_midnight(month), island_midnight(month_after(month)))] for month in months]
    return choose_filled(months, parts)


def list_months_around(day, *, backwards=False):
    """First days of the months to look at, that of `day` first."""
    months, first = [], day.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1) if backwards else month_after(first)
    return months


def choose_filled(months, parts):
    """The months of which one part has a row: EXISTS reads one row at most of each."""
    rows = Performance.objects.order_by().values_list(*[exists_any(querysets) for querysets in parts])[:1]
    return [month for row in rows for month, is_filled in zip(months, row, strict=True) if is_filled]


def exists_any(querysets):
    first, *others = [Exists(each.order_by()) for each in querysets]
    for other in others:
        first = first | other
    return ExpressionWrapper(first, output_field=BooleanField())
