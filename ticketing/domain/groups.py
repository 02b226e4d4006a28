"""A basket's lines by who is paid: each group becomes an order of its own."""

from dataclasses import dataclass, field

from django.conf import settings

from payments.domain.merchants import credentials
from payments.models import MerchantAccount
from payments.money import ZERO
from ticketing.models import BasketLine

SITE = "site"
"""The group key of what is paid to the site's own merchant."""


@dataclass(frozen=True)
class Group:
    """The lines that become one order: all of one merchant. Money in pounds, all-in."""

    key: str
    merchant: MerchantAccount | None
    lines: list[BasketLine] = field(default_factory=list)

    @property
    def total(self):
        return sum((line.total for line in self.lines), ZERO)

    @property
    def fees(self):
        return sum((line.unit_fee * line.quantity for line in self.lines), ZERO)

    @property
    def subtotal(self):
        return self.total - self.fees

    @property
    def is_free(self):
        return self.total == 0


def group_key(sale):
    """Which order a sale's lines go to. The site's own merchant is one group, named on the sale or not."""
    merchant = sale.merchant
    if merchant is None or merchant.merchant_code == settings.SUMUP_MERCHANT_CODE:
        return SITE
    return merchant.merchant_code


def merchant_of(key, lines):
    """Who a group is paid to; None when nothing in it costs anything."""
    if not any(line.unit_price for line in lines):
        return None
    return credentials.get_default_merchant() if key == SITE else lines[0].ticket_type.sale.merchant
