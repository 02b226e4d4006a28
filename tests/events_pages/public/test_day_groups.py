"""Days of the list as people say them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events_pages.enums import PerformanceStatus
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
NOW = datetime(2027, 7, 10, 12, 0, tzinfo=JERSEY)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def at(day, hour, minute=0, month=7):
    return datetime(2027, month, day, hour, minute, tzinfo=JERSEY)


def groups(client, path="/events/"):
    found = client.get(path).context["groups"]
    return [(group.title, [event.title for event in group.events]) for group in found]


def test_events_stand_under_their_days(client):
    factories.make_event("Exhibition", starts_at=at(1, 10), ends_at=at(31, 17))
    factories.make_event("Regatta", starts_at=at(10, 11), ends_at=at(10, 16))
    factories.make_event("Tea", starts_at=at(10, 15))
    factories.make_event("Play", starts_at=at(10, 19, 30))
    factories.make_event("Swim", starts_at=at(11, 0))
    factories.make_event("Fair", starts_at=at(17, 10))
    factories.make_event("Jazz", starts_at=at(17, 20))
    assert groups(client) == [
        ("On now", ["Exhibition", "Regatta"]),
        ("Today", ["Tea"]),
        ("Tonight", ["Play"]),
        ("Tomorrow", ["Swim"]),
        ("Saturday 17 July", ["Fair", "Jazz"]),
    ]


def test_what_is_called_off_is_not_on_now(client):
    factories.make_event("Regatta", starts_at=at(10, 11), status=PerformanceStatus.CANCELLED)
    assert groups(client) == [("Today", ["Regatta"])]


def test_a_month_to_come_begins_with_what_goes_on(client):
    factories.make_event("Exhibition", starts_at=at(1, 10), ends_at=at(12, 17, month=8))
    factories.make_event("Fair", starts_at=at(2, 10, month=8))
    assert groups(client, "/events/?month=2027-08") == [
        ("Sunday 1 August", ["Exhibition"]),
        ("Monday 2 August", ["Fair"]),
    ]


def test_the_archive_stands_under_months(client):
    factories.make_event("Play", starts_at=at(2, 19))
    factories.make_event("Jazz", starts_at=at(1, 19))
    factories.make_event("Fair", starts_at=at(2, 19, month=5))
    assert groups(client, "/events/archive/") == [("July 2027", ["Play", "Jazz"]), ("May 2027", ["Fair"])]


def test_what_is_found_by_words_keeps_its_order(client):
    factories.make_event("Seaside", summary="–", starts_at=NOW + timedelta(days=1))
    factories.make_event("Sea", summary="–", starts_at=NOW + timedelta(days=9))
    assert groups(client, "/events/?q=sea") == [("Events that were found", ["Sea", "Seaside"])]


def test_headings_of_days_stand_above_those_of_cards(client):
    factories.make_event("Play", starts_at=at(10, 19, 30))
    body = client.get("/events/").content.decode()
    assert body.index("<h1") < body.index("Tonight") < body.index("<h3")
    assert ">Tonight</h2>" in " ".join(body.split()).replace("> ", ">").replace(" <", "<")
