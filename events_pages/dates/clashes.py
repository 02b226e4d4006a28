"""What else is on when a date is chosen. Public events only: no draft and no restricted page is named."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Q, When
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
"""Dates of one venue, when a whole series is compared with them."""


@dataclass(frozen=True)
class Clash:
    performance: Performance
    reason: ClashReason

    @property
    def when(self):
        return format_short_date(self.performance, timezone.now())


def find_clashes(starts_at, ends_at, *, venue=None, categories=(), except_page=None):
    """The Clashes of a date, the strongest first, MOST_CLASHES at most; in two statements."""
    ends_at = min(ends_at, starts_at + LONGEST_LOOK)
    near = _list_public_dates(except_page).overlapping(starts_at - NEAR, ends_at + NEAR)
    reasons = list(_list_reasons(starts_at, ends_at, venue, categories))
    if not reasons:
        return []
    found = near.annotate(reason=Case(*reasons)).exclude(reason=None).order_by("reason", "starts_at", "pk")
    return [Clash(each, ClashReason(each.reason)) for each in found[:MOST_CLASHES]]


def _list_reasons(starts_at, ends_at, venue, categories):
    somewhere = ~Q(status=PerformanceStatus.MOVED_ONLINE)
    if venue:
        meanwhile = Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
        yield When(somewhere & meanwhile & is_at_venue(venue), then=ClashReason.SAME_VENUE)
        yield When(somewhere & is_in_parish(venue.parish), then=ClashReason.SAME_PARISH)
    if categories:
        alike = EventPage.objects.filter(categories__in=categories).order_by().values("pk")
        yield When(page__in=alike, then=ClashReason.SAME_CATEGORY)


def find_venue_clashes(times, venue, *, except_page=None):
    """{start: [Performance]} of what else is at the venue during these (start, end), in order; in two statements."""
    if not times or not venue:
        return {}
    first, last = times[0][0], max(end for _start, end in times)
    there = _list_public_dates(except_page).exclude(status=PerformanceStatus.MOVED_ONLINE).at_venue(venue.pk)
    found = there.overlapping(first, last).order_by("starts_at", "pk")
    others = list(found[:MOST_READ])
    clashes = {
        start: [each for each in others if each.starts_at < end and each.ends_at > start] for start, end in times
    }
    return {start: met for start, met in clashes.items() if met}


def _list_public_dates(except_page):
    dates = Performance.objects.exclude(status__in=NOT_TAKING_PLACE).of_pages(EventPage.objects.live().public())
    return dates.exclude(page=except_page).select_related("page__venue", "venue")
