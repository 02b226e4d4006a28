"""The months that somebody may choose: those that have something, found without reading a table."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from events_pages.dates.island_clock import island_midnight
from events_pages.models.performances import Performance
from events_pages.public.event_filter import month_after
from events_pages.querysets import ONE_DAY
from events_pages.span_tables import BEGINS, EARLIEST, ENDS, Span, find_filled_spans

MONTHS_OFFERED = 13


def list_months_ahead(pages, now):
    """First days of the months, this one first, in which one of these pages has something to come; one statement."""
    rows, months = Performance.objects.of_pages(pages), list_months_around(timezone.localdate(now))
    first, *others = map(span_month, months)
    spans = [replace(first, earliest=now - ONE_DAY, begins=now), *others]
    return choose_filled(months, spans, begin_in_span(rows).filter(ends_at__gt=BEGINS), rows.long_at(BEGINS))


def list_months_past(pages, now):
    rows, months = Performance.objects.of_pages(pages), list_months_around(timezone.localdate(now), backwards=True)
    return choose_filled(months, list(map(span_month, months)), begin_in_span(rows.wholly_over(now)))


def span_month(month):
    return Span(island_midnight(month), island_midnight(month_after(month)))


def begin_in_span(rows):
    return rows.between(EARLIEST, ENDS).order_by("starts_at", "pk")


def list_months_around(day, *, backwards=False):
    """First days of the months to look at, that of `day` first."""
    months, first = [], day.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1) if backwards else month_after(first)
    return months


def choose_filled(months, spans, *querysets):
    filled = find_filled_spans(spans, querysets)
    return [month for number, month in enumerate(months) if number in filled]
