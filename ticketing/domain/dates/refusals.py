"""Why a date is not changed together with others, in one sentence; "" where nothing is in the way."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.text.direction import isolate_text
from events_pages.models.performances import EARLIEST_DOORS
from ticketing.models.sales import clean_window, describe_allocated


def why_not_moved(performance, seats, now):
    """A date with tickets is never moved without a word to their holders."""
    if performance.is_over(now):
        return _("It is over.")
    if seats.sold:
        words = ngettext(
            "%(count)d ticket sold: change it one by one so that its holder is told.",
            "%(count)d tickets sold: change it one by one so that holders are told.",
            seats.sold,
        )
        return words % {"count": seats.sold}
    if seats.held:
        return _("Somebody is buying tickets at this moment: change it one by one, or try again in half an hour.")
    return ""


def why_times_wrong(times):
    if times["doors_at"] and times["doors_at"] > times["starts_at"]:
        return _("Doors would open after the start.")
    if times["doors_at"] and times["starts_at"] - times["doors_at"] > EARLIEST_DOORS:
        return _("Doors would open more than twelve hours before the start.")
    return ""


def why_sales_unfit(date, sales, wish, now):
    """The wish asks for what these sales of one date do not have."""
    if wish.tickets_of and date.is_over(now):
        return _("It is over.")
    if wish.sells and not sales:
        return _("No tickets are sold here.")
    if wish.capacity is not None and len(sales) > 1:
        return _("It has several sales: change their capacity one by one.")
    names = {kind.name for sale in sales for kind in sale.ticket_types.all()}
    if wish.price is not None and wish.type_name not in names:
        return _("It has no ticket type %(name)s.") % {"name": isolate_text(wish.type_name)}
    return ""


def why_sale_wrong(sale):
    """A loaded sale, as it would be."""
    if sale.capacity < sale.allocated:
        return describe_allocated(sale.allocated)
    try:
        clean_window(sale.opens_at, sale.closes_at)
    except ValidationError as wrong:
        return wrong.messages[0]
    return ""
