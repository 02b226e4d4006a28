"""Edits of dates: what they write, what they keep, and whom they tell."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import PageLogEntry

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from events_pages.signals import event_changed
from tests.factories import make_event, make_performance, make_venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def date(clock):
    return make_event("Sea Shanties").performances.select_related("page").get()


@contextmanager
def listening():
    heard = []

    def hear(sender, page, changes, by, **kwargs):
        heard.append((page, changes, by))

    event_changed.connect(hear)
    try:
        yield heard
    finally:
        event_changed.disconnect(hear)


def test_it_works(date):
    later = date.starts_at + timedelta(hours=1)
    assert edits.change_performance(date, starts_at=later) == ["starts_at", "ends_at"]
    date.refresh_from_db()
    assert (date.starts_at, date.sequence, date.is_end_estimated) == (later, 1, True)
    entry = PageLogEntry.objects.get(page=date.page_id, action=edits.CHANGED)
    assert entry.data["starts_at"] != entry.data["was"]["starts_at"]


def test_what_stays_the_same_is_no_edit(date):
    assert edits.change_performance(date, starts_at=date.starts_at, status=PerformanceStatus.SCHEDULED) == []
    date.refresh_from_db()
    assert date.sequence == 0
    assert not PageLogEntry.objects.filter(action=edits.CHANGED).exists()


def test_it_writes_over_nothing_that_somebody_else_changed(date):
    same = Performance.objects.select_related("page").get(pk=date.pk)
    edits.change_performance(date, status=PerformanceStatus.CANCELLED)
    edits.change_performance(same, doors_at=same.starts_at - timedelta(hours=1))
    date.refresh_from_db()
    assert (date.status, date.sequence) == (PerformanceStatus.CANCELLED, 2)
    assert date.doors_at


def test_times_that_make_no_sense_are_refused(date):
    with pytest.raises(ValidationError):
        edits.change_performance(date, doors_at=date.starts_at + timedelta(hours=1))


def test_where_it_stood_first_is_kept_and_forgotten_when_it_is_put_back(date):
    first = date.starts_at
    for days in (1, 2):
        edits.change_performance(date, starts_at=first + timedelta(days=days))
        assert date.former_starts_at == first
    edits.change_performance(date, starts_at=first)
    assert date.former_starts_at is None


def test_another_venue_and_back(date):
    before = date.page.venue
    edits.change_performance(date, venue=make_venue("Town Church"))
    assert date.former_venue == before
    edits.change_performance(date, venue=None)
    assert date.former_venue is None


def test_where_it_was_planned_stays_known_over_a_second_move(date):
    planned = date.page.venue
    for name in ("Town Church", "Town Hall"):
        edits.change_performance(date, venue=make_venue(name))
        assert date.former_venue == planned


def test_another_venue_of_the_page_and_back(date):
    """Its dates go along, but those with a venue of their own; each with its entry in the history."""
    first, town_church, page = date.page.venue, make_venue("Town Church"), date.page
    other = make_performance(page, venue=make_venue("Town Hall"))
    for where, former in ((town_church, first), (first, None)):
        page.venue = where
        page.save_revision().publish()
        date.refresh_from_db()
        assert date.former_venue == former
    other.refresh_from_db()
    assert (date.sequence, other.sequence, other.former_venue) == (2, 0, None)
    told = [entry.data for entry in PageLogEntry.objects.filter(action=edits.CHANGED).order_by("timestamp", "pk")]
    assert [(each["performance"], each["was"]["venue"], each["venue"]) for each in told] == [
        (date.pk, first.pk, town_church.pk),
        (date.pk, town_church.pk, first.pk),
    ]


def test_what_is_printed_is_told_with_before_and_after(date):
    with listening() as heard:
        edits.change_performance(date, doors_at=date.starts_at - timedelta(hours=1))
    [(page, changes, by)] = heard
    assert (page, by) == (date.page, None)
    [(was, now)] = changes.values()
    assert (was["doors_at"], now["doors_at"]) == (None, (date.starts_at - timedelta(hours=1)).isoformat())
    assert was["venue"] == now["venue"] == "Opera House, St Helier"


def test_what_is_printed_nowhere_is_told_to_nobody(date):
    with listening() as heard:
        edits.change_performance(date, name="Matinee", status_note="Bring a coat.")
    assert heard == []


@pytest.mark.parametrize(("name", "number"), [("age_limit", 1), ("summary", 0)])
def test_a_published_page_tells_of_its_dates_to_come(date, name, number):
    setattr(date.page, name, "Over 18s.")
    with listening() as heard:
        date.page.save_revision()
        assert heard == []
        date.page.save_revision().publish()
    assert len(heard) == number
    assert all(list(changes) == [date] for _page, changes, _by in heard)


def test_a_page_that_was_withdrawn_tells_of_its_dates_too(date):
    """Tickets may be sold already. In calendars nothing has moved: nobody could read it."""
    date.page.unpublish()
    date.page.venue = make_venue("Town Church")
    with listening() as heard:
        date.page.save_revision().publish()
    assert len(heard) == 1
    date.refresh_from_db()
    assert (date.sequence, date.former_venue) == (0, None)


def test_on_another_day_it_was_moved_and_put_back_it_was_not(date):
    first = date.starts_at
    edits.change_performance(date, starts_at=first + timedelta(days=1))
    assert date.status == PerformanceStatus.RESCHEDULED
    edits.change_performance(date, starts_at=first + timedelta(days=1, hours=-1))
    assert date.status == PerformanceStatus.RESCHEDULED
    edits.change_performance(date, starts_at=first)
    assert date.status == PerformanceStatus.SCHEDULED


def test_another_hour_of_the_same_day_is_no_move(date):
    edits.change_performance(date, starts_at=date.starts_at + timedelta(minutes=30))
    assert date.status == PerformanceStatus.SCHEDULED


def test_what_was_postponed_gets_its_new_day_and_remembers_the_old_one(date, clock):
    first = date.starts_at
    edits.change_performance(date, status=PerformanceStatus.POSTPONED)
    clock.move_to(first + timedelta(days=9))
    edits.change_performance(date, starts_at=first + timedelta(days=30))
    assert (date.status, date.former_starts_at) == (PerformanceStatus.RESCHEDULED, first)


def test_what_is_called_off_stays_so_whatever_else_is_written(date):
    edits.change_performance(date, status=PerformanceStatus.CANCELLED)
    edits.change_performance(date, starts_at=date.starts_at + timedelta(days=1))
    assert date.status == PerformanceStatus.CANCELLED
