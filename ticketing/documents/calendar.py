"""The calendar file of an order (RFC 5545): one event per performance, times in UTC so that every calendar agrees."""

from datetime import UTC, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from common.text.typed_text import drop_unwritable, write_in_line
from events_pages.enums import EventStatus
from ticketing.models import OrderLine

PRODUCT = "-//Jersey Events//Tickets//EN"
STATUSES = {EventStatus.CANCELLED: "CANCELLED", EventStatus.POSTPONED: "TENTATIVE"}


def build_order_calendar(order):
    """The file's bytes, without the order's address: calendars are shared and synced."""
    from icalendar import Calendar  # noqa: PLC0415 - slow to import, and only here

    by_sale = {}
    for line in OrderLine.objects.filter(order=order).select_related("sale__page"):
        by_sale.setdefault(line.sale_id, []).append(line)
    file = Calendar()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH")):
        file.add(name, value)
    for same in by_sale.values():
        file.add_component(build_calendar_event(order, same))
    return file.to_ical()


def build_calendar_event(order, lines):
    from icalendar import Event  # noqa: PLC0415 - slow to import, and only here

    made = Event()
    for name, value in {**identify_event(order, lines[0]), **describe_event(order, lines)}.items():
        if value not in (None, ""):
            made.add(name, value)
    return made


def identify_event(order, line):
    """The same id in every file of this order. The sequence number rises when the event's page changes after the order,
    so that a calendar replaces its entry.
    """
    changed = max(order.created_at, line.sale.page.last_published_at or order.created_at).astimezone(UTC)
    return {
        "uid": f"{order.reference}-{line.sale_id}@{settings.SITE_URL.split('://')[-1]}",
        "dtstamp": changed,
        "last-modified": changed,
        "sequence": (changed - order.created_at) // timedelta(minutes=1),
    }


def describe_event(order, lines):
    line, page = lines[0], lines[0].sale.page
    title = f"{line.event_title} – {line.sale_name}" if line.sale_name else line.event_title
    return {
        "summary": write_in_line(title),
        "dtstart": line.starts_at.astimezone(UTC),
        "dtend": event_end_of(line),
        "location": write_in_line(line.venue),
        "description": drop_unwritable("\n".join(describe_seats(order, lines))),
        "url": f"{settings.SITE_URL}{page.get_url_parts()[2]}" if page.get_url_parts() else "",
        "status": STATUSES.get(page.status, "CONFIRMED"),
    }


def event_end_of(line):
    page = line.sale.page
    if page.ends_at and page.ends_at > page.starts_at:
        return (line.starts_at + (page.ends_at - page.starts_at)).astimezone(UTC)
    return None


def describe_seats(order, lines):
    if lines[0].doors_at:
        doors = timezone.localtime(lines[0].doors_at, timezone.get_default_timezone())
        yield _("Doors open at %(time)s") % {"time": f"{doors:%H:%M}"}
    places = ", ".join(f"{line.quantity} × {line.type_name}" for line in lines)
    yield _("Order %(reference)s, %(places)s") % {"reference": order.reference, "places": places}
