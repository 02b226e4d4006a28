"""What search engines are told is true."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from events_pages.enums import EventStatus, Parish
from events_pages.models import Venue
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")


@pytest.fixture
def page():
    venue = Venue.objects.create(
        name="Opera House", parish=Parish.ST_HELIER, address="Gloucester Street", postcode="JE2 3QR"
    )
    return factories.make_event(
        "Sea Shanties",
        venue=venue,
        starts_at=datetime(2027, 7, 3, 19, 30, tzinfo=JERSEY),
        ends_at=datetime(2027, 7, 3, 22, 0, tzinfo=JERSEY),
        doors_at=datetime(2027, 7, 3, 19, 0, tzinfo=JERSEY),
    )


def test_event_is_told_with_place_time_and_organiser(page, rf):
    told = page.structured_data(rf.get("/"))

    assert told["@type"] == "Event"
    assert told["name"] == "Sea Shanties"
    assert told["startDate"] == "2027-07-03T19:30+01:00"
    assert told["endDate"] == "2027-07-03T22:00+01:00"
    assert told["doorTime"] == "2027-07-03T19:00+01:00"
    assert told["eventStatus"] == "https://schema.org/EventScheduled"
    assert told["location"] == {
        "@type": "Place",
        "name": "Opera House",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "Gloucester Street",
            "addressLocality": "St Helier",
            "postalCode": "JE2 3QR",
            "addressCountry": "JE",
        },
    }
    assert told["organizer"] == {"@type": "Organization", "name": "Island Arts"}
    assert told["image"][0].startswith("http")
    assert "offers" not in told


def test_winter_times_carry_the_winter_offset(page, rf):
    page.starts_at = datetime(2027, 1, 3, 19, 30, tzinfo=JERSEY)

    assert page.structured_data(rf.get("/"))["startDate"] == "2027-01-03T19:30+00:00"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (EventStatus.SCHEDULED, "EventScheduled"),
        (EventStatus.CANCELLED, "EventCancelled"),
        (EventStatus.POSTPONED, "EventPostponed"),
        (EventStatus.MOVED_ONLINE, "EventMovedOnline"),
        (EventStatus.ELSEWHERE, "EventScheduled"),
    ],
)
def test_status_is_told_as_it_is(page, rf, status, told):
    page.status = status

    assert page.structured_data(rf.get("/"))["eventStatus"] == f"https://schema.org/{told}"


def test_event_that_moved_online_has_a_virtual_place(page, rf):
    page.status = EventStatus.MOVED_ONLINE
    page.link = "https://watch.example.je/"

    told = page.structured_data(rf.get("/"))

    assert told["location"] == {"@type": "VirtualLocation", "url": "https://watch.example.je/"}
    assert told["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"


def test_what_is_not_known_is_not_told(page, rf):
    page.poster = page.organiser = page.venue = page.ends_at = page.doors_at = None

    assert not {"image", "organizer", "location", "endDate", "doorTime"} & set(page.structured_data(rf.get("/")))
