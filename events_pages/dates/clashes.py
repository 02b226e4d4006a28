"""What else is on when a date is chosen. Public events only: no draft and no restricted page is named."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils import timezone

from events_pages.dates.wording import format_short_date
from events_pages.enums import NOT_TAKING_PLACE, ClashReason, PerformanceStatus
from events_pages.models.pages import EventPage
from events_pages.models.performances import Performance
from events_pages.querysets import is_at_venue, is_in_parish

NEAR = timedelta(hours=3)
"""What ends less than this before, or begins less than this after, draws the same people on the same evening."""
LONGEST_LOOK = timedelta(days=14)
"""From the start. What lasts for months is not compared with all that happens meanwhile."""
MOST_CLASHES = 10
MOST_READ = 2_000
"""Dates around one, or of one venue while a series lasts."""


@dataclass(frozen=True)
class Clash:
    performance: Performance
    reason: ClashReason

    @property
    def when(self):
        return format_short_date(self.performance, timezone.now())


def find_clashes(starts_at, ends_at, *, venue=None, categories=(), except_page=None):
    """The Clashes of a date, the strongest first, MOST_CLASHES at most; in three statements."""
    ends_at = min(ends_at, starts_at + LONGEST_LOOK)
    reasons = list(_list_reasons(starts_at, ends_at, venue, categories))
    if not reasons:
        return []
    # By themselves first, in the index of dates: beside other tables a database may read these from end to end.
    near = _list_taking_place(except_page).overlapping(starts_at - NEAR, ends_at + NEAR).order_by("starts_at", "pk")
    ids = list(near.values_list("pk", flat=True)[:MOST_READ])
    found = _load_dates(EventPage.objects.live().public()).filter(pk__in=ids).annotate(reason=Case(*reasons))
    strongest = found.exclude(reason=None).order_by("reason", "starts_at", "pk")[:MOST_CLASHES]
    return [Clash(each, ClashReason(each.reason)) for each in strongest]


def _list_reasons(starts_at, ends_at, venue, categories):
    somewhere = ~Q(status=PerformanceStatus.MOVED_ONLINE)
    if venue:
        meanwhile = Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
        yield When(somewhere & meanwhile & is_at_venue(venue), then=ClashReason.SAME_VENUE)
        yield When(somewhere & is_in_parish(venue.parish), then=ClashReason.SAME_PARISH)
    if categories:
        alike = EventPage.categories.through.objects.filter(
            eventpage=OuterRef("page"), eventcategory__in=[each.pk for each in categories]
        )
        yield When(Exists(alike), then=ClashReason.SAME_CATEGORY)


def find_venue_clashes(times, venue, *, except_page=None):
    """{start: [Performance]} of what else is at the venue during these (start, end), in order; in four statements."""
    if not times or not venue:
        return {}
    public = EventPage.objects.live().public()
    here = list(public.filter(venue=venue).order_by("-pk").values_list("pk", flat=True)[:MOST_READ])
    there = Q(venue=venue) | Q(venue=None, page__in=here)
    dates = _list_taking_place(except_page).exclude(status=PerformanceStatus.MOVED_ONLINE).filter(there)
    first, last = times[0][0], max(end for _start, end in times)
    rows = dates.overlapping(first, last).order_by("starts_at", "pk").values_list("pk", "starts_at", "ends_at")
    others = list(rows[:MOST_READ])
    met = {start: [pk for pk, begins, ends in others if begins < end and ends > start] for start, end in times}
    loaded = _load_dates(public).in_bulk({pk for found in met.values() for pk in found})
    clashes = {start: [loaded[pk] for pk in found if pk in loaded] for start, found in met.items()}
    return {start: found for start, found in clashes.items() if found}


def _list_taking_place(except_page):
    return Performance.objects.exclude(status__in=NOT_TAKING_PLACE).exclude(page=except_page)


def _load_dates(pages):
    return Performance.objects.of_pages(pages).select_related("page__venue", "venue")
