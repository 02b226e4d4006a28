"""Printed facts: what tickets, mails and calendars say of a date. Kept as plain data, so that it can be compared and
told later, when the row says something else."""

from datetime import UTC, datetime

PRINTED = ("status", "starts_at", "ends_at", "doors_at", "venue", "link", "age_limit")
MOMENTS = ("starts_at", "ends_at", "doors_at")


def describe_facts(performance, *, page_venue, age_limit):
    """Moments in ISO 8601, an end that nobody said as None. `venue_id` (its own) and `status_note` are printed nowhere:
    they are what somebody needs to put the date back."""
    venue = performance.venue or page_venue
    return {
        "status": str(performance.status),
        "starts_at": write_moment(performance.starts_at),
        "ends_at": write_moment(performance.said_end),
        "doors_at": write_moment(performance.doors_at),
        "venue": venue.place if venue else "",
        "link": performance.link,
        "age_limit": age_limit,
        "venue_id": performance.venue_id,
        "status_note": performance.status_note,
    }


def list_differences(was, now):
    """Names of the printed facts that differ."""
    return [name for name in PRINTED if was.get(name) != now.get(name)]


def write_moment(moment):
    """In UTC, so that the same moment is the same text."""
    return moment.astimezone(UTC).isoformat() if moment else None


def parse_moment(text):
    return datetime.fromisoformat(text) if text else None
