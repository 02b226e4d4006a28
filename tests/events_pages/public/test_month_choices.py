"""Months to choose: those that have something."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events_pages.enums import PerformanceStatus
from events_pages.models import EventPage
from events_pages.public import month_choices
from tests import factories

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
NOW = datetime(2027, 7, 10, 12, 0, tzinfo=JERSEY)


def at(year, month, day, hour=19, minute=30):
    return datetime(year, month, day, hour, minute, tzinfo=JERSEY)


def ahead(now=NOW):
    return [f"{month:%Y-%m}" for month in month_choices.list_months_ahead(EventPage.objects.live(), now)]


def past():
    return [f"{month:%Y-%m}" for month in month_choices.list_months_past(EventPage.objects.live(), NOW)]


def test_months_with_something_are_offered():
    assert ahead() == []
    factories.make_event(starts_at=at(2027, 7, 9))
    assert ahead() == []
    page = factories.make_event(starts_at=at(2027, 8, 31, 23, 30))
    factories.make_performance(page, starts_at=at(2028, 7, 1, 0, 0))
    factories.make_event(starts_at=at(2028, 8, 1))
    assert ahead() == ["2027-08", "2028-07"]


def test_a_month_is_offered_while_something_goes_on_in_it():
    factories.make_event(starts_at=at(2027, 7, 2), ends_at=at(2027, 9, 2))
    assert ahead() == ["2027-07", "2027-08", "2027-09"]


def test_months_of_other_pages_are_not_offered():
    factories.make_event(starts_at=at(2027, 8, 3), live=False)
    assert ahead() == []


def test_months_past_are_those_of_what_is_wholly_over():
    half_over = factories.make_event(starts_at=at(2027, 3, 2))
    factories.make_performance(half_over, starts_at=at(2027, 8, 2))
    factories.make_event(starts_at=at(2027, 4, 2), status=PerformanceStatus.POSTPONED)
    factories.make_event(starts_at=at(2027, 5, 2))
    factories.make_event(starts_at=at(2027, 7, 2))
    assert past() == ["2027-07", "2027-05"]


def test_months_take_one_statement():
    factories.make_event(starts_at=at(2027, 8, 2))
    with CaptureQueriesContext(connection) as asked:
        ahead()
    assert len(asked) == 1


def test_a_month_that_was_chosen_stays_to_be_seen(client, time_machine):
    time_machine.move_to(NOW)
    factories.make_event(starts_at=at(2027, 8, 2))
    assert client.get("/events/?month=2027-12").context["choices"]["months"] == [date(2027, 8, 1), date(2027, 12, 1)]
