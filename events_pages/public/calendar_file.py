"""Calendar files (RFC 5545, RFC 7986): dates of events as entries that a subscribed calendar keeps up to date.

An entry keeps its UID for good, whatever becomes of the date or of the site's address; its SEQUENCE rises with every
change that a calendar must hear of, so moved and cancelled dates replace what was there. Not every calendar shows
STATUS, so the title says too that a date does not take place.

Times are in UTC. Every calendar shows them on the clock of whoever reads it, as it would with TZID; and UTC is right in
the hour that comes twice in October, which a wall clock cannot name, and needs no VTIMEZONE that programs read
differently. X-WR-TIMEZONE says whose clock the island goes by.

An end that nobody has said is a DURATION of the usual length: without one, calendars draw a line that is easily
overlooked. The description says that no end is announced.

The same rows make the same bytes, so whoever asks again can be told that nothing has changed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.text.typed_text import write_in_line
from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.wording import format_time
from events_pages.enums import PerformanceStatus

PRODUCT = "-//Jersey Events//Events//EN"
STATUSES = {PerformanceStatus.CANCELLED: "CANCELLED", PerformanceStatus.POSTPONED: "TENTATIVE"}
REFRESH = timedelta(hours=1)
"""How often a subscribed calendar should ask; what has not changed costs next to nothing."""
UNSAID = (None, "", [])
END = b"END:VCALENDAR"
ESCAPES = {ord("\\"): "\\\\", ord(";"): "\\;", ord(","): "\\,", ord("\n"): "\\n"}
LONGEST_PIECE = 75  # bytes
LONGEST_LINE = 300  # characters: of a title or a place
LONGEST_TEXT = 2000


def build_calendar(entries, *, name=""):
    """The file's bytes; `entries` are dicts of properties, as `describe_entry` makes them. With a `name` it is one to
    subscribe to."""
    from icalendar import Calendar  # noqa: PLC0415 - slow to import, and only here

    file = Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH")):
        file.add(key, value)
    if name:
        add_subscription(file, write_in_line(name))
    drawn = [draw_entry(entry) for entry in entries]
    if not drawn:
        file.add_component(build_clock())
    return b"".join([*drawn, END]).join(file.to_ical().rsplit(END, 1))


def add_subscription(file, name):
    from icalendar import vText  # noqa: PLC0415 - slow to import, and only here

    for key in ("name", "x-wr-calname"):
        file.add(key, vText(name))  # said to be text, or icalendar writes it as it is
    file.add("x-wr-timezone", settings.TIME_ZONE)
    file.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")


def draw_entry(properties):
    """As icalendar would, in a tenth of its time: a list has five hundred."""
    lines = [f"{key.upper()}:{write_value(key, value)}" for key, value in properties.items() if value not in UNSAID]
    return b"\r\n".join([b"BEGIN:VEVENT", *map(fold_line, lines), b"END:VEVENT", b""])


def write_value(key, value):
    if isinstance(value, datetime):
        return f"{value:%Y%m%dT%H%M%SZ}"
    if isinstance(value, timedelta):
        return write_length(value)
    if isinstance(value, list):
        return ",".join(map(escape_text, value))
    return value if key == "url" else escape_text(str(value))


def write_length(length):
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    return f"PT{hours}H{minutes}M" if minutes else f"PT{hours}H"


def escape_text(text):
    return text.translate(ESCAPES)


def fold_line(line):
    """In pieces of 75 bytes (RFC 5545, 3.1), none of which parts a letter or what stands for one."""
    rest, pieces, room = line.encode(), [], LONGEST_PIECE
    while len(rest) > room:
        end = find_end_of_piece(rest, room)
        pieces.append(rest[:end])
        rest, room = rest[end:], LONGEST_PIECE - 1  # with the blank in front
    return b"\r\n ".join([*pieces, rest])


def find_end_of_piece(text, most):
    end = most
    while text[end] & 0b11000000 == 0b10000000:  # within a letter
        end -= 1
    slashes = end - len(text[:end].rstrip(b"\\"))
    return end - slashes % 2


def build_clock():
    """For a file without entries, because a calendar must hold something (RFC 5545, 3.6)."""
    from icalendar import Timezone  # noqa: PLC0415 - slow to import, and only here

    return Timezone.from_tzid("UTC")


@dataclass(frozen=True)
class EventFacts:
    """What entries say of their event. `key` is the page's for good, `address` its own or "", `published_at` None of
    what never was, `place` where its dates are that have no venue of their own."""

    key: str
    title: str
    address: str
    published_at: datetime | None
    place: str
    lines: tuple = ()
    categories: tuple = ()


def read_facts(page, request=None, **told):
    place = describe_venue(page.venue) if page.venue_id else ""
    address = public_url(page, request)
    return EventFacts(page.translation_key, page.title, address, page.last_published_at, place, **told)


def describe_entry(performance, event=None, *, title="", lines=()):
    """The properties of one date's entry; `lines` follow what its description says of the date. `event` are the facts
    that many dates share."""
    event = event or read_facts(performance.page)
    changed = max(performance.changed_at, event.published_at or performance.changed_at).astimezone(UTC)
    address = event.address and f"{event.address}dates/{performance.pk}/"
    return {
        "uid": f"{event.key}-{performance.pk}",
        "dtstamp": changed,
        "last-modified": changed,
        "sequence": performance.sequence,
        "summary": name_entry(performance, title or name_with_event(performance, event)),
        "dtstart": performance.starts_at.astimezone(UTC),
        **tell_end(performance),
        "location": write_bounded_line(describe_place(performance, event)),
        "description": write_text([*list_date_facts(performance), *lines]),
        "url": address,
        "status": STATUSES.get(performance.status, "CONFIRMED"),
    }


def describe_public_entry(performance, event):
    """As a feed has it: a list of what is on fills nobody's day, so the time stays free."""
    address = event.address and f"{event.address}dates/{performance.pk}/"
    return {
        **describe_entry(performance, event, lines=[*event.lines, address]),
        "categories": list(event.categories),
        "transp": "TRANSPARENT",
    }


