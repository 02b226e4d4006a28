"""What a wish for several dates makes of one sale: on loaded rows first, then saved with an entry in its history."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from common.text.direction import isolate_text
from events_pages.dates.island_clock import shift_moment
from payments.money import format_money
from ticketing.domain.dates.clock import format_start, move_before
from ticketing.domain.dates.history import write_entry
from ticketing.domain.dates.wishes import Line
from ticketing.models import EventSale, TicketType

CHANGED = "ticketing.sale.changed"


@dataclass
class SaleChange:
    sale: EventSale
    kinds: list[TicketType] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def set(self, row, name, value, what, show):
        """Nothing is said of what stays."""
        was = getattr(row, name)
        if value == was:
            return
        setattr(row, name, value)
        self.lines.append(Line(str(what), show(was), show(value)))
        if row is not self.sale:
            self.kinds.append(row)


def change_sale(sale, wish, *, start, to):
    """The SaleChange of a wish; the date moves from `start` to `to`. An end of the sale that was set goes with it."""
    change = SaleChange(sale)
    if wish.capacity is not None:
        change.set(sale, "capacity", wish.capacity, _("Capacity"), str)
    if wish.price is not None:
        for kind in sale.ticket_types.all():
            if kind.name == wish.type_name:
                what = _("Price of %(name)s") % {"name": isolate_text(kind.name)}
                change.set(kind, "price", wish.price, what, format_money)
    change_window(change, wish, start=start, to=to)
    if wish.is_active is not None:
        change.set(sale, "is_active", wish.is_active, _("Selling"), name_selling)
    return change


def change_window(change, wish, *, start, to):
    sale = change.sale
    opens, closes = sale.opens_at, shift_moment(sale.closes_at, start=start, to=to)
    if wish.opens_days is not None:
        opens = move_before(to, days=wish.opens_days)
    if wish.closes_minutes is not None:
        # At the start itself is what an empty end means; it then follows the date wherever it goes.
        closes = move_before(to, minutes=wish.closes_minutes) if wish.closes_minutes else None
    change.set(sale, "opens_at", opens, _("Sales open"), name_opening)
    change.set(sale, "closes_at", closes, _("Sales close"), name_closing)


def name_opening(moment):
    return format_start(moment) if moment else _("at once")


def name_closing(moment):
    return format_start(moment) if moment else _("at the start")


def name_selling(is_active):
    return _("yes") if is_active else _("stopped")


def save_change(change, *, by):
    if not change.lines:
        return
    change.sale.save()
    for kind in change.kinds:
        kind.save()
    data = {"lines": [[line.what, line.was, line.will_be] for line in change.lines]}
    write_entry(change.sale, CHANGED, by=by, data=data)


def move_closings(performance, *, was, by=None):
    """Sales that end at a moment of their own keep its distance to the start, which `was` another. What would end
    before it opens ends at the start."""
    sales = EventSale.objects.select_for_update(of=("self",)).filter(performance=performance, closes_at__isnull=False)
    for sale in sales.select_related("page").order_by("pk"):
        change = SaleChange(sale)
        closes = shift_moment(sale.closes_at, start=was, to=performance.starts_at)
        is_before = sale.opens_at and closes <= sale.opens_at
        change.set(sale, "closes_at", None if is_before else closes, _("Sales close"), name_closing)
        save_change(change, by=by)
