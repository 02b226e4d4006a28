"""Feeds of lists and of events: which page they are of, and what they hold. Only what everybody may read.

A feed follows its list: the same query, the same choice. It holds each date of an event, because calendars show days;
and it is bounded, by MOST_DATES and MOST_NEWS, and read in a fixed number of statements.
"""

from collections import defaultdict

from django.db.models import Exists, F, OuterRef, Prefetch
from django.http import Http404
from wagtail.models import Page

from common.text.typed_text import write_in_line
from events_pages.dates.schedule import Schedule
from events_pages.models import EventPage, Venue
from events_pages.public import calendar_file, restrictions

MOST_DATES = 500
MOST_NEWS = 50
TOLD = ("translation_key", "title", "slug", "last_published_at", "venue", "summary", "age_limit")


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
    """The performances of a list, MOST_DATES at most, each with what its page tells of them: hundreds of pages take
    longer to make than their calendar to write."""
    found, told = [], {f"page_{name}": F(f"page__{name}") for name in TOLD}
    for part in chosen.list_every_date(pages, now):
        rows = part.annotate(**told).select_related("venue").order_by("starts_at", "pk")
        found += rows[: MOST_DATES - len(found)]
    return found


def list_dates_of_event(page, number=None):
    """All its dates, or one; of too many the last MOST_DATES, because those are to come."""
    dates = page.performances.select_related("venue").order_by("-starts_at", "-pk")
    return (dates.filter(pk=number) if number else dates)[:MOST_DATES]


def describe_dates(dates, index, request):
    """Their entries, all of events below that list; two statements for any number."""
    address = calendar_file.public_url(index, request)
    by_page = {each.page_id: each for each in dates}
    places, kinds = describe_places({each.page_venue for each in dates}), read_categories(by_page)
    facts = {pk: build_facts(date, address, places.get(date.page_venue, ""), kinds[pk]) for pk, date in by_page.items()}
    return [calendar_file.describe_public_entry(each, facts[each.page_id]) for each in dates]


def describe_dates_of_event(dates, page, request):
    names = tuple(write_in_line(each.name) for each in page.categories.all())
    facts = calendar_file.read_facts(page, request, lines=(page.summary, page.age_limit), categories=names)
    return [calendar_file.describe_public_entry(each, facts) for each in dates]


def describe_places(ids):
    return {pk: calendar_file.describe_venue(venue) for pk, venue in Venue.objects.in_bulk(ids - {None}).items()}


def build_facts(date, address, place, kinds):
    return calendar_file.EventFacts(
        key=date.page_translation_key,
        title=date.page_title,
        address=address and f"{address}{date.page_slug}/",
        published_at=date.page_last_published_at,
        place=place,
        lines=(date.page_summary, date.page_age_limit),
        categories=kinds,
    )


def read_categories(ids):
    # {id of the page: names of its categories, in order}
    found = defaultdict(tuple)
    rows = EventPage.categories.through.objects.filter(eventpage__in=ids).order_by("eventcategory__name")
    for pk, name in rows.values_list("eventpage", "eventcategory__name"):
        found[pk] += (write_in_line(name),)
    return found


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
