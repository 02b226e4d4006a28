"""Whatever is done to the dates of an event, in whatever order: every calendar says what the rows say."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events_pages.dates import edits
from events_pages.enums import NOT_TAKING_PLACE, Parish, PerformanceStatus
from events_pages.models import EventPage, Performance
from events_pages.public.event_filter import CALLED_OFF_KEPT
from tests import factories
from tests.calendars import read_entries
from ticketing.documents.calendar import build_order_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NOW = datetime(2027, 3, 13, 18, 0, tzinfo=UTC)
STATUSES = {PerformanceStatus.CANCELLED: "CANCELLED", PerformanceStatus.POSTPONED: "TENTATIVE"}
moments = st.integers(-60 * 24, 300 * 24).map(lambda hours: NOW + timedelta(hours=hours))
lengths = st.none() | st.integers(1, 5 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
changes = st.fixed_dictionaries(
    {},
    optional={
        "starts_at": moments,
        "length": lengths,
        "status": st.sampled_from(PerformanceStatus.values),
        "status_note": st.sampled_from(["", "A gale.", "Line\nand; more, \\n"]),
        "name": st.sampled_from(["", "Matinee", "Zoë; the 2nd, last"]),
        "at_barn": st.booleans(),
    },
)
edit = st.one_of(
    st.tuples(st.just("add"), moments, lengths),
    st.tuples(st.just("change"), st.integers(0, 9), changes),
    st.tuples(st.just("publish"), st.sampled_from(["Sea Shanties", "Songs; of, the \\ sea"])),
    st.tuples(st.just("delete"), st.integers(0, 9)),
)


@pytest.fixture
def event():
    page = factories.make_event("Sea Shanties", starts_at=False)
    factories.make_venue("Barn", Parish.ST_MARY)
    return page


@settings(max_examples=settings.default.max_examples // 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(edit, min_size=1, max_size=5))
def test_every_calendar_agrees_with_the_dates(client, event, history):
    with transaction.atomic():
        check_history(client, EventPage.objects.get(), history)
        transaction.set_rollback(True)


def check_history(client, event, history):
    edits.add_performance(event, starts_at=NOW + timedelta(days=1))
    order = factories.make_order(factories.make_type(factories.make_pass(event)))
    before, before_of_order = {}, {}
    for step in history:
        carry_out(event, *step)
        cache.clear()
        rows = list(Performance.objects.order_by("pk"))
        own = read_feed(client, f"{event.url}calendar.ics")
        assert_agrees(own, rows)
        assert_never_falls(before, own)
        listed = read_feed(client, "/events/calendar.ics")
        assert_agrees(listed, [row for row in rows if is_in_list(row)])
        assert all(listed[uid] == own[uid] for uid in listed)
        of_order = keep_by_uid(read_entries(build_order_calendar(order)))
        assert_agrees(of_order, rows, sequence=False)
        assert_never_falls(before_of_order, of_order)


def carry_out(event, what, *told):
    rows = list(Performance.objects.order_by("pk"))
    row = rows[told[0] % len(rows)] if rows and what in ("change", "delete") else None
    if what == "add":
        start, length = told
        edits.add_performance(event, starts_at=start, ends_at=length and start + length)
    elif what == "publish":
        event = EventPage.objects.get(pk=event.pk)
        event.title = told[0]
        event.save_revision().publish()
    elif row and what == "delete":
        with suppress(ProtectedError):  # holders are owed a notice of it
            edits.delete_performance(row)
    elif row:
        change(row, dict(told[1]))


def change(row, fields):
    """As a form would: an end that was said before is said again, or not."""
    if fields.pop("at_barn", False):
        fields["venue"] = factories.make_venue("Barn")
    start = fields.get("starts_at", row.starts_at)
    if "length" in fields:
        length = fields.pop("length")
        fields["ends_at"] = length and start + length
    try:
        edits.change_performance(row, **fields)
    except ValidationError:
        assert row.ends_at <= start


def is_in_list(row):
    if row.ends_at > NOW:
        return True
    return row.status in NOT_TAKING_PLACE and row.ends_at > NOW - CALLED_OFF_KEPT


def read_feed(client, address):
    return keep_by_uid(read_entries(client.get(address).content))


def keep_by_uid(entries):
    return {str(entry["UID"]): entry for entry in entries}


def assert_agrees(entries, rows, *, sequence=True):
    by_start = sorted(entries.values(), key=lambda entry: (entry.start, entry.end, int(entry["SEQUENCE"])))
    rows = sorted(rows, key=lambda row: (row.starts_at, row.ends_at, row.sequence))
    told = [(entry.start, entry.end, entry["STATUS"]) for entry in by_start]
    assert sorted(told) == sorted((row.starts_at, row.ends_at, STATUSES.get(row.status, "CONFIRMED")) for row in rows)
    if sequence:
        assert [entry["SEQUENCE"] for entry in by_start] == [row.sequence for row in rows]
        assert {uid.rpartition("-")[2] for uid in entries} == {str(row.pk) for row in rows}


def assert_never_falls(before, entries):
    """A calendar that has an entry takes the later one: its number is higher wherever a date has changed."""
    for uid, entry in entries.items():
        if uid in before:
            was = before[uid]
            assert entry["SEQUENCE"] >= was["SEQUENCE"]
            assert entry["LAST-MODIFIED"].dt >= was["LAST-MODIFIED"].dt
            moved = any(entry.get(name) != was.get(name) for name in ("DTSTART", "STATUS", "LOCATION"))
            assert entry["SEQUENCE"] > was["SEQUENCE"] or not moved
    before.update(entries)
