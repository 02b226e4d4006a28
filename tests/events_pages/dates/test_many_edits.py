"""Many dates written at once: each with its entry, and a page that is found and shown anew."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import PageLogEntry

from events_pages.dates import edits
from events_pages.models import Performance
from events_pages.public import content_version, page_cache
from tests.events_pages.dates.performances import at
from tests.factories import make_event

pytestmark = pytest.mark.django_db


def build_dates(page, *starts, **fields):
    return [Performance(page=page, starts_at=at(start), **fields) for start in starts]


def test_many_dates_are_written_with_an_entry_each(django_assert_num_queries):
    page = make_event(starts_at=False)
    assert len(page.schedule) == 0
    dates = build_dates(page, "2027-07-03 19:30", "2027-07-10 19:30", "2027-07-17 19:30")
    edits.add_performances(page, dates[:1])
    with django_assert_num_queries(5):  # both in a savepoint, and where the dates are
        edits.add_performances(page, dates[1:])
    assert [each.starts_at for each in page.schedule] == [at(f"2027-07-{day} 19:30") for day in ("03", "10", "17")]
    assert all(each.is_end_estimated for each in page.schedule)
    entries = PageLogEntry.objects.filter(page=page, action=edits.ADDED)
    assert [entry.data["starts_at"] for entry in entries.order_by("pk")] == [
        "2027-07-03 19:30",
        "2027-07-10 19:30",
        "2027-07-17 19:30",
    ]
    assert len({entry.uuid for entry in entries}) == 3


def test_nothing_is_written_when_one_is_wrong():
    page = make_event(starts_at=False)
    dates = build_dates(page, "2027-07-03 19:30", "2027-07-10 19:30", doors_at=at("2027-07-05 19:30"))
    with pytest.raises(ValidationError, match="Doors open before the start"):
        edits.add_performances(page, dates)
    assert page.performances.count() == 0


def test_kept_pages_are_forgotten(django_capture_on_commit_callbacks):
    page = make_event(starts_at=False)
    before = page_cache.cache.get(content_version.VERSION_KEY)
    with django_capture_on_commit_callbacks(execute=True):
        edits.add_performances(page, build_dates(page, "2027-07-03 19:30"))
    assert page_cache.cache.get(content_version.VERSION_KEY) != before
