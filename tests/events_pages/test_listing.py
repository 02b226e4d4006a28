"""The list of events: filters, search, archive, paging, and addresses that make no sense."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from wagtail.images.models import Rendition
from wagtail.models import PageViewRestriction

from common.search.words import near_spellings
from events_pages import tasks
from events_pages.enums import Parish
from events_pages.models import EventCategory, EventPage
from events_pages.public.event_filter import EventFilter, read_month
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


WORLD = {
    "La Fête dé Nouë": ["fete", "FETE", "noue", "nou", "dé noue", "fête"],
    "O’Brien’s Quartet": [
        "obrien",
        "O'Brien",
        "o brien",
        "brien",
        "OBRIENS",
        "o’brien`s",
        "quartets",
        "quintet obrien quartet",
    ],
    "Battle of Flowers": ["flower", "battl", "flowers battle", "the battle of the flowers", "FLOWERS"],
    "Christmas Parties at Sainte-Marie": ["party", "parties", "xmas", "ste marie", "sainte marie", "partys christmas"],
    "LeBrocq & d’Authreau": ["le brocq", "lebrocq", "authreau", "dauthreau", "d authreau", "Le-Brocq"],
    "李小龙 in Kyiv, Київ": ["李小龙", "小龙", "київ"],
    "Straße des Œuvres Ærø": ["strasse", "oeuvres", "œuvre", "aero"],
}
SLIPS = {"flowrs": "flowers", "battel": "battle", "quartt": "quartet", "fetee": "fete", "chrstmas": "christmas"}


@pytest.fixture
def world(db):
    for title in WORLD:
        factories.make_event(title, summary="–")


def test_search_finds_without_spelling(client, world):
    missed = [
        (title, typed) for title, all_typed in WORLD.items() for typed in all_typed if title not in found(client, typed)
    ]
    assert missed == [("O’Brien’s Quartet", "quintet obrien quartet")]


def test_search_takes_one_slip_and_says_so(client, world):
    for typed, meant in SLIPS.items():
        response = client.get("/events/", {"q": typed})
        assert len(response.context["events"]) == 1
        assert f"Nothing for “{typed}”; showing “{meant}”." in response.content.decode()
    for typed in ("flower", "flowers batle x9", "zzzz", "123"):
        assert "showing" not in client.get("/events/", {"q": typed}).content.decode()


def test_search_finds_every_slip_of_a_word(world, django_assert_max_num_queries):
    factories.make_event("Carnival", summary="–")
    for typed in Random(11).sample(sorted(near_spellings("carnival")), 40):
        with django_assert_max_num_queries(19):
            chosen = EventFilter.read({"q": typed})
            page, _ = chosen.page_of(chosen.list_upcoming(EventPage.objects.live(), timezone.now()), size=12)
        assert [event.title for event in page] == ["Carnival"], typed


def test_search_shows_whole_words_before_first_letters(client):
    soon = timezone.now() + timedelta(days=2)
    factories.make_event("Seaside", summary="–", starts_at=soon)
    factories.make_event("Sea", summary="–", starts_at=soon + timedelta(days=9))

    assert titles(client, "?q=sea") == ["Sea", "Seaside"]
    assert titles(client, "?q=seas") == ["Sea", "Seaside"]


def test_search_finds_by_day_place_people_and_story(client):
    story = [{"type": "text", "value": "<p>With a <b>théorbe</b>.</p>"}]
    starts = datetime(2029, 12, 31, 23, 30, tzinfo=JERSEY)
    page = factories.make_event(
        "Concert", starts_at=starts, venue=factories.make_venue("Salle", Parish.ST_OUEN), body=json.dumps(story)
    )
    tasks.fold_pages_of.call_local(pk=page.pk)
    for typed in ("theorbe", "ouen", "island arts", "monday december", "31 december 2029", "salle saint ouen"):
        assert found(client, typed) == ["Concert"], typed
    page.title = "Recital"
    page.save_revision().publish()
    assert (found(client, "concert"), found(client, "recital")) == ([], ["Recital"])


def test_a_new_name_of_a_venue_is_found(client, django_capture_on_commit_callbacks):
    page = factories.make_event("Concert", venue=factories.make_venue("Salle"))
    HUEY.flush()
    with django_capture_on_commit_callbacks(execute=True):
        page.venue.name = "Grève de Lecq"
        page.venue.save()
    tasks.fold_pages_of.call_local(**HUEY.dequeue().kwargs)
    assert found(client, "greve") == ["Concert"]
    assert found(client, "salle") == []


def test_pages_that_older_code_wrote_are_folded(client):
    factories.make_event("Concert")
    EventPage.objects.update(search_words="")
    assert found(client, "concert") == []
    tasks.fold_new_pages.call_local()
    assert found(client, "concert") == ["Concert"]


def test_search_shows_no_private_page_even_by_a_slip(client):
    page = factories.make_event("Shareholders")
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    for typed in ("shareholders", "sharholders"):
        assert "Shareholders" not in client.get("/events/", {"q": typed}).content.decode()


def found(client, typed):
    return titles(client, f"?{urlencode({'q': typed})}")


@pytest.mark.parametrize(
    "query",
    [
        "?q=" + quote("x9y " * 20),
        "?q=" + quote("👭 ‮ ﷽ ́́ \\ ' & | ! <-> :* %"),
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


def test_list_takes_the_same_number_of_queries_for_1_and_3_events(client, django_assert_max_num_queries):
    counts = []
    made = 0
    for wanted in (1, 3):
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


def test_a_card_leads_to_the_date_that_it_names(client):
    page = factories.make_event("Market", starts_at=datetime(2031, 5, 3, 9, tzinfo=UTC))
    june = factories.make_performance(page, starts_at=datetime(2031, 6, 7, 9, tzinfo=UTC))
    assert f'href="{page.get_url()}dates/{june.pk}/"' in client.get("/events/?month=2031-06").text
    assert f'href="{page.get_url()}"' in client.get("/events/").text
