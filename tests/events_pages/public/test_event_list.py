"""The lists: each event once, at its next date of those asked for; the archive holds what is wholly over."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events_pages.enums import PerformanceStatus
from events_pages.models import EventPage, Performance
from events_pages.public import event_list
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
NOW = datetime(2027, 7, 10, 12, 0, tzinfo=JERSEY)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    cache.clear()


def make_run(title, *days, **fields):
    """An event with a date at 19:30 that many days from now, in order."""
    page = factories.make_event(title, starts_at=NOW + days[0] * DAY + timedelta(hours=7.5))
    for number in days[1:]:
        factories.make_performance(page, starts_at=NOW + number * DAY + timedelta(hours=7.5))
    page.performances.update(**fields)
    return page


def list_shown(listed):
    return [(page.title, page.shown.starts_at.astimezone(JERSEY).day, page.more_dates) for page in listed[:]]


def upcoming(**more):
    return list_shown(event_list.list_upcoming(EventPage.objects.live(), NOW, **more))


def past():
    return list_shown(event_list.list_past(EventPage.objects.live(), NOW))


def test_a_run_is_listed_once_at_its_next_date_with_how_many_more():
    make_run("Run", -1, 1, 2, 3)
    make_run("Recital", 2)
    assert upcoming() == [("Run", 11, 2), ("Recital", 12, 0)]
    assert past() == []


def test_a_run_is_listed_at_its_first_date_that_takes_place():
    page = make_run("Run", 1, 2, 3)
    first = page.performances.first()
    Performance.objects.filter(pk=first.pk).update(status=PerformanceStatus.CANCELLED)
    assert upcoming() == [("Run", 12, 1)]
    page.performances.update(status=PerformanceStatus.CANCELLED)
    assert upcoming() == [("Run", 11, 0)]


def test_a_range_lists_dates_in_it_alone():
    make_run("Run", 1, 20, 24)
    start = datetime(2027, 7, 29, tzinfo=JERSEY)
    pages = EventPage.objects.live()
    assert list_shown(event_list.list_days(pages, start, start + 3 * DAY)) == [("Run", 30, 0)]
    assert list_shown(event_list.list_days(pages, start, start + 30 * DAY)) == [("Run", 30, 1)]
    assert list_shown(event_list.list_days(pages, start - 5 * DAY, start)) == []


def test_an_evening_that_ends_after_midnight_is_no_event_of_the_next_day():
    midnight = datetime(2027, 7, 12, tzinfo=JERSEY)
    factories.make_event("Late", starts_at=midnight - timedelta(hours=1), ends_at=midnight + timedelta(hours=2))
    factories.make_event("Long", starts_at=midnight - 2 * DAY, ends_at=midnight + DAY)
    factories.make_event("Early", starts_at=midnight)
    found = event_list.list_days(EventPage.objects.live(), midnight, midnight + DAY)
    assert [page.title for page in found[:]] == ["Long", "Early"]


def test_the_archive_holds_what_is_wholly_over_at_its_last_date():
    make_run("Half over", -3, 3)
    make_run("Over", -9, -3)
    make_run("Called off", -4, status=PerformanceStatus.CANCELLED)
    make_run("Waiting", -5, status=PerformanceStatus.POSTPONED)
    factories.make_event("On now", starts_at=NOW - DAY, ends_at=NOW + DAY)
    factories.make_event("Undated", starts_at=False)
    assert past() == [("Over", 7, 1), ("Called off", 6, 0)]


def test_a_run_with_one_date_that_waits_is_not_in_the_archive():
    page = make_run("Run", -9, -3)
    last = page.performances.last()
    Performance.objects.filter(pk=last.pk).update(status=PerformanceStatus.POSTPONED)
    assert past() == []


def test_a_list_that_is_too_long_says_more_than(client, monkeypatch):
    monkeypatch.setattr(event_list, "MOST_LISTED", 2)
    for number in range(3):
        make_run(f"Event {number}", number + 1)
    body = client.get("/events/").content.decode()
    assert "More than 2 events." in " ".join(body.split())
    assert "Event 2" not in body


def test_a_card_says_how_many_more_dates(client):
    make_run("Run", 1, 2, 3)
    make_run("Pair", 1, 2)
    make_run("Recital", 1)
    words = " ".join(client.get("/events/").content.decode().split())
    assert "+ 2 more dates" in words
    assert "+ 1 more date " in words
    assert words.count("more date") == 2


@pytest.mark.parametrize("path", ["/events/", "/events/archive/", "/", "/events/month/2027-07/"])
def test_lists_cost_the_same_for_any_number_of_dates(client, path):
    page = make_run("Run", -9, 1)
    factories.make_type(factories.make_sale(performance=page.performances.last()))
    over = make_run("Over", -9)
    counts = set()
    for number in (1, 30):
        for made in range(number):
            date = factories.make_performance(page, starts_at=NOW + (2 + made) * DAY)
            factories.make_type(factories.make_sale(performance=date))
            factories.make_performance(over, starts_at=NOW - (10 + made) * DAY)
        page.make_renditions()
        client.get(path)
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.add(len(asked))
    assert len(counts) == 1, counts


def test_what_waits_for_a_new_date_comes_last_in_the_list():
    make_run("Waiting", -5, status=PerformanceStatus.POSTPONED)
    make_run("To come", 3)
    assert [page.title for page in event_list.list_upcoming(EventPage.objects.live(), NOW)[:]] == ["To come", "Waiting"]
