"""The calendar file of an order: one entry per date that its tickets admit to."""

from datetime import UTC, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from common.statements.compiled_queries import CompiledQuery
from events_pages.public import calendar_file
from ticketing.enums import TicketState
from ticketing.models import OrderLine


def build_calendar_line_query(order):
    void = Count("tickets", filter=Q(tickets__state=TicketState.VOID))
    valid = Count("tickets", filter=~Q(tickets__state=TicketState.VOID))
    lines = OrderLine.objects.filter(order=order).annotate(void=void, valid=valid)
    return lines.select_related("sale__performance__venue", "sale__page__venue")


_lines_of_order = CompiledQuery(build_calendar_line_query)


def build_order_calendar(order):
    """The file's bytes, without the order's address: calendars are shared and synced. Void tickets do not count; a
    date for which none is left is cancelled in the calendar too."""
    by_sale = {}
    for line in _lines_of_order(order=order.pk):
        by_sale.setdefault(line.sale_id, []).append(line)
    return calendar_file.build_calendar(
        describe_order_entry(order, same, performance)
        for same in by_sale.values()
        for performance in same[0].sale.schedule
    )


def describe_order_entry(order, lines, performance):
    sale = lines[0].sale
    entry = calendar_file.describe_entry(
        performance, title=name_ticket(lines[0], performance), lines=[describe_seats(order, lines)]
    )
    changed = max(entry["last-modified"], order.created_at.astimezone(UTC))
    entry |= {
        "uid": identify_entry(order, sale, performance),
        "sequence": count_changes(order, lines, performance),
        "last-modified": changed,
        "dtstamp": changed,
    }
    if not any(line.valid for line in lines):
        entry["status"] = "CANCELLED"
    return entry


def name_ticket(line, performance):
    names = ", ".join(filter(None, [performance.name, line.sale.name]))
    return f"{line.event_title} – {names}" if names else line.event_title


def identify_entry(order, sale, performance):
    """The same in every file of this order, and in those that were sent before an event had several dates."""
    one = f"-{performance.pk}" if sale.is_pass else ""
    return f"{order.reference}-{sale.pk}{one}@{settings.SITE_URL.split('://')[-1]}"


def count_changes(order, lines, performance):
    """Rises with the date's own, with every ticket that becomes void, and with each publication of the page: those were
    the whole number in files that were sent before dates had one of their own, and it must never fall."""
    published = max(order.created_at, lines[0].sale.page.last_published_at or order.created_at)
    minutes = (published - order.created_at) // timedelta(minutes=1)
    return performance.sequence + minutes + sum(line.void for line in lines)


def describe_seats(order, lines):
    places = ", ".join(f"{line.valid} × {line.type_name}" for line in lines if line.valid)
    if not places:
        return _("Order %(reference)s: no ticket is valid any more") % {"reference": order.reference}
    return _("Order %(reference)s, %(places)s") % {"reference": order.reference, "places": places}