def name_with_event(performance, event):
    return f"{event.title} – {performance.name}" if performance.name else event.title


def name_entry(performance, title):
    if performance.takes_place:
        return write_bounded_line(title)
    words = {"status": performance.get_status_display(), "title": title}
    return write_bounded_line(_("%(status)s: %(title)s") % words)


def tell_end(performance):
    if performance.is_end_estimated:
        return {"duration": performance.ends_at - performance.starts_at}
    return {"dtend": performance.ends_at.astimezone(UTC)}


def describe_place(performance, event):
    if performance.is_online:
        return performance.place
    return describe_venue(performance.venue) if performance.venue_id else event.place


def describe_venue(venue):
    """With the street, which a telephone finds on its map."""
    return f"{write_in_line(venue.name)}, {venue.full_address}"


def list_date_facts(performance):
    if performance.status_note:
        yield performance.status_note
    if performance.former_starts_at and performance.former_starts_at != performance.starts_at:
        yield _("Moved from %(when)s") % {"when": name_moment(performance.former_starts_at)}
    if performance.is_online and performance.link:
        yield performance.link
    if performance.doors_at:
        yield _("Doors open at %(time)s") % {"time": format_time(performance.doors_at)}
    if performance.is_end_estimated and performance.takes_place:
        yield _("No end is announced.")


def name_moment(moment):
    return f"{date_format(to_island_clock(moment), 'l j F Y')}, {format_time(moment)}"


def public_url(page, request=None):
    """ "" for a page that no site has."""
    parts = page.get_url_parts(request)
    return f"{settings.SITE_URL}{parts[2]}" if parts else ""


def write_bounded_line(text):
    return shorten_text(write_in_line(text), LONGEST_LINE)


def write_text(lines):
    """Each line by itself: some programs take more signs for the end of a line than RFC 5545 does."""
    return shorten_text("\n".join(filter(None, map(write_in_line, lines))), LONGEST_TEXT)


def shorten_text(text, longest):
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
