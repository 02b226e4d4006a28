"""Copies of places in the dates: what the page and the venues say, whatever was edited and in which way."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import PageLogEntry

from events_pages import tasks
from events_pages.dates import edits
from events_pages.enums import Parish
from events_pages.models import EventPage, Performance
from events_pages.public import event_list
from events_pages.querysets import is_at_venue, is_in_parish
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def list_misplaced():
    return list(Performance.objects.misplaced())


def test_a_date_is_where_its_page_is_or_where_itself_says():
    page = factories.make_event("Play", venue=factories.make_venue("Barn", Parish.ST_MARY))
    own = factories.make_performance(page, venue=factories.make_venue("Green", Parish.TRINITY))
    assert set(Performance.objects.in_parish(Parish.ST_MARY)) == set(page.performances.all()) - {own}
    assert list(Performance.objects.at_venue(own.venue_id)) == [own]


def test_copies_that_are_wrong_are_found_and_mended():
    page = factories.make_event("Play")
    Performance._base_manager.filter(page=page).update(parish="trinity", held_at=None)
    assert list_misplaced() == list(page.performances.all())
    Performance.objects.misplaced().copy_places()
    assert list_misplaced() == []


def write_as_older_code(page):
    Performance._base_manager.filter(page=page).update(parish="trinity", held_at=None)


@pytest.fixture
def edited_and_others():
    """Two events whose dates older code wrote; the first was edited just now, the other yesterday."""
    pages = [factories.make_event(title) for title in ("Play", "Fair")]
    PageLogEntry.objects.all().delete()
    for page, hours in zip(pages, (1, 24), strict=True):
        log(page, edits.CHANGED, uuid=uuid4(), timestamp=timezone.now() - timedelta(hours=hours))
        write_as_older_code(page)
    return pages


def test_each_hour_dates_of_pages_that_were_edited_are_placed(edited_and_others):
    edited, other = edited_and_others
    tasks.place_dates.call_local()
    assert list_misplaced() == list(other.performances.all())
    tasks.place_all_dates.call_local()
    assert list_misplaced() == []
    assert not Performance.objects.filter(parish="trinity").exists()


def test_an_hour_without_edits_looks_at_no_date(edited_and_others, django_assert_num_queries):
    PageLogEntry.objects.all().delete()
    with django_assert_num_queries(1):
        tasks.place_dates.call_local()


class Edits:
    """Each in another way that a date may come to be somewhere else."""

    def __init__(self, chance):
        self.choose = chance.choice
        self.venues = [factories.make_venue(f"Hall {n}", parish) for n, parish in enumerate(Parish.values[:3])]
        self.pages = [factories.make_event(f"Event {n}", venue=self.choose(self.venues)) for n in range(3)]

    def move_page(self):
        page = self.choose(self.pages)
        page.venue, page.access_notes = self.choose(self.venues), self.choose(["", "Signed"])
        page.save_revision().publish()

    def move_pages(self):
        EventPage.objects.filter(pk=self.choose(self.pages).pk).update(venue=self.choose(self.venues))

    def move_dates(self):
        self.choose(self.pages).performances.update(venue=self.choose([None, *self.venues]))

    def move_one(self):
        date = self.choose(list(Performance.objects.all()))
        edits.change_performance(date, venue=self.choose([None, *self.venues]))

    def move_many(self):
        dates = list(Performance.objects.all())
        for date in dates:
            date.venue = self.choose([None, *self.venues])
        Performance.objects.bulk_update(dates, ["venue"])

    def add_dates(self):
        page = self.choose(self.pages)
        edits.add_performances(page, [Performance(page=page, starts_at=timezone.now() + DAY) for _ in range(2)])

    def edit_venue(self):
        venue = self.choose(self.venues)
        venue.parish, venue.access_notes = self.choose(Parish.values[:3]), self.choose(["", "Ramp"])
        venue.save()


@pytest.mark.parametrize("seed", range(3))
def test_copies_follow_every_edit(seed):
    made = Edits(Random(seed))
    ways = [getattr(made, name) for name in sorted(vars(Edits)) if not name.startswith("_")]
    for _ in range(20):
        made.choose(ways)()
        assert list_misplaced() == []
    for venue in made.venues:
        assert_same(Performance.objects.at_venue(venue.pk), is_at_venue(venue))
        assert_same(Performance.objects.in_parish(venue.parish), is_in_parish(venue.parish))


def assert_same(found, plainly):
    assert set(found) == set(Performance.objects.filter(plainly))


@pytest.mark.parametrize("chunk", [1, 2, 600])
def test_a_list_that_is_read_in_parts_is_the_same(monkeypatch, chunk):
    chance, now = Random(chunk), timezone.now()
    monkeypatch.setattr(event_list, "CHUNK", chunk)
    monkeypatch.setattr(event_list, "MOST_LISTED", 3)
    for number in range(6):
        page = factories.make_event(f"Event {number}", starts_at=now + chance.randrange(1, 9) * DAY)
        for _ in range(3):
            date = factories.make_performance(page, starts_at=now + chance.uniform(0.1, 9) * DAY)
            Performance.objects.filter(pk=date.pk).update(status=chance.choice(["scheduled", "cancelled"]))
    dates = Performance.objects.order_by("starts_at", "pk")
    best = {}
    for date in sorted(dates, key=lambda each: (not each.takes_place, each.starts_at, each.pk)):
        best.setdefault(date.page_id, date)
    expected = sorted(best.values(), key=lambda each: (each.starts_at, each.pk))[:3]
    assert [page.shown for page in event_list.list_upcoming(EventPage.objects.live(), now)[:]] == expected
