"""The month view: a table of days, each with what is on."""

from datetime import datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from events_pages.enums import Parish, PerformanceStatus
from events_pages.models import EventCategory
from events_pages.public import month_view
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
NOW = datetime(2027, 7, 10, 12, 0, tzinfo=JERSEY)
JULY = "/events/month/2027-07/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    factories.make_index()


def at(day, hour=19, minute=30, month=7):
    return datetime(2027, month, day, hour, minute, tzinfo=JERSEY)


def days(client, path=JULY):
    """{day: titles}, of those that have something."""
    weeks = client.get(path).context["view"].weeks
    found = {day.date.day: [entry.title for entry in day.entries] for week in weeks for day in week if day}
    return {day: titles for day, titles in found.items() if titles}


def words(client, path=JULY):
    return " ".join(client.get(path).content.decode().split())


def test_each_date_stands_on_its_day_with_a_link_to_itself(client):
    page = factories.make_event("Play", starts_at=at(2))
    matinee = factories.make_performance(page, starts_at=at(3, 14, 30), name="Matinee")
    factories.make_performance(page, starts_at=at(3))
    factories.make_performance(page, starts_at=at(1, month=8))
    assert days(client) == {2: ["Play"], 3: ["Play", "Play"]}
    body = words(client)
    assert f'href="{page.url}dates/{matinee.pk}/"' in body
    assert "14:30" in body
    assert "Matinee" in body


def test_what_lasts_for_days_stands_on_each_of_them(client):
    factories.make_event("Fair", starts_at=at(9, 10), ends_at=at(11, 17))
    factories.make_event("Exhibition", starts_at=at(28, 10, month=6), ends_at=at(2, 17))
    factories.make_event("Late", starts_at=at(20, 22), ends_at=at(21, 3, 0))
    factories.make_event("Marathon", starts_at=at(24, 18), ends_at=at(25, 12))
    factories.make_event("To the end", starts_at=at(31, 10), ends_at=at(3, 17, month=8))
    expected = {1: ["Exhibition"], 2: ["Exhibition"], 9: ["Fair"], 10: ["Fair"], 11: ["Fair"], 20: ["Late"]}
    assert days(client) == expected | {24: ["Marathon"], 25: ["Marathon"], 31: ["To the end"]}
    assert words(client).count("goes on") == 5


def test_what_is_called_off_is_said_so(client):
    factories.make_event("Play", starts_at=at(12), status=PerformanceStatus.CANCELLED)
    factories.make_event("Fair", starts_at=at(13), status=PerformanceStatus.POSTPONED)
    body = words(client)
    assert "<s>Play</s>" in body
    assert "Called off" in body
    assert "Postponed" in body


def test_a_full_day_leads_to_its_list(client):
    for number in range(6):
        factories.make_event(f"Event {number}", starts_at=at(17, 10 + number))
    factories.make_event("Fair", starts_at=at(16, 10), ends_at=at(18, 17))
    assert days(client)[17] == ["Event 0", "Event 1", "Event 2", "Event 3"]
    body = words(client, f"{JULY}?parish=st_helier")
    assert 'href="/events/?parish=st_helier&amp;day=2027-07-17"' in body
    assert "3 more <span" in body
    listed = client.get("/events/?parish=st_helier&day=2027-07-17").context["events"]
    assert [event.title for event in listed] == ["Fair", *(f"Event {number}" for number in range(6))]


def test_a_day_is_counted_no_further_than_anybody_counts(client, monkeypatch):
    monkeypatch.setattr(month_view, "MOST_COUNTED", 5)
    for number in range(7):
        factories.make_event(f"Event {number}", starts_at=at(17, 10 + number))
    assert "more than 1 more" in words(client)


def test_the_table_is_one_that_is_read_aloud(client):
    factories.make_event("Play", starts_at=at(12))
    body = words(client)
    assert "<caption" in body
    assert body.count('<th scope="col">') == 7
    assert body.index("Monday") < body.index("Sunday")
    assert body.count('aria-current="date"') == 1
    assert '<time class="month-day__date" datetime="2027-07-10">' in body.split('aria-current="date"')[1][:90]
    assert rows_of(body) == [7] * 5


class Rows(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells = []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.cells.append(0)
        elif tag == "td":
            self.cells[-1] += 1


def rows_of(body):
    parser = Rows()
    parser.feed(body)
    return parser.cells[1:]


def test_the_view_follows_the_filters(client):
    music = EventCategory.objects.create(name="Music", slug="music")
    concert = factories.make_event("Concert", starts_at=at(12), venue=factories.make_venue("Barn", Parish.ST_MARY))
    concert.categories.add(music)
    concert.save()
    factories.make_event("Fair", starts_at=at(12), venue=factories.make_venue("Green", Parish.TRINITY))
    assert days(client, f"{JULY}?parish=st_mary") == {12: ["Concert"]}
    assert days(client, f"{JULY}?category=music") == {12: ["Concert"]}
    assert days(client, f"{JULY}?category=music&parish=trinity") == {}
    body = words(client, f"{JULY}?parish=st_mary")
    for path in ("/events/month/2027-06/", "/events/month/2027-08/", "/events/"):
        assert f'href="{path}?parish=st_mary"' in body


def test_this_month_has_an_address_of_its_own(client):
    factories.make_event("Play", starts_at=at(12))
    assert days(client, "/events/month/") == {12: ["Play"]}
    assert 'rel="canonical" href="http://testserver/events/month/2027-07/"' in words(client, "/events/month/")
    assert 'href="/events/month/"' in words(client, "/events/")


def test_links_lead_no_further_than_anybody_plans(client):
    assert 'rel="prev"' not in words(client, "/events/month/2026-07/")
    assert 'rel="next"' in words(client, "/events/month/2026-07/")
    assert 'rel="prev"' in words(client, "/events/month/2029-07/")
    assert 'rel="next"' not in words(client, "/events/month/2029-07/")
    far = words(client, "/events/month/2090-01/")
    assert 'rel="prev"' not in far
    assert 'rel="next"' not in far
    assert '<meta name="robots" content="noindex">' in far


@pytest.mark.parametrize("text", ["2027-13", "2027-7", "2027", "x", "1999-12", "2101-01", "0000-00", "2027-07-01"])
def test_what_is_no_month_is_not_found(client, text):
    assert client.get(f"/events/month/{text}/").status_code == 404


def test_private_and_unpublished_events_are_not_shown(client):
    factories.make_event("Draft", starts_at=at(12), live=False)
    assert days(client) == {}
    assert "Nothing is on in this month" in words(client)
