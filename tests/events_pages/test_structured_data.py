"""What search engines are told is true."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from events_pages.enums import Parish, PerformanceStatus
from events_pages.models import Venue
from events_pages.public.structured_data import build_page_data
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


def told_of(page, rf, shown=None, **more):
    return build_page_data(page, shown or page.schedule.first, rf.get("/"), list_offers=lambda _date: [], **more)


def change(page, **fields):
    page.performances.update(**fields)
    page.__dict__.pop("schedule", None)


def test_event_is_told_with_place_time_and_organiser(page, rf):
    told = told_of(page, rf)

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
    change(page, starts_at=datetime(2027, 1, 3, 19, 30, tzinfo=JERSEY), doors_at=None)

    assert told_of(page, rf)["startDate"] == "2027-01-03T19:30+00:00"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (PerformanceStatus.SCHEDULED, "EventScheduled"),
        (PerformanceStatus.CANCELLED, "EventCancelled"),
        (PerformanceStatus.POSTPONED, "EventPostponed"),
        (PerformanceStatus.MOVED_ONLINE, "EventMovedOnline"),
        (PerformanceStatus.RESCHEDULED, "EventRescheduled"),
    ],
)
def test_status_is_told_as_it_is(page, rf, status, told):
    change(page, status=status)

    assert told_of(page, rf)["eventStatus"] == f"https://schema.org/{told}"


def test_event_that_moved_online_has_a_virtual_place(page, rf):
    change(page, status=PerformanceStatus.MOVED_ONLINE, link="https://watch.example.je/")

    told = told_of(page, rf)

    assert told["location"] == {"@type": "VirtualLocation", "url": "https://watch.example.je/"}
    assert told["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"


def test_what_is_not_known_is_not_told(page, rf):
    page.poster = page.organiser = page.venue = None
    change(page, is_end_estimated=True, doors_at=None)

    assert not {"image", "organizer", "location", "endDate", "doorTime", "offers"} & set(told_of(page, rf))


def test_an_event_without_a_date_is_not_told(page, rf):
    change(page)
    page.performances.all().delete()

    assert build_page_data(page, None, rf.get("/"), list_offers=lambda _date: []) == {}


def test_a_date_that_moved_says_where_it_stood(page, rf):
    assert "previousStartDate" not in told_of(page, rf)
    change(page, former_starts_at=datetime(2027, 7, 2, 19, 30, tzinfo=JERSEY), status=PerformanceStatus.RESCHEDULED)

    assert told_of(page, rf)["previousStartDate"] == "2027-07-02T19:30+01:00"


# Several dates


@pytest.fixture
def run(page, time_machine):
    """Three nights, the second called off; it is the day before the first."""
    time_machine.move_to(datetime(2027, 7, 2, 12, 0, tzinfo=JERSEY))
    for day, fields in ((4, {"status": PerformanceStatus.CANCELLED}), (5, {"name": "Last night"})):
        factories.make_performance(page, starts_at=datetime(2027, 7, day, 19, 30, tzinfo=JERSEY), **fields)
    return page


def test_all_dates_are_told_as_a_series(run, rf):
    told = told_of(run, rf, is_series=True)

    assert told["@type"] == "EventSeries"
    assert (told["startDate"], told["endDate"]) == ("2027-07-03", "2027-07-05")
    assert told["location"]["name"] == "Opera House"
    assert [each["startDate"][:10] for each in told["subEvent"]] == ["2027-07-03", "2027-07-04", "2027-07-05"]
    assert [each["eventStatus"].removeprefix("https://schema.org/Event") for each in told["subEvent"]] == [
        "Scheduled",
        "Cancelled",
        "Scheduled",
    ]
    assert ["endDate" in each for each in told["subEvent"]] == [True, False, False]
    assert told["subEvent"][2]["name"] == "Sea Shanties – Last night"
    assert told["subEvent"][2]["url"] == f"{run.get_full_url()}dates/{list(run.schedule)[2].pk}/"


def test_one_of_several_dates_names_the_series(run, rf):
    told = told_of(run, rf, list(run.schedule)[1])

    assert (told["@type"], told["startDate"]) == ("Event", "2027-07-04T19:30+01:00")
    assert told["eventStatus"] == "https://schema.org/EventCancelled"
    assert told["superEvent"] == {"@type": "EventSeries", "name": "Sea Shanties", "url": run.get_full_url()}
    assert told["url"] == f"{run.get_full_url()}dates/{list(run.schedule)[1].pk}/"


def test_dates_in_several_places_have_no_place_together(run, rf):
    run.performances.filter(name="Last night").update(venue=factories.make_venue("Barn", Parish.ST_MARY))
    change(run, sequence=1)
    told = told_of(run, rf, is_series=True)

    assert "location" not in told
    assert [each["location"]["name"] for each in told["subEvent"]] == ["Opera House", "Opera House", "Barn"]


def test_a_series_tells_the_next_twenty_dates(page, rf, time_machine):
    for number in range(30):
        factories.make_performance(page, starts_at=datetime(2027, 8, 1 + number, 19, 30, tzinfo=JERSEY))
    time_machine.move_to(datetime(2027, 8, 5, 12, 0, tzinfo=JERSEY))
    days = [each["startDate"][8:10] for each in told_of(page, rf, is_series=True)["subEvent"]]
    assert (len(days), days[0], days[-1]) == (20, "05", "24")
    time_machine.move_to(datetime(2028, 1, 1, 12, 0, tzinfo=JERSEY))
    days = [each["startDate"][8:10] for each in told_of(page, rf, is_series=True)["subEvent"]]
    assert (len(days), days[0], days[-1]) == (20, "11", "30")
