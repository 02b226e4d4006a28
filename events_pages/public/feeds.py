"""Feeds of lists and of events: which page they are of, and what they hold. Only what everybody may read.

A feed follows its list: the same query, the same choice. It holds each date of an event, because calendars show days;
and it is bounded, by MOST_DATES and MOST_NEWS, and read in a fixed number of statements.
"""

from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404
from wagtail.models import Page

from events_pages.dates.schedule import Schedule
from events_pages.public import restrictions

MOST_DATES = 500
MOST_NEWS = 50


def find_public_page(request, place):
    """(page, its route, the route's parts); `place` is the path without what names the feed. Raises Http404.

    What is restricted has no feed, also for those who may read the page: calendars and readers hand feeds on.
    """
    found = Page.route_for_request(request, place)
    if found is None or not restrictions.public_pages(Page.objects.filter(pk=found.page.pk, live=True)).exists():
        raise Http404
    match = getattr(request, "routable_resolver_match", None)
    return (found.page, match.url_name, match.kwargs) if match else (found.page, "", {})


def list_dates(pages, chosen, now):
    """The performances of a list, MOST_DATES at most, with their pages."""
    found = []
    for part in chosen.list_every_date(pages, now):
        found += part.select_related("venue").order_by("starts_at", "pk")[: MOST_DATES - len(found)]
    return attach_pages(pages, found)


def list_dates_of_event(pages, page, number=None):
    """All its dates, or one; of too many the last MOST_DATES, because those are to come."""
    dates = page.performances.select_related("venue").order_by("-starts_at", "-pk")
    return attach_pages(pages, (dates.filter(pk=number) if number else dates)[:MOST_DATES])


def attach_pages(pages, performances):
    by_id = pages.for_feeds().in_bulk({each.page_id for each in performances})
    for each in performances:
        each.page = by_id[each.page_id]
    return performances


def list_announced(pages, chosen, now):
    """The events of a list that were published last, MOST_NEWS of them, each with the `schedule` of its dates there."""
    dates = chosen.dates.filter(chosen.list_upcoming(pages, now).counted)
    listed = chosen.find_pages(pages, now).filter(Exists(dates.filter(page=OuterRef("pk"))))
    told = Prefetch("performances", dates.select_related("venue"), to_attr="told")
    news = listed.for_feeds().prefetch_related(told).order_by("-first_published_at", "-pk")[:MOST_NEWS]
    for page in news:
        page.schedule = Schedule(tuple(page.told))
    return list(news)


def list_change_times(news):
    published = [page.last_published_at for page in news if page.last_published_at]
    return [*published, *(date.changed_at for page in news for date in page.schedule)]
