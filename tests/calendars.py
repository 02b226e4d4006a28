"""Calendar files as a strict program reads them: to the letter of RFC 5545's grammar first, then by `icalendar`."""

import re

from icalendar import Calendar

LONGEST = 75  # bytes, without the line's end (3.1)
NAME = r"[A-Z0-9-]+"
SAFE, QUOTED = r"[^\x00-\x08\x0a-\x1f\x7f\";:,]*", r"\"[^\x00-\x08\x0a-\x1f\x7f\"]*\""
PARAMETER = f"{NAME}=(?:{SAFE}|{QUOTED})(?:,(?:{SAFE}|{QUOTED}))*"
LINE = re.compile(f"({NAME})((?:;{PARAMETER})*):([^\\x00-\\x08\\x0a-\\x1f\\x7f\\x85\\u2028\\u2029]*)")
TEXT = re.compile(r"(?:\\[\\;,nN]|[^\\;,])*")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "UID", "NAME", "X-WR-CALNAME", "CATEGORIES", "STATUS"}
MOMENT = re.compile(r"\d{8}T\d{6}Z")
MOMENTS = {"DTSTAMP", "DTSTART", "DTEND", "LAST-MODIFIED"}
ONCE = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DURATION",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "STATUS",
    "SEQUENCE",
    "URL",
}
NEEDED = {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "STATUS"}


def unfold(data):
    """The lines of a file, checked: their ends, their lengths, whole characters, names, parameters and text."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"") and b"\r" not in data.replace(b"\r\n", b"")  # noqa: PT018
    for line in data.split(b"\r\n"):
        assert len(line) <= LONGEST
        line.decode()  # no character is torn in two
    lines = data.replace(b"\r\n ", b"").replace(b"\r\n\t", b"").decode().removesuffix("\r\n").split("\r\n")
    for line in lines:
        read_line(line)
    return lines


def read_line(line):
    found = LINE.fullmatch(line)
    assert found, line
    name, _parameters, value = found.groups()
    if name in TEXTS:
        values = re.split(r"(?<!\\),", value) if name == "CATEGORIES" else [value]
        assert all(TEXT.fullmatch(each) for each in values), line
    return name, value


def read_entries(data):
    """The entries of a file, with none that a strict program would refuse."""
    check_grammar(unfold(data))
    calendar = Calendar.from_ical(data)
    assert not calendar.errors
    assert not [each for each in calendar.walk() if each.errors]
    entries = calendar.walk("VEVENT")
    uids = [each["UID"] for each in entries]
    assert len(uids) == len(set(uids))
    for each in entries:
        assert each.end >= each.start
    return entries


def check_grammar(lines):
    """3.4 and 3.6: one calendar with a component in it; what stands once, what is needed, no end besides a length."""
    names = [read_line(line) for line in lines]
    assert names[0] == ("BEGIN", "VCALENDAR")
    assert {"PRODID", "VERSION"} <= {name for name, _value in names}
    assert [value for name, value in names if name == "BEGIN"][1:], "a calendar without any component"
    for entry in split_entries(names):
        told = [name for name, _value in entry]
        assert set(told) >= NEEDED
        assert [name for name in ONCE if told.count(name) > 1] == []
        assert "DTEND" not in told or "DURATION" not in told
        assert all(MOMENT.fullmatch(value) for name, value in entry if name in MOMENTS)


def split_entries(names):
    entry = None
    for pair in names:
        if pair == ("BEGIN", "VEVENT"):
            entry = []
        elif pair == ("END", "VEVENT"):
            yield entry
            entry = None
        elif entry is not None:
            entry.append(pair)
