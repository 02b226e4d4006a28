"""Calendars and news of lists and events: what they hold, for whom, and that they follow."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from wagtail.models import PageViewRestriction

from events_pages.dates import edits
from events_pages.enums import Parish, PerformanceStatus
from events_pages.models import EventCategory, EventPage, Performance
from events_pages.public import feeds
from tests import factories
from tests.calendars import read_entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NOW = datetime(2027, 3, 13, 18, 0, tzinfo=UTC)
CALENDAR, NEWS = "/events/calendar.ics", "/events/feed.rss"


def entries_at(client, address=CALENDAR):
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return read_entries(response.content)


def titles(client, address=CALENDAR):
    return [str(entry["SUMMARY"]) for entry in entries_at(client, address)]


def channel_at(client, address=NEWS):
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    return ElementTree.fromstring(response.content).find("channel")


def news(client, address=NEWS):
    return [item.findtext("title") for item in channel_at(client, address).iterfind("item")]


def publish(title, **fields):
    page = factories.make_event(title, **fields)
    page.save_revision().publish()
    return EventPage.objects.get(pk=page.pk)


def test_a_list_is_a_calendar_with_every_date_from_now_on(client):
    page = factories.make_event("Sea Shanties", starts_at=NOW - timedelta(days=7))
    tomorrow = factories.make_performance(page, starts_at=NOW + timedelta(days=1))
    matinee = factories.make_performance(page, starts_at=NOW + timedelta(days=2), name="Matinee")
    going_on = factories.make_event("Festival", starts_at=NOW - timedelta(days=2), ends_at=NOW + timedelta(days=2))

    entries = entries_at(client)

    assert [str(each["SUMMARY"]) for each in entries] == ["Festival", "Sea Shanties", "Sea Shanties – Matinee"]
    assert entries[0].end == going_on.performances.get().ends_at
    assert [each.start for each in entries[1:]] == [tomorrow.starts_at, matinee.starts_at]
    assert entries[2]["URL"] == f"http://testserver{page.url}dates/{matinee.pk}/"


def test_the_calendar_takes_the_query_of_the_list(client):
    music = EventCategory.objects.create(name="Music", slug="music")
    barn = factories.make_venue("Barn", Parish.ST_MARY)
    other = factories.make_organiser("Other people")
    concert = publish("Concert", venue=barn, organiser=other, starts_at=NOW + timedelta(days=3))
    concert.categories.add(music)
    concert.save()
    factories.make_event("Fair", starts_at=NOW + timedelta(days=40), access_notes="Step-free.")

    for query in (
        *("category=music", "parish=st_mary", "month=2027-03", "q=concert", "q=concrt"),
        *(f"venue={barn.pk}", f"organiser={other.pk}"),
    ):
        for found in (titles(client, f"{CALENDAR}?{query}"), news(client, f"{NEWS}?{query}")):
            assert found == ["Concert"], query
    for query in ("access=1", "month=2027-04"):
        assert titles(client, f"{CALENDAR}?{query}") == news(client, f"{NEWS}?{query}") == ["Fair"], query


def test_a_date_with_a_venue_of_its_own_is_found_there(client):
    barn = factories.make_venue("Barn", Parish.ST_MARY)
    page = factories.make_event("Concert", starts_at=NOW + timedelta(days=3))
    away = factories.make_performance(page, venue=barn, name="Away")

    assert titles(client, f"{CALENDAR}?venue={barn.pk}") == ["Concert – Away"]
    assert titles(client, f"{CALENDAR}?venue={page.venue_id}") == ["Concert"]
    assert "Barn" in entries_at(client, f"{page.url}dates/{away.pk}/calendar.ics")[0]["LOCATION"]


@pytest.mark.parametrize(
    "query", ["venue=x", "venue=-1", "venue=0", "venue=²", "organiser=%00", "access=yes", "venue="]
)
def test_what_makes_no_sense_is_left_out(client, query):
    factories.make_event("Concert")
    assert titles(client, f"{CALENDAR}?{query}") == ["Concert"]


@pytest.mark.parametrize(
    "query", ["venue=999999999", "organiser=999999999", f"venue={'9' * 40}", "parish=x&month=9999-99"]
)
def test_no_query_breaks_a_feed(client, query):
    factories.make_event("Concert")
    entries_at(client, f"{CALENDAR}?{query}")
    channel_at(client, f"{NEWS}?{query}")


def test_an_empty_list_is_a_calendar_all_the_same(client):
    assert entries_at(client) == []
    assert news(client) == []


def test_a_feed_is_named_after_its_choice(client):
    page = factories.make_event("Concert", starts_at=NOW + timedelta(days=3))
    query = f"?parish=st_helier&month=2027-03&q=concert&venue={page.venue_id}&organiser={page.organiser_id}&access=1"
    name = "What’s on: St Helier, March 2027, “concert”, at Opera House, by Island Arts, with notes on access"
    assert channel_at(client, NEWS + query.replace("&access=1", "")).findtext("title") == name.removesuffix(
        ", with notes on access"
    )
    page.access_notes = "Step-free."
    page.save()
    data = client.get(CALENDAR + query).text.replace("\r\n ", "").replace("\\,", ",")
    assert f"\r\nNAME:{name}\r\n" in data
    assert f"\r\nX-WR-CALNAME:{name}\r\n" in data
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in data
    assert "\r\nX-PUBLISHED-TTL:PT1H\r\n" in data


def test_an_event_is_a_calendar_with_all_its_dates(client):
    page = factories.make_event("Sea Shanties", starts_at=NOW - timedelta(days=7))
    factories.make_performance(page)
    factories.make_event("Something else")

    assert titles(client, f"{page.url}calendar.ics") == ["Sea Shanties", "Sea Shanties"]


def test_one_date_is_a_calendar_of_its_own(client):
    page = factories.make_event("Sea Shanties")
    date = factories.make_performance(page)
    [entry] = entries_at(client, f"{page.url}dates/{date.pk}/calendar.ics")

    assert entry.start == date.starts_at


def test_a_moved_date_keeps_its_uid_and_rises(client):
    page = factories.make_event("Sea Shanties", starts_at=NOW + timedelta(days=7))
    [before] = entries_at(client)
    edits.change_performance(page.performances.get(), starts_at=NOW + timedelta(days=8))
    cache.clear()
    [after] = entries_at(client)

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.start == NOW + timedelta(days=8)
    assert "Moved from Saturday 20 March 2027, 18:00" in after["DESCRIPTION"]


@pytest.mark.parametrize("status", [PerformanceStatus.CANCELLED, PerformanceStatus.POSTPONED])
def test_what_does_not_take_place_stays_until_a_month_after(client, status, clock):
    factories.make_event("Far away", starts_at=NOW + timedelta(days=300))
    page = factories.make_event("Gig", starts_at=NOW + timedelta(days=1))
    edits.change_performance(page.performances.get(), status=status, status_note="A gale.")
    for days in (0, 20, 31):
        clock.move_to(NOW + timedelta(days=days))
        entry, _far = entries_at(client)
        assert entry["STATUS"] == {"cancelled": "CANCELLED", "postponed": "TENTATIVE"}[status]
        assert entry["SUMMARY"] == {"cancelled": "Called off: Gig", "postponed": "Postponed: Gig"}[status]
        assert "A gale." in entry["DESCRIPTION"]
    clock.move_to(NOW + timedelta(days=33))
    assert titles(client) == ["Far away"]


def test_a_month_holds_what_was_called_off_in_it_alone(client):
    factories.make_event("Last month", starts_at=datetime(2027, 2, 26, tzinfo=UTC), status="cancelled")
    factories.make_event("This month", starts_at=datetime(2027, 3, 2, tzinfo=UTC), status="cancelled")
    factories.make_event("Next month", starts_at=datetime(2027, 4, 2, tzinfo=UTC), status="cancelled")

    assert titles(client, f"{CALENDAR}?month=2027-03") == ["Called off: This month"]
    assert titles(client, f"{CALENDAR}?month=2027-04") == ["Called off: Next month"]
    assert titles(client) == [f"Called off: {month} month" for month in ("Last", "This", "Next")]


def test_a_calendar_is_bounded_and_holds_the_next(client, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_DATES", 3)
    page = factories.make_event("Market", starts_at=NOW - timedelta(hours=1))
    for days in range(1, 6):
        factories.make_performance(page, starts_at=NOW + timedelta(days=days))

    assert [each.start.day for each in entries_at(client)] == [13, 14, 15]
    assert [each.start.day for each in entries_at(client, f"{page.url}calendar.ics")] == [18, 17, 16]


def test_a_feed_takes_the_same_number_of_queries_for_1_and_30_dates(client, django_assert_max_num_queries):
    music = EventCategory.objects.create(name="Music", slug="music")
    counts = []
    for number in (1, 3):
        page = publish(f"Event {number}")
        page.categories.add(music)
        page.save()
        for _more in range(10 * (number - 1)):
            factories.make_performance(page)
        for address in (CALENDAR, NEWS, f"{page.url}calendar.ics"):
            cache.clear()
            with django_assert_max_num_queries(25) as asked:
                client.get(f"{address}?unknown=1")
            counts.append(len(asked))
    assert counts[:3] == counts[3:]


def test_news_are_what_was_published_last(client, clock):
    publish("First", starts_at=NOW + timedelta(days=3))
    clock.shift(timedelta(hours=1))
    publish("Second", starts_at=NOW + timedelta(days=40))
    clock.shift(timedelta(hours=1))
    publish("Over", starts_at=NOW - timedelta(days=40))

    assert news(client) == ["Second", "First"]


def test_a_piece_of_news_says_what_when_and_where(client):
    category = EventCategory.objects.create(name="Music & more", slug="music")
    page = publish("Tom & <b>Jerry</b>", starts_at=datetime(2027, 7, 3, 18, 30, tzinfo=UTC), summary="Cat < mouse.")
    page.categories.add(category)
    page.save()
    [item] = channel_at(client).iterfind("item")

    assert item.findtext("title") == "Tom & <b>Jerry</b>"
    assert item.findtext("link") == f"http://testserver{page.url}"
    assert item.findtext("guid") == f"urn:uuid:{page.translation_key}"
    assert item.find("guid").attrib == {"isPermaLink": "false"}
    assert item.findtext("pubDate") == "Sat, 13 Mar 2027 18:00:00 +0000"
    assert item.findtext("category") == "Music & more"
    assert item.findtext("description") == ("<p>Sat 3 July, 19:30 · Opera House, St Helier</p><p>Cat &lt; mouse.</p>")


def test_a_guid_stays_when_the_event_changes(client):
    page = publish("Concert")
    [before] = channel_at(client).iterfind("item")
    page.title, page.slug = "Recital", "recital"
    page.save_revision().publish()
    edits.change_performance(page.performances.get(), status=PerformanceStatus.CANCELLED)
    cache.clear()
    [after] = channel_at(client).iterfind("item")

    assert after.findtext("guid") == before.findtext("guid")
    assert after.findtext("pubDate") == before.findtext("pubDate")
    assert (before.findtext("title"), after.findtext("title")) == ("Concert", "Called off: Recital")


@pytest.mark.parametrize("address", [CALENDAR, NEWS])
def test_whoever_has_it_already_is_told_so(client, address):
    publish("Concert")
    first = client.get(address)
    for header, value in (("if-none-match", first["ETag"]), ("if-modified-since", first["Last-Modified"])):
        for method in (client.get, client.head):
            again = method(address, headers={header: value})
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
    edits.change_performance(Performance.objects.get(), starts_at=NOW + timedelta(days=3))
    cache.clear()
    for header, value in (("if-none-match", first["ETag"]), ("if-modified-since", "Sat, 13 Mar 2027 17:00:00 GMT")):
        assert client.get(address, headers={header: value}).status_code == 200


@pytest.mark.parametrize("address", [CALENDAR, NEWS])
def test_the_same_rows_are_the_same_file_a_day_later(client, address, clock):
    publish("Concert")
    first = client.get(address)
    clock.shift(timedelta(days=1))
    later = client.get(address, headers={"if-none-match": first["ETag"]})

    assert later.status_code == 304


@pytest.mark.parametrize("address", [CALENDAR, NEWS])
def test_head_tells_the_head(client, address):
    publish("Concert")
    got, head = client.get(address), client.head(address)

    assert head.content == b""
    assert head["ETag"] == got["ETag"]
    assert head["Content-Type"] == got["Content-Type"]
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", [CALENDAR, NEWS, f"{CALENDAR}?venue=1", f"{NEWS}?organiser=1&access=1"])
def test_a_feed_is_kept_like_a_page(client, address, settings, django_assert_num_queries):
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "feeds"}
    settings.CACHES = settings.CACHES | {"default": memory}
    publish("Concert")
    first = client.get(address)
    with django_assert_num_queries(0):
        again = client.get(address)
        unchanged = client.get(address, headers={"if-none-match": first["ETag"]})
    assert again.content == first.content
    assert unchanged.status_code == 304


def test_a_feed_is_for_everybody_the_same(client):
    """Nobody's calendar holds what only they may read: it may be shared."""
    page = publish("Members only")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    client.force_login(User.objects.create_superuser("admin"))

    assert titles(client) == news(client) == []
    assert client.get(page.url).status_code == 200
    assert client.get(f"{page.url}calendar.ics").status_code == 404


