"""The dates of what a basket holds as they stand today, and whether they moved while it was held.

A basket line keeps no copy of its date: what moved since is read from the history of the event page.
"""

from datetime import datetime, timedelta
from hashlib import blake2s

from django.conf import settings
from django.utils import timezone
from wagtail.models import PageLogEntry

from events_pages.dates import edits
from events_pages.models import Venue
from ticketing.domain.catalogue.sale_dates import SaleDate, load_pass_schedules

DIGEST_BYTES = 12


def attach_dates(basket, lines, now):
    """Gives each line its `date`; no statement, but one where there are passes, and one where a date was edited while
    it was held."""
    load_pass_schedules([line.ticket_type.sale for line in lines])
    edited = [line for line in lines if is_edited_since(line, find_hold_start(basket, line))]
    entries = list_edits(edited, min(find_hold_start(basket, line) for line in edited)) if edited else []
    for line in lines:
        told = find_told_date(line, entries, find_hold_start(basket, line))
        line.date = SaleDate(line.ticket_type.sale, now, *told)


def list_news(lines):
    found = {}
    for line in lines:
        if line.date.is_moved or not line.date.takes_place:
            line.news = line.date.tell_news(line.ticket_type.sale.page.title)
            found.setdefault(line.ticket_type.sale_id, line)
    return list(found.values())


def digest_dates(lines):
    """A short text that differs when one of their dates moves, is called off, or takes place elsewhere."""
    sales = [line.ticket_type.sale for line in lines]
    told = [(sale.pk, [describe_place(each, sale) for each in sale.schedule]) for sale in sales]
    return blake2s(repr(sorted(told)).encode(), digest_size=DIGEST_BYTES).hexdigest()


def describe_place(performance, sale):
    return performance.pk, performance.starts_at, performance.venue_id or sale.page.venue_id, performance.status


def find_hold_start(basket, line):
    """When its seats were taken or last extended, as far as the end of the hold tells; never after that."""
    if line.expires_at is None:
        return basket.created_at
    return line.expires_at - timedelta(minutes=settings.HOLD_MINUTES)


def is_edited_since(line, since):
    sale = line.ticket_type.sale
    return not sale.is_pass and sale.performance.changed_at > since


def list_edits(lines, since):
    pages = {line.ticket_type.sale.page_id for line in lines}
    entries = PageLogEntry.objects.filter(page__in=pages, action=edits.CHANGED, timestamp__gt=since)
    return list(entries.order_by("timestamp", "pk"))


def find_told_date(line, entries, since):
    """(start, place) as they were at `since`, None and "" for what is the same today."""
    sale = line.ticket_type.sale
    mine = (each for each in entries if each.timestamp > since and each.data["performance"] == sale.performance_id)
    if (first := next(mine, None)) is None:
        return None, ""
    was, now = first.data["was"], edits.describe_for_log(sale.performance)
    start = read_logged_start(was["starts_at"]) if was["starts_at"] != now["starts_at"] else None
    return start, name_logged_venue(was) if was.get("venue") != now["venue"] else ""


def read_logged_start(text):
    return timezone.make_aware(datetime.fromisoformat(text), timezone.get_default_timezone())


def name_logged_venue(was):
    venue = Venue.objects.filter(pk=was.get("venue")).first()
    return venue.place if venue else ""
