"""The buy box: one row per ticket type, with what a visitor typed. Reads, never writes."""

import re
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import sales_mode
from common.text.direction import isolate_text
from common.text.typed_text import tidy_line
from events_pages.dates.wording import format_short_date
from payments.money import ZERO
from ticketing.domain.catalogue import availability
from ticketing.domain.catalogue.sale_dates import SaleDate
from ticketing.domain.errors import TicketingError
from ticketing.enums import OfferStatus

QUANTITY_FIELD = re.compile(r"qty-(\d{1,18})", re.ASCII)
NUMBER = re.compile(r"\d{1,3}", re.ASCII)
MOST_FIELDS = 100
CODE_LENGTH = 40
STATUSES_WITH_PRICES = {OfferStatus.ON_SALE, OfferStatus.LAST_FEW, OfferStatus.OPENS_SOON, OfferStatus.SOLD_OUT}
"""With prices; of a cancelled or past performance only that is said."""


class NotANumber(TicketingError):
    """What was typed is no number of tickets."""

    default = gettext_lazy("Write a number of tickets, 0 or more.")


class NothingChosen(TicketingError):
    """Every number is nought and the basket holds nothing of this sale."""

    default = gettext_lazy("Choose how many tickets you would like.")


@dataclass
class BuyBoxRow:
    offer: availability.TypeAvailability
    typed: str = ""

    def __getattr__(self, name):
        return getattr(self.offer, name)

    @property
    def name(self):
        return self.ticket_type.name

    @property
    def field(self):
        return f"qty-{self.ticket_type.pk}"

    @property
    def spoken(self):
        # For screen readers: “Adult, £12”.
        return f"{isolate_text(self.name)}, {self.price_label}"

    @property
    def is_sold_out(self):
        return self.status == OfferStatus.SOLD_OUT

    @property
    def left_text(self):
        if not self.can_buy or self.remaining is None:
            return ""
        return ngettext("Only %(count)d left", "Only %(count)d left", self.remaining) % {"count": self.remaining}

    @property
    def limit_text(self):
        """Where the type's limit differs from the whole order's."""
        kind, parts = self.ticket_type, []
        if kind.min_per_order > 1:
            parts.append(_("at least %(count)d") % {"count": kind.min_per_order})
        if kind.max_per_order and kind.max_per_order < kind.sale.max_per_order:
            parts.append(_("up to %(count)d per order") % {"count": kind.max_per_order})
        text = ", ".join(parts)
        return f"{text[:1].upper()}{text[1:]}." if text else ""

    @property
    def number(self):
        return int(self.typed) if NUMBER.fullmatch(self.typed) else 0


@dataclass
class BuyBox:
    """One sale, now. `typed` maps ticket type ids to the text somebody typed, `code` opens hidden types."""

    sale: object
    now: object
    typed: dict = field(default_factory=dict)
    code: str = ""
    asked: bool = False
    is_code_to_show: bool = False
    anchor: str = "tickets"
    heading: str = ""
    asks_invitation: bool = field(default_factory=sales_mode.is_by_invitation)
    hold_minutes: int = field(default_factory=lambda: settings.HOLD_MINUTES)

    def fill(self, data):
        """Keeps what is no number too, so that it can be shown again."""
        self.asked = True
        self.code = tidy_line(data.get("code", ""))[:CODE_LENGTH]
        # Enter in any field, which browsers answer with the form's first button: a code that is new is shown first.
        self.is_code_to_show = "enter" in data and bool(self.code) and self.code != data.get("code_shown", "")
        for name, text in list(data.items())[:MOST_FIELDS]:
            if match := QUANTITY_FIELD.fullmatch(name):
                self.typed[int(match[1])] = tidy_line(text)[:12]
        return self

    def fill_from(self, lines):
        for line in lines:
            if line.ticket_type.sale_id == self.sale.pk:
                self.typed[line.ticket_type_id] = str(line.quantity)
                self.code = self.code or line.ticket_type.access_code
        return self

    def quantities(self):
        """{type id: number}; an empty field is 0. Raises NotANumber."""
        for text in self.typed.values():
            if text and not NUMBER.fullmatch(text):
                raise NotANumber(_("“%(text)s” is not a number of tickets. Write 0 or more.") % {"text": text})
        return {type_id: int(text or 0) for type_id, text in self.typed.items()}

    @cached_property
    def date(self):
        """Compared with where it stood before it was moved."""
        moved = self.sale.performance if not self.sale.is_pass else None
        return SaleDate(self.sale, self.now, moved.former_starts_at if moved else None)

    @cached_property
    def availability(self):
        return availability.build_sale_availability(self.sale, self.now, code=self.code)

    @cached_property
    def rows(self):
        if self.status not in STATUSES_WITH_PRICES:
            return []
        return [BuyBoxRow(offer, self.typed.get(offer.ticket_type.pk, "")) for offer in self.availability.types]

    @property
    def can_buy(self):
        return self.availability.can_buy

    @property
    def status(self):
        return self.availability.status

    @property
    def why_not(self):
        # A reason that every row gives already is not said twice.
        if self.can_buy:
            return ""
        reason = self.availability.reason
        return "" if any(row.reason == reason for row in self.rows) and not self.closes_all else reason

    @property
    def hope(self):
        if self.status != OfferStatus.SOLD_OUT:
            return ""
        return _("Tickets that others let go come back here: look again later.")

    @property
    def closes_all(self):
        # Then one sentence stands above the list, and none in the rows.
        return bool(availability.why_sale_closed(self.sale, self.now)) or self.status == OfferStatus.SOLD_OUT

    @property
    def has_codes(self):
        return self.availability.has_hidden and not availability.why_sale_closed(self.sale, self.now)

    @property
    def code_error(self):
        opened = any(row.ticket_type.access_code for row in self.rows)
        return _("We do not know this code for this event.") if self.asked and self.code and not opened else ""

    @property
    def limit_text(self):
        most = self.sale.max_per_order
        return ngettext("Up to %(count)d ticket per order.", "Up to %(count)d tickets per order.", most) % {
            "count": most
        }

    @property
    def hold_url(self):
        return reverse("ticketing:hold", args=[self.sale.pk])

    @property
    def sale_url(self):
        return reverse("ticketing:sale", args=[self.sale.pk])

    @property
    def live_url(self):
        return reverse("ticketing:live", args=[self.sale.pk])

    @property
    def total(self):
        """Pounds, all-in, of the numbers as typed."""
        return sum((row.price * row.number for row in self.rows), ZERO)


def name_sale(sale, now):
    """“Sat 3 July 19:30 – Matinee”; of a pass its name."""
    name = isolate_text(sale.date_name)
    if sale.is_pass:
        return name or _("All dates")
    date = format_short_date(sale.performance, now)
    return f"{date} – {name}" if name else date


def build_buy_boxes(sales, now, *, is_named=False):
    """One box a sale; `is_named` says the date above a single one too, where there are others to choose."""
    boxes = [BuyBox(sale, now=now) for sale in sales]
    for box in boxes[1:]:
        box.anchor = f"tickets-{box.sale.pk}"
    if len(boxes) > 1 or is_named:
        for box in boxes:
            box.heading = name_sale(box.sale, now)
    return boxes
