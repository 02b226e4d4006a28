"""Edits of dates: what writes them, with an entry in the history of the page and a sequence that calendars follow."""

from functools import partial
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import PageLogEntry

from common.queue import wake
from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.printed_facts import describe_facts, list_differences
from events_pages.dates.schedule import Schedule
from events_pages.enums import PerformanceStatus
from events_pages.models.performances import Performance
from events_pages.models.snippets import Venue
from events_pages.public import content_version
from events_pages.signals import event_changed

ADDED = "events_pages.date_added"
CHANGED = "events_pages.date_changed"
DELETED = "events_pages.date_deleted"
TOLD_TO_CALENDARS = (
    *("name", "starts_at", "ends_at", "is_end_estimated", "doors_at"),
    *("venue_id", "status", "status_note", "link"),
)
KEPT_WHEN_MOVED = (PerformanceStatus.CANCELLED, PerformanceStatus.MOVED_ONLINE)
OF_ALL_DATES = ("venue_id", "age_limit")
"""Columns of the page that are printed with each of its dates."""


def lock_dates(page):
    """Until the transaction ends nobody else who asks makes dates of the page: the same form sent twice makes its dates
    once."""
    list(type(page).objects.select_for_update(of=("self",), no_key=True).filter(pk=page.pk).only("pk"))
    page.__dict__.pop("schedule", None)


@transaction.atomic
def add_performance(page, *, by=None, **fields):
    made = Performance(page=page, **fields)
    made.full_clean(exclude=["ends_at"])
    made.save()
    page.__dict__.pop("schedule", None)
    write_entry(page, ADDED, by=by, data=describe_for_log(made))
    return made


@transaction.atomic
def add_performances(page, dates, *, by=None):
    """Many new dates, Performances of the page that are not saved, each with its entry: in a few statements for all."""
    for date in dates:
        date.complete_times()
        date.clean_fields(exclude=["page", "venue"])
        date.clean()
    Performance.objects.bulk_create(dates)
    page.__dict__.pop("schedule", None)
    write_entries(page, ADDED, by=by, told=[describe_for_log(date) for date in dates])
    content_version.purge_after_commit()
    transaction.on_commit(partial(wake, "events_pages.tasks.fold_pages_of", pk=page.pk))
    return dates


@transaction.atomic
def change_performance(performance, *, by=None, **fields):
    """Writes what differs, keeps where it stood before, and raises the sequence. Gives the names of what changed.

    Only the `fields` are written over what somebody else may have changed since `performance` was read.
    """
    before = Performance.objects.select_for_update(of=("self",)).get(pk=performance.pk)
    before.page = performance.page
    was = describe_for_log(before)
    copy_row(before, performance)
    for name, value in fields.items():
        setattr(performance, name, value)
    if "ends_at" in fields:
        performance.is_end_estimated = fields["ends_at"] is None
    performance.complete_times()
    performance.full_clean()
    changed = [name for name in TOLD_TO_CALENDARS if getattr(performance, name) != getattr(before, name)]
    if not changed:
        return []
    keep_former_place(performance, before, changed)
    if "status" not in fields:
        performance.status = status_of_start(performance, before)
    performance.sequence = before.sequence + 1
    performance.save()
    performance.page.__dict__.pop("schedule", None)
    write_entry(performance.page, CHANGED, by=by, data={**describe_for_log(performance), "was": was})
    tell_changes(performance.page, {performance: before}, by=by)
    return changed


def copy_row(row, to):
    for column in row._meta.concrete_fields:
        setattr(to, column.attname, getattr(row, column.attname))


def tell_changes(page, before, *, by=None, **page_before):
    """`before` is {date as it is: date as it was}, `page_before` the page's columns as they were."""
    now = {"page_venue": page.venue, "age_limit": page.age_limit}
    told = {
        date: (describe_facts(former, **{**now, **page_before}), describe_facts(date, **now))
        for date, former in before.items()
    }
    if changes := {date: facts for date, facts in told.items() if list_differences(*facts)}:
        event_changed.send(sender=type(page), page=page, changes=changes, by=by)


@transaction.atomic
def delete_performance(performance, *, by=None):
    """Raises ProtectedError where tickets are on sale for it."""
    told = describe_for_log(performance)
    performance.delete()
    performance.page.__dict__.pop("schedule", None)
    write_entry(performance.page, DELETED, by=by, data=told)


def keep_former_place(performance, before, changed):
    """Where it stood first, while people could read it; nothing once it is put back."""
    if not performance.page.live:
        return
    if "starts_at" in changed and (before.starts_at > timezone.now() or is_postponed(before)):
        former = performance.former_starts_at or before.starts_at
        performance.former_starts_at = None if former == performance.starts_at else former
    if "venue_id" in changed:
        former = performance.former_venue or before.own_venue
        performance.former_venue = None if former == performance.own_venue else former


