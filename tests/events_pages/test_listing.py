"""The list of events: filters, search, archive, paging, and addresses that make no sense."""

from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone
from wagtail.images.models import Rendition

from events_pages.enums import Parish
from events_pages.listing import EventFilter, read_month
from events_pages.models import EventCategory
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")


def titles(client, query="", path="/events/"):
    return [event.title for event in client.get(path + query).context["events"]]


def test_list_shows_upcoming_events_by_date(client):
    now = timezone.now()
    factories.make_event("Second", starts_at=now + timedelta(days=9))
    factories.make_event("First", starts_at=now + timedelta(days=3))
    factories.make_event("Over", starts_at=now - timedelta(days=3))

    assert titles(client) == ["First", "Second"]


def test_archive_shows_past_events_latest_first(client):
    now = timezone.now()
    factories.make_event("Coming", starts_at=now + timedelta(days=3))
    factories.make_event("Older", starts_at=now - timedelta(days=30))
    factories.make_event("Newer", starts_at=now - timedelta(days=3))

    assert titles(client, path="/events/archive/") == ["Newer", "Older"]


def test_list_keeps_a_festival_until_it_ends(client):
    now = timezone.now()
    factories.make_event("Festival", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1))

    assert titles(client) == ["Festival"]


def test_list_filters_by_parish_and_category(client):
    factories.make_index()
    music = EventCategory.objects.create(name="Music", slug="music")
    concert = factories.make_event("Concert", venue=factories.make_venue("Barn", Parish.ST_MARY))
    concert.categories.add(music)
    concert.save()
    factories.make_event("Fair", venue=factories.make_venue("Green", Parish.TRINITY))

    assert titles(client, "?parish=st_mary") == ["Concert"]
    assert titles(client, "?category=music") == ["Concert"]
    assert titles(client, "?category=music&parish=trinity") == []


def test_list_filters_by_month_in_jersey_time(client, time_machine):
    time_machine.move_to(datetime(2027, 3, 1, 12, tzinfo=JERSEY))
    factories.make_event("March Ends", starts_at=datetime(2027, 3, 31, 23, 30, tzinfo=JERSEY))
    factories.make_event("April Begins", starts_at=datetime(2027, 4, 1, 0, 0, tzinfo=JERSEY))

    assert titles(client, "?month=2027-03") == ["March Ends"]
    assert titles(client, "?month=2027-04") == ["April Begins"]


def test_search_finds_words_of_title_summary_and_venue(client):
    factories.make_event("Sea Shanties", summary="Songs with a choir.")
    factories.make_event("Craft Fair", summary="Pots.", venue=factories.make_venue("St Ouen’s Manor", Parish.ST_OUEN))

    assert titles(client, "?q=shanties") == ["Sea Shanties"]
    assert titles(client, "?q=choir") == ["Sea Shanties"]
    assert titles(client, "?q=manor") == ["Craft Fair"]
    assert titles(client, "?q=manor+choir") == []
    assert titles(client, "?q=shanties&parish=st_ouen") == []


@pytest.mark.parametrize(
    "query",
    [
        "?month=garbage",
        "?month=9999-12",
        "?month=0000-00",
        "?parish=guernsey",
        "?category=" + quote("'; drop table"),
        "?page=minus-one",
        "?page=-1",
        "?page=99999999999999999999",
        "?q=%00%00",
        "?q=" + "x" * 5000,
        "?q=" + quote("\" OR 1 NEAR( * ^ - : ') {} AND"),
        "?q=%FF%FE",
        "?q=AND",
        "?q=NOT+NEAR+OR",
        "?q=***",
        "?q=&category=&parish=&month=&page=",
        "?q=a&q=b",
        "?page=1%00",
        "?category=%00",
    ],
)
def test_list_answers_rubbish_with_a_page(client, query):
    factories.make_event()

    for path in ("/events/", "/events/archive/"):
        assert client.get(path + query).status_code == 200


def test_list_says_when_nothing_matches(client):
    factories.make_event()

    assert "Nothing matches that" in client.get("/events/?parish=st_john").content.decode()


def test_list_pages_keep_the_filter(client):
    barn = factories.make_venue("Barn", Parish.ST_MARY)
    for number in range(13):
        factories.make_event(f"Dance {number}", venue=barn)

    response = client.get("/events/?parish=st_mary")

    assert len(response.context["events"]) == 12
    assert "?parish=st_mary&amp;page=2" in response.content.decode()
    assert len(titles(client, "?parish=st_mary&page=2")) == 1


def test_list_takes_the_same_number_of_queries_for_1_3_and_60_events(client, django_assert_max_num_queries):
    counts = []
    made = 0
    for wanted in (1, 3, 60):
        while made < wanted:
            event = factories.make_event(f"Event {made}")
            made += 1
        event.make_renditions()
        client.get("/events/")
        cache.clear()
        with django_assert_max_num_queries(40) as asked:
            client.get("/events/")
        counts.append(len(asked))
    assert Rendition.objects.exists()
    assert len(set(counts)) == 1, counts


def test_read_month_takes_only_months():
    assert f"{read_month('2027-02'):%d %B %Y}" == "01 February 2027"
    for wrong in ("", "2027", "2027-13", "2027-02-03", "1999-12", "x"):
        assert read_month(wrong) is None


def test_filter_query_is_ready_for_a_page_number():
    assert EventFilter.read({"q": " sea  song ", "parish": "trinity"}).query == "parish=trinity&q=sea+song&"
    assert EventFilter().query == ""
