"""The pages that everybody looks at, as they are chosen, searched and paged: at the first look after an edit, when
nothing is remembered, and when they are kept."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from bench.addresses import RAISES
from bench.cost import Cost, measure
from events_pages.public.event_filter import month_after
from events_pages.public.page_cache import known_query

FIRST, HOME, SITE_MAP = 60, 80, 300  # milliseconds of CPU at the first look
KEPT = 2
LIST, ARCHIVE, CALENDAR, NEWS = "/events/", "/events/archive/", "/events/calendar.ics", "/events/feed.rss"


def measure_all(site):
    client = Client(**RAISES)
    for path, most in list_pages(site.own):
        yield measure_first_look(client, path, most)
        if is_kept(client, path):
            yield measure_kept(client, path)


def measure_first_look(client, path, most):
    cost = measure(Cost("public pages", path, most), lambda: look(client, path))
    if cost.outcome != 200:
        cost.reads.append(f"answered {cost.outcome}")
    return cost


def measure_kept(client, path):
    for _look in range(2):  # the minute may turn meanwhile, and then it was drawn
        cost = measure(Cost("kept pages", path, KEPT), lambda: look(client, path), keeps_cache=True)
        if not cost.statements:
            break
    return cost


def look(client, path):
    """The status. As anybody asks: whoever shows a key, as the other addresses are asked, gets no page that is kept."""
    return client.get(path, headers={"host": "127.0.0.1"}).status_code


def is_kept(client, path):
    """What is typed into the search is drawn each time, and so is a list without an event."""
    request = client.get(path).wsgi_request
    return known_query(request.GET) == getattr(request, "query_read", [])


def list_pages(own):
    """[(path with its query, milliseconds)]"""
    choices = list_choices(own)
    yield "/", HOME
    for query in (*choices, "page=5", "page=20", *list_searches(choices[0])):
        yield f"{LIST}?{query}", FIRST
    for query in ("", "page=20", "month=2025-03", *choices[:4], "q=event+77"):
        yield f"{ARCHIVE}?{query}".rstrip("?"), FIRST
    month = month_after(timezone.localdate().replace(day=1))
    for query in ("", *choices[:4]):
        yield f"{LIST}month/{month:%Y-%m}/?{query}".rstrip("?"), FIRST
    for feed in (CALENDAR, NEWS):
        for query in ("", *choices, "q=event", "q=evnt"):
            yield f"{feed}?{query}".rstrip("?"), FIRST
    yield from (("/sitemap.xml", SITE_MAP), ("/sitemap-20.xml", SITE_MAP))


def list_choices(own):
    """Queries of the filter: where, by whom, what, when."""
    today = timezone.localdate()
    parish, month = f"parish={own['venue'].parish}", f"month={month_after(today.replace(day=1)):%Y-%m}"
    return [
        *(parish, f"venue={own['venue'].pk}", f"organiser={own['company'].pk}", f"category={own['category'].slug}"),
        *("access=1", "parish=st_john", month, f"month={today:%Y-%m}", f"day={today + timedelta(days=9)}"),
        f"{parish}&access=1&{month}",
    ]


def list_searches(parish):
    """One event, many, all; with a slip, with two in one parish, and what nothing is like."""
    words = ("event+77", "word5", "event", "evnt", f"evnt+wrd5&{parish}", "xyzzyq")
    return [f"q={each}" for each in words]
