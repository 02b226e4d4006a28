"""The calendar file of an order (RFC 5545): one entry per performance, times in UTC so that every calendar agrees."""

from datetime import UTC

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ticketing.models import OrderLine

STAMP = "%Y%m%dT%H%M%SZ"


def escape(text):
    """RFC 5545, 3.3.11."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "")):
        text = text.replace(plain, escaped)
    return text


def fold(line):
    """RFC 5545, 3.1: at most 75 octets a line; what follows begins with a space. Never inside a character."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > 74:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece])


def stamp(moment):
    return moment.astimezone(UTC).strftime(STAMP)


def entry(order, line, places):
    """One performance. It ends as long after its start as the page says, or says nothing about its end."""
    page = line.sale.page
    title = f"{line.event_title} – {line.sale_name}" if line.sale_name else line.event_title
    words = [_("Order %(reference)s, %(places)s") % {"reference": order.reference, "places": ", ".join(places)}]
    if line.doors_at:
        doors = timezone.localtime(line.doors_at)
        words.insert(0, _("Doors open at %(time)s") % {"time": f"{doors:%H:%M}"})
    yield "BEGIN:VEVENT"
    yield f"UID:{order.reference}-{line.sale_id}@{settings.SITE_URL.split('://')[-1]}"
    yield f"DTSTAMP:{stamp(order.created_at)}"
    yield f"DTSTART:{stamp(line.starts_at)}"
    if page.ends_at and page.ends_at > page.starts_at:
        yield f"DTEND:{stamp(line.starts_at + (page.ends_at - page.starts_at))}"
    yield f"SUMMARY:{escape(title)}"
    if line.venue:
        yield f"LOCATION:{escape(line.venue)}"
    yield f"DESCRIPTION:{escape(chr(10).join(words))}"
    yield "STATUS:CONFIRMED"
    yield "END:VEVENT"


def calendar(order):
    """The file's bytes. The order's address is not in it: calendars are shared and synced."""
    by_sale = {}
    for line in OrderLine.objects.filter(order=order).select_related("sale__page"):
        by_sale.setdefault(line.sale_id, []).append(line)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Jersey Events//Tickets//EN", "METHOD:PUBLISH"]
    for same in by_sale.values():
        lines += entry(order, same[0], [f"{line.quantity} × {line.type_name}" for line in same])
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) + b"\r\n" for line in lines)