def test_a_restricted_list_and_a_draft_have_no_feed(client):
    page = publish("Concert")
    index = page.get_parent()
    PageViewRestriction.objects.create(page=index, restriction_type=PageViewRestriction.LOGIN)
    for address in (CALENDAR, NEWS, f"{page.url}calendar.ics"):
        assert client.get(address).status_code == 404
    PageViewRestriction.objects.all().delete()
    page.unpublish()
    cache.clear()
    assert client.get(f"{page.url}calendar.ics").status_code == 404
    assert titles(client) == []


def test_a_feed_names_no_venue_that_no_public_page_names(client):
    hidden, nobody = factories.make_venue("The Hidden Barn"), factories.make_organiser("Nobody yet")
    page = publish("Members only", venue=hidden, organiser=nobody)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    factories.make_event("Draft", venue=hidden, organiser=nobody, live=False)
    for query in (f"?venue={hidden.pk}", f"?organiser={nobody.pk}"):
        for address in (CALENDAR, NEWS, "/events/"):
            words = client.get(address + query).text
            assert "Hidden" not in words
            assert "Nobody" not in words


@pytest.mark.parametrize(
    "address",
    [
        *("/calendar.ics", "/feed.rss", "/nowhere/calendar.ics", "/events/archive/calendar.ics"),
        *("/events/archive/feed.rss", "/events/nowhere/calendar.ics", "/events/./feed.rss"),
    ],
)
def test_nothing_else_has_a_feed(client, address):
    publish("Concert")
    assert client.get(address).status_code == 404


