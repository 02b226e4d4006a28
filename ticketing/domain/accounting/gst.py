"""GST, Jersey's goods and services tax: whose prices hold it, and how much of it. Pounds; every price is all-in.

Goods and Services Tax (Jersey) Law 2007: 5 % of the price without tax, charged by whoever is registered and by nobody
else (gov.je, “GST”). So it is a property of the organiser, with the dates of the registration.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from payments.money import ZERO, tax_included

GST_RATE = Decimal("5.00")
"""Per cent."""


@dataclass(frozen=True)
class Gst:
    """Under which number, and at which rate in per cent; 0 without a registration."""

    rate: Decimal = ZERO
    number: str = ""

    def __bool__(self):
        return self.rate > 0


@dataclass(frozen=True)
class GstPart:
    """What one registration's tax is in a sum."""

    number: str
    rate: Decimal
    tax: Decimal

    @property
    def percent(self):
        """“5”, “7.5”"""
        return f"{self.rate.normalize():f}"


NO_GST = Gst()


def gst_of_organiser(organiser, *, on):
    """The Gst of a supply by `organiser`, whose tax point is the local date `on`: for tickets the day of the order.

    The tax point is the day of payment or of the invoice, whichever is first; tickets are paid within minutes.
    """
    if organiser is None or not organiser.gst_number or organiser.gst_from is None or on < organiser.gst_from:
        return NO_GST
    if organiser.gst_until and on > organiser.gst_until:
        return NO_GST
    return Gst(GST_RATE, organiser.gst_number)


def gst_of_basket_line(line, *, on):
    """What an order of this line made on that day copies. Free tickets hold no tax."""
    return gst_of_organiser(line.ticket_type.sale.page.organiser, on=on) if line.unit_price else NO_GST


def gst_of_order_line(line):
    return Gst(line.gst_rate, line.gst_number)


def sum_basket_gst(lines, *, on):
    """The GstParts of what is about to be ordered; [] when nobody is registered."""
    return sum_gst_parts([(line.total, gst_of_basket_line(line, on=on)) for line in lines])


def sum_order_gst(lines):
    """The GstParts of an order as it was bought."""
    return sum_gst_parts([(line.total, gst_of_order_line(line)) for line in lines])


def sum_refund_gst(lines, amount):
    """The GstParts of a sum given back; [] of a mixed order, where it is not known whose tickets the sum is for."""
    taxes = {gst_of_order_line(line) for line in lines if line.total}
    if len(taxes) != 1:
        return []
    return sum_gst_parts([(amount, taxes.pop())])


def sum_gst_parts(shares):
    """The GstParts of sums, each with its Gst: one rounding for each registration, as on one invoice."""
    sums = defaultdict(lambda: ZERO)
    for amount, tax in shares:
        if tax and amount:
            sums[tax] += amount
    taxed = sorted((item for item in sums.items() if item[1]), key=lambda item: (item[0].number, item[0].rate))
    return [GstPart(tax.number, tax.rate, tax_included(amount, tax.rate)) for tax, amount in taxed]
