"""Calendar files (RFC 5545): dates of events as entries that a subscribed calendar keeps up to date.

An entry keeps its UID for good; its SEQUENCE rises with every change that a calendar must hear of, so moved and
cancelled dates replace what was there. Times are in UTC, so that every calendar agrees.
"""

from datetime import UTC

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from common.text.typed_text import drop_unwritable, write_in_line
from events_pages.enums import PerformanceStatus

PRODUCT = "-//Jersey Events//Events//EN"
STATUSES = {PerformanceStatus.CANCELLED: "CANCELLED", PerformanceStatus.POSTPONED: "TENTATIVE"}


def build_calendar(entries, *, name=""):
    """The file's bytes; `entries` are dicts of properties, as `describe_entry` makes them."""
    from icalendar import Calendar, Event  # noqa: PLC0415 - slow to import, and only here

    file = Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", name)):
        if value:
            file.add(key, value)
    for entry in entries:
        made = Event()
        for key, value in entry.items():
            if value not in (None, ""):
                made.add(key, value)
        file.add_component(made)
    return file.to_ical()


def describe_entry(performance, *, title="", lines=()):
    """The properties of one date's entry; `lines` follow the hour of the doors in its description."""
    changed = performance.changed_at.astimezone(UTC)
    return {
        "uid": f"performance-{performance.pk}@{host()}",
        "dtstamp": changed,
        "last-modified": changed,
        "sequence": performance.sequence,
        "summary": write_in_line(title or str(performance)),
        "dtstart": performance.starts_at.astimezone(UTC),
        "dtend": performance.ends_at.astimezone(UTC),
        "location": write_in_line(performance.place),
        "description": drop_unwritable("\n".join([*describe_date(performance), *lines])),
        "url": date_url(performance),
        "status": STATUSES.get(performance.status, "CONFIRMED"),
    }


def describe_date(performance):
    if performance.status_note:
        yield performance.status_note
    if performance.doors_at:
        doors = timezone.localtime(performance.doors_at, timezone.get_default_timezone())
        yield _("Doors open at %(time)s") % {"time": f"{doors:%H:%M}"}


def date_url(performance):
    parts = performance.page.get_url_parts()
    return f"{settings.SITE_URL}{parts[2]}dates/{performance.pk}/" if parts else ""


def host():
    return settings.SITE_URL.split("://")[-1]