def is_postponed(performance):
    return performance.status == PerformanceStatus.POSTPONED


def status_of_start(performance, before):
    """On another day it was moved, however somebody wrote that; put back it is as it was planned. What was postponed
    waits until it has another day."""
    if performance.status in KEPT_WHEN_MOVED or performance.starts_at == before.starts_at:
        return performance.status
    was, now = (to_island_clock(each.starts_at).date() for each in (before, performance))
    if is_postponed(before):
        return PerformanceStatus.RESCHEDULED if was != now else performance.status
    if performance.former_starts_at is None:
        return PerformanceStatus.SCHEDULED
    is_moved = was != now or before.status == PerformanceStatus.RESCHEDULED
    return PerformanceStatus.RESCHEDULED if is_moved and performance.page.live else performance.status


def write_entry(page, action, *, by, data):
    """Several dates may change in one request; of entries that share a `uuid` Wagtail shows only the last."""
    log(page, action, user=by, uuid=uuid4(), data=data)


def write_entries(page, action, *, by, told):
    """As `log` writes one, in one statement for all."""
    shared = {
        "page": page,
        "content_type": ContentType.objects.get_for_model(page, for_concrete_model=False),
        "label": page.get_admin_display_title(),
        "timestamp": timezone.now(),
    }
    PageLogEntry.objects.bulk_create(
        PageLogEntry(action=action, user=by, uuid=uuid4(), data=data, **shared) for data in told
    )


def describe_for_log(performance):
    """`venue` is where it is, be that its own or its page's."""
    moment = timezone.localtime(performance.starts_at, timezone.get_default_timezone())
    return {
        "performance": performance.pk,
        "starts_at": f"{moment:%Y-%m-%d %H:%M}",
        "status": performance.status,
        "venue": performance.venue_id or performance.page.venue_id,
    }


# What a page says of all its dates


def read_published_columns(page, update_fields=None):
    """Before a page is saved: what is printed of it with each date; None where this saving changes nothing of it."""
    is_kept = update_fields is not None and not {"venue", *OF_ALL_DATES} & set(update_fields)
    if page._state.adding or is_kept:
        return None
    return type(page).objects.filter(pk=page.pk).values(*OF_ALL_DATES, "live").first()


def copy_places(page, update_fields=None):
    """After a page is saved: its dates are found by its venue and by what it says of access."""
    if update_fields is None or {"venue", "venue_id", "access_notes"} & set(update_fields):
        page.performances.copy_places()


@transaction.atomic
def follow_published_page(page, before):
    """After a page is saved: its dates to come have moved with it, where they have no venue of their own."""
    if not before or all(before[name] == getattr(page, name) for name in OF_ALL_DATES):
        return
    dates = [date for date in page.performances.select_related("venue") if not date.is_over(timezone.now())]
    if before["live"] and before["venue_id"] != page.venue_id:
        move_with_page(page, [date.pk for date in dates], before["venue_id"])
    venue = Venue.objects.filter(pk=before["venue_id"]).first()
    tell_changes(page, {date: date for date in dates}, page_venue=venue, age_limit=before["age_limit"])


def move_with_page(page, numbers, former):
    """The dates with these ids that have no venue of their own, each with its entry: in a few statements for all."""
    dates = list(page.performances.select_for_update().filter(pk__in=numbers, venue=None).order_by("pk"))
    for date in dates:
        date.page = page
        planned = date.former_venue_id or former
        date.former_venue_id = None if planned == page.venue_id else planned
        date.sequence, date.changed_at = date.sequence + 1, timezone.now()
    Performance.objects.bulk_update(dates, ["former_venue", "sequence", "changed_at"])
    page.__dict__.pop("schedule", None)
    now = [describe_for_log(date) for date in dates]
    write_entries(page, CHANGED, by=None, told=[{**told, "was": {**told, "venue": former}} for told in now])


# The first date of a new event, from its page's own form


def has_first_date_on_form(page):
    """While nobody can have read it in public, or there is none."""
    if not page.pk:
        return True
    count = page.performances.count()
    return not count or (count == 1 and not page.first_published_at)


def find_first_date(page):
    return page.performances.first() if page.pk else None


def propose_first_date(page, times):
    """Checked, and shown in a preview; `EventPage.save` writes it. Raises ValidationError."""
    date = find_first_date(page) or Performance(page=page, status=PerformanceStatus.SCHEDULED)
    for name, value in times.items():
        setattr(date, name, value)
    date.is_end_estimated = times["ends_at"] is None
    date.complete_times()
    date.clean()
    page.first_date = times
    page.schedule = Schedule((date,))


def write_first_date(page):
    times = page.__dict__.pop("first_date", None)
    if not times:
        return
    page.__dict__.pop("schedule", None)
    if date := find_first_date(page):
        change_performance(date, **times)
    else:
        add_performance(page, **times)