def test_an_event_has_no_news_and_no_date_of_another(client):
    page, other = publish("Concert"), publish("Fair")
    assert client.get(f"{page.url}feed.rss").status_code == 404
    assert client.get(f"{page.url}dates/{other.performances.get().pk}/calendar.ics").status_code == 404


def test_an_event_without_dates_is_an_empty_calendar(client):
    page = factories.make_event("Some day", starts_at=False)
    assert entries_at(client, f"{page.url}calendar.ics") == []
    assert timezone.now() == NOW


def test_a_list_leads_to_the_feeds_of_its_choice(client):
    publish("Concert")
    words = client.get("/events/?parish=st_helier&access=1").text
    query = "?parish=st_helier&amp;access=1"
    assert f'href="webcal://testserver/events/calendar.ics{query}"' in words
    for kind, name in (("application/rss+xml", "feed.rss"), ("text/calendar", "calendar.ics")):
        assert f'href="/events/{name}{query}"' in words
        assert f'<link rel="alternate" type="{kind}" title="' in words
        assert f'" href="http://testserver/events/{name}{query}">' in words
    assert "calendar.ics" not in client.get("/events/archive/").text


def test_an_event_leads_to_its_calendars(client):
    page = publish("Concert")
    date = page.performances.get()
    assert f'href="{page.url}dates/{date.pk}/calendar.ics"' in client.get(page.url).text
    assert "webcal:" not in client.get(page.url).text
    factories.make_performance(page)
    words = client.get(page.url, {"x": 1}).text
    assert f'href="webcal://testserver{page.url}calendar.ics"' in words
    assert f'title="Calendar of this event" href="http://testserver{page.url}calendar.ics">' in words


def test_what_was_chosen_by_a_link_can_be_taken_away_and_outlives_the_form(client):
    page = publish("Concert")
    page.venue.name = "Opera <House>"
    page.venue.save()
    address = f"/events/?parish=st_helier&venue={page.venue_id}&organiser={page.organiser_id}"
    words = client.get(address).text
    assert "at Opera &lt;House&gt;" in words
    assert f'href="?parish=st_helier&amp;organiser={page.organiser_id}"' in words
    assert f'href="?parish=st_helier&amp;venue={page.venue_id}"' in words
    assert f'<input type="hidden" name="venue" value="{page.venue_id}">' in words
    assert f'href="/events/?venue={page.venue_id}"' in client.get(page.url).text
    assert f'href="/events/?organiser={page.organiser_id}"' in client.get(page.url).text
