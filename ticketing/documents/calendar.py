"""The calendar file of an order: one entry per date that its tickets admit to."""

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from events_pages.public import calendar_file
from ticketing.enums import TicketState
from ticketing.models import OrderLine


def build_order_calendar(order):
    """The file's bytes, without the order's address: calendars are shared and synced. Void tickets do not count; a
    date for which none is left is cancelled in the calendar too."""
    by_sale = {}
    valid = Count("tickets", filter=~Q(tickets__state=TicketState.VOID))
    lines = OrderLine.objects.filter(order=order).annotate(valid=valid)
    for line in lines.select_related("sale__performance__venue", "sale__page__venue"):
        by_sale.setdefault(line.sale_id, []).append(line)
    return calendar_file.build_calendar(
        describe_order_entry(order, same, performance)
        for same in by_sale.values()
        for performance in same[0].sale.schedule
    )


def describe_order_entry(order, lines, performance):
    sale = lines[0].sale
    title = f"{lines[0].event_title} – {sale.date_name}" if sale.date_name else lines[0].event_title
    entry = calendar_file.describe_entry(performance, title=title, lines=[describe_seats(order, lines)])
    one = "" if not sale.is_pass else f"-{performance.pk}"
    entry["uid"] = f"{order.reference}-{sale.pk}{one}@{calendar_file.host()}"
    if not any(line.valid for line in lines):
        entry["status"] = "CANCELLED"
    return entry


def describe_seats(order, lines):
    places = ", ".join(f"{line.valid} × {line.type_name}" for line in lines if line.valid)
    if not places:
        return _("Order %(reference)s: no ticket is valid any more") % {"reference": order.reference}
    return _("Order %(reference)s, %(places)s") % {"reference": order.reference, "places": places}
