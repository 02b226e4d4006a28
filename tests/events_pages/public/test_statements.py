"""How often each kind of list asks the database: as often with one event as with fifteen, and seldom."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events_pages.models import EventCategory, Organiser
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
NOW = datetime(2027, 7, 1, 12, 0, tzinfo=JERSEY)
MANY = 15  # more than a page of the list has
MOST, MOST_AFTER_AN_EDIT = 14, 18
MOST_OF_SLIPS = 22
CHOICES = ["parish=st_helier", "venue={venue}", "organiser={organiser}", "category=music", "access=1"]
CHOICES += ["month=2027-07", "day=2027-07-03", "parish=st_helier&access=1&month=2027-07"]
LISTS = ["/", "/events/?", *(f"/events/?{choice}" for choice in CHOICES), "/events/?q=dance", "/events/?q=dance+helier"]
LISTS += ["/events/archive/?", "/events/archive/?parish=st_helier", "/events/archive/?q=dance"]
LISTS += ["/events/month/2027-07/?", *(f"/events/month/2027-07/?{choice}" for choice in CHOICES[:4])]
FEEDS = [
    f"/events/{feed}?{choice}" for feed in ("calendar.ics", "feed.rss") for choice in ("", *CHOICES[:4], "q=dance")
]
SLIPS = ["/events/?q=dnace", "/events/calendar.ics?q=dnace", "/events/feed.rss?q=dnace"]


@pytest.fixture
def make_more(time_machine):
    """`make_more(number)`: events to come and events that are over, each with two dates and a sale."""
    time_machine.move_to(NOW, tick=False)
    music, _made = EventCategory.objects.get_or_create(name="Music", slug="music")
    venue = factories.make_venue()
    venue.access_notes = "A lift."
    venue.save()

    def make(number):
        for start in (NOW + timedelta(days=2), NOW - timedelta(days=60)):
            for count in range(number):
                page = factories.make_event(f"Dance {count}", starts_at=start)
                page.categories.add(music)
                page.save()
                factories.make_type(factories.make_sale(page))
                factories.make_performance(page, starts_at=start + timedelta(days=1))
        page.make_renditions()

    return make


def count_statements(client, path, *, after_an_edit=False):
    """Of a page that nobody has looked at in this minute; what all pages share is remembered unless told otherwise."""
    wanted = path.format(venue=factories.make_venue().pk, organiser=Organiser.objects.get().pk)
    wanted = f"{wanted}{'&' if '?' in wanted else '?'}unknown=1"  # never kept
    for _look in range(2):  # the first one may make what is missing
        factories.forget_edits()
        client.get(wanted)
    if after_an_edit:
        cache.clear()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(wanted)
    assert answer.status_code == 200
    return len(asked)


def count_all(client, paths, **how):
    return {path: count_statements(client, path, **how) for path in paths}


def test_a_list_asks_as_often_for_one_event_as_for_many_and_seldom(client, make_more):
    paths = LISTS + FEEDS + SLIPS
    make_more(1)
    one = count_all(client, paths)
    make_more(MANY)
    many = count_all(client, paths)
    assert one == many
    assert {path: number for path, number in many.items() if number > MOST and path not in SLIPS} == {}
    assert {path: many[path] for path in SLIPS if many[path] > MOST_OF_SLIPS} == {}


def test_after_an_edit_a_list_reads_what_all_pages_share_too(client, make_more):
    make_more(1)
    found = count_all(client, LISTS + FEEDS, after_an_edit=True)
    assert {path: number for path, number in found.items() if number > MOST_AFTER_AN_EDIT} == {}
