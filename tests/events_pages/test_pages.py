"""The pages as a visitor gets them."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images.models import Image

from events_pages.enums import Entry, LegalKind, Parish, PerformanceStatus
from events_pages.models import EventCategory, EventPage, FeaturedEvent, HomePage, LegalPage, Performance
from tests import factories

pytestmark = pytest.mark.django_db


def island_time(text):
    return timezone.make_aware(datetime.fromisoformat(text))


def path_of(page):
    return page.get_url()


def test_home_page_works(client, home):
    event = factories.make_event("Sea Shanties")
    FeaturedEvent.objects.create(page=home, event=factories.make_event("Boat Race"))

    body = client.get("/").content.decode()

    assert "Boat Race" in body
    assert "Sea Shanties" in body
    assert path_of(event) in body


def test_home_page_leaves_out_past_and_unpublished_events(client, home):
    factories.make_event("Long Gone", starts_at=timezone.now() - timedelta(days=2))
    factories.make_event("Draft Only", live=False)

    body = client.get("/").content.decode()

    assert "Long Gone" not in body
    assert "Draft Only" not in body
    assert "Nothing is planned just now" in body


@pytest.mark.parametrize(
    ("starts", "fields", "is_said"),
    [
        ("2027-07-02 19:30", {}, True),
        ("2027-07-02 11:00", {}, False),
        ("2027-07-02 11:00", {"ends_at": "2027-07-02 23:00"}, True),
        ("2027-06-30 19:30", {"ends_at": "2027-07-04 22:00"}, True),
        ("2027-07-03 00:30", {}, False),
        ("2027-07-02 19:30", {"status": PerformanceStatus.CANCELLED}, False),
        ("2027-07-02 19:30", {"status": PerformanceStatus.POSTPONED}, False),
    ],
)
def test_home_page_says_that_something_is_on_tonight_when_it_is(client, home, time_machine, starts, fields, is_said):
    time_machine.move_to(island_time("2027-07-02 09:00"), tick=False)
    HomePage.objects.update(hero_title="What’s on", tonight_title="Something is on tonight")
    times = {name: island_time(value) if name == "ends_at" else value for name, value in fields.items()}
    factories.make_event(starts_at=island_time(starts), **times)
    assert ("Something is on tonight" in client.get("/").text) == is_said


def test_event_page_works(client):
    page = factories.make_event("Sea Shanties", poster_alt="A boat below the moon", age_limit="Under 14s with an adult")

    body = client.get(path_of(page)).content.decode()

    assert "<h1>Sea Shanties</h1>" in body
    assert 'alt="A boat below the moon"' in body
    assert "Opera House" in body
    assert "Under 14s with an adult" in body
    assert "No refunds unless the event is cancelled" in body
    assert '<meta property="og:title" content="Sea Shanties">' in body


def test_event_page_escapes_what_an_organiser_typed(client):
    page = factories.make_event("<script>alert(1)</script>", summary='"><img src=x>')

    body = client.get(path_of(page)).content.decode()

    assert "<script>alert(1)" not in body
    assert "<img src=x>" not in body


def test_event_page_without_anything_optional_is_shown(client):
    page = factories.make_event(starts_at=False)
    EventPage.objects.update(poster=None, venue=None, organiser=None)

    body = client.get(path_of(page)).content.decode()

    assert "Dates come later" in body
    assert "ld+json" not in body


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (PerformanceStatus.CANCELLED, "This event is called off"),
        (PerformanceStatus.POSTPONED, "This event is postponed"),
        (PerformanceStatus.MOVED_ONLINE, "This event has moved online"),
    ],
)
def test_event_page_tells_its_status(client, status, words):
    page = factories.make_event(status=status, status_note="Gale warning.")

    body = client.get(path_of(page)).content.decode()

    assert words in body
    assert "Gale warning." in body


def test_event_sold_elsewhere_leads_there(client):
    page = factories.make_event(entry=Entry.ELSEWHERE, link="https://tickets.example.je/fair")

    assert 'href="https://tickets.example.je/fair"' in client.get(path_of(page)).content.decode()


def test_home_and_event_page_take_the_same_number_of_queries_for_1_and_3_events(client, home):
    counts = set()
    page = factories.make_event("The One")
    FeaturedEvent.objects.create(page=home, event=page)
    for wanted in (1, 3):
        while EventPage.objects.count() <= wanted:  # beside the featured one
            factories.make_event()
        page.make_renditions()
        counts.add((queries_of(client, "/"), queries_of(client, path_of(page))))
    assert len(counts) == 1, counts


@pytest.mark.parametrize("path", ["/", "/events/", "event"])
def test_pictures_are_drawn_once(client, home, monkeypatch, path):
    page = factories.make_event("The One")
    FeaturedEvent.objects.create(page=home, event=page)
    path = path_of(page) if path == "event" else path
    client.get(path)
    cache.clear()
    drawn = []
    monkeypatch.setattr(Image, "generate_rendition_file", lambda *args, **kwargs: drawn.append(args))

    client.get(path)

    assert not drawn


def queries_of(client, path):
    """The second time: the first makes pictures and settings."""
    client.get(path)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def test_event_page_sets_no_cookie_and_asks_no_other_host(client):
    page = factories.make_event()

    response = client.get(path_of(page))

    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert 'src="http' not in response.content.decode()


def test_event_place_is_one_line():
    page = EventPage(venue=factories.make_venue("Opera House", Parish.ST_HELIER))
    assert page.place == Performance(page=page).place == "Opera House, St Helier"
    assert Performance(page=page, venue=factories.make_venue("Barn", Parish.ST_MARY)).place == "Barn, St Mary"
    assert Performance(page=page, status=PerformanceStatus.MOVED_ONLINE).place == "Online"
    assert EventPage().place == ""


def test_a_date_is_over_after_its_end_or_three_hours():
    now = timezone.now()
    page = factories.make_event(starts_at=now - timedelta(hours=2))
    assert not page.performances.get().is_over(now)
    assert page.performances.get().is_over(now + timedelta(hours=1))
    page.performances.update(ends_at=now + timedelta(days=1))
    assert not page.performances.get().is_over(now + timedelta(hours=1))
    page.performances.update(status=PerformanceStatus.POSTPONED)
    assert not page.performances.get().is_over(now + timedelta(days=9))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"ends_at": timedelta(hours=-1)}, "ends_at"),
        ({"doors_at": timedelta(hours=1)}, "doors_at"),
    ],
)
def test_a_date_refuses_times_that_make_no_sense(fields, wrong):
    date = factories.make_event(ends_at=timezone.now() + timedelta(days=31)).performances.get()
    for field, after in fields.items():
        setattr(date, field, date.starts_at + after)
    with pytest.raises(ValidationError) as refused:
        date.clean()
    assert set(refused.value.message_dict) == {wrong}


def test_event_sold_elsewhere_needs_a_link():
    page = EventPage(title="Fair", entry=Entry.ELSEWHERE)
    with pytest.raises(ValidationError) as refused:
        page.clean()
    assert "link" in refused.value.message_dict


def test_event_categories_lead_to_the_list(client):
    page = factories.make_event()
    page.categories.add(EventCategory.objects.create(name="Music", slug="music"))
    page.save()

    assert '<a href="/events/?category=music">Music</a>' in client.get(path_of(page)).content.decode()


def test_legal_page_current_is_the_newest_in_force():
    today = timezone.localdate()
    old = factories.make_legal_page(version="2025-01")
    LegalPage.objects.filter(pk=old.pk).update(effective_from=today - timedelta(days=300))
    current = factories.make_legal_page(version="2026-01")
    coming = factories.make_legal_page(version="2027-01")
    LegalPage.objects.filter(pk=coming.pk).update(effective_from=today + timedelta(days=30))

    assert LegalPage.current(LegalKind.TERMS) == current
    assert LegalPage.current(LegalKind.PRIVACY) is None


def test_legal_page_shows_its_version(client):
    page = factories.make_legal_page(version="2026-01")

    assert "Version 2026-01" in client.get(path_of(page)).content.decode()


def test_another_venue_and_what_visitors_should_know_are_said_at_the_top(client):
    page = factories.make_event()
    Performance.objects.filter(page=page).update(venue=factories.make_venue("Town Church"), former_venue=page.venue)
    text = client.get(page.get_url()).text
    assert "This is at another venue now" in text
    assert "It was planned at" in text
    cache.clear()
    Performance.objects.filter(page=page).update(former_venue=None, status_note="Come by bus: the car park is shut.")
    assert "Come by bus: the car park is shut." in client.get(page.get_url()).text
