"""Edits of dates: what writes them, with an entry in the history of the page and a sequence that calendars follow."""

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from events_pages.dates.schedule import Schedule
from events_pages.enums import PerformanceStatus
from events_pages.models.performances import Performance

ADDED = "events_pages.date_added"
CHANGED = "events_pages.date_changed"
DELETED = "events_pages.date_deleted"
TOLD_TO_CALENDARS = ("name", "starts_at", "ends_at", "doors_at", "venue_id", "status", "status_note", "link")
MOVES = ("starts_at", "venue_id")


@transaction.atomic
def add_performance(page, *, by=None, **fields):
    """A new date, with its entry in the page's history."""
    made = Performance(page=page, **fields)
    made.full_clean(exclude=["ends_at"])
    made.save()
    page.__dict__.pop("schedule", None)
    log(page, ADDED, user=by, data=describe_for_log(made))
    return made


@transaction.atomic
def change_performance(performance, *, by=None, **fields):
    """Writes what differs, keeps where it stood before, and raises the sequence. Gives the names of what changed."""
    before = Performance.objects.select_for_update(of=("self",)).get(pk=performance.pk)
    was = describe_for_log(before)
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
    performance.sequence = before.sequence + 1
    performance.save()
    performance.page.__dict__.pop("schedule", None)
    log(performance.page, CHANGED, user=by, data={**describe_for_log(performance), "was": was})
    return changed


@transaction.atomic
def delete_performance(performance, *, by=None):
    """Raises ProtectedError where tickets are on sale for it."""
    told = describe_for_log(performance)
    performance.delete()
    performance.page.__dict__.pop("schedule", None)
    log(performance.page, DELETED, user=by, data=told)


def keep_former_place(performance, before, changed):
    if not performance.page.live:
        return
    if "starts_at" in changed and before.starts_at > timezone.now():
        performance.former_starts_at = performance.former_starts_at or before.starts_at
    if "venue_id" in changed:
        performance.former_venue = before.own_venue


def describe_for_log(performance):
    moment = timezone.localtime(performance.starts_at, timezone.get_default_timezone())
    return {
        "performance": performance.pk,
        "starts_at": f"{moment:%Y-%m-%d %H:%M}",
        "status": performance.status,
        "venue": performance.venue_id,
    }


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
