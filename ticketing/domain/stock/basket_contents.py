"""Basket contents, grouped by merchant: each group of lines becomes an order of its own."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from common.statements.compiled_queries import CompiledQuery
from common.text.direction import isolate_text
from payments.models import MerchantAccount
from payments.money import ZERO
from ticketing.domain.catalogue.sale_snapshots import attach_snapshots, recall_site_merchant
from ticketing.models import Basket, BasketLine

MOST_EXTENSIONS = 3

SITE_GROUP = "site"
"""The group key of what is paid to the site's own merchant."""


@dataclass(frozen=True)
class MerchantGroup:
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

    @property
    def title(self):
        return isolate_text(self.merchant.name) if self.merchant else _("Free tickets")


@dataclass(frozen=True)
class BasketContents:
    """`expires_at` is the first hold to end, None when nothing is held; `expired` when any line is held no longer."""

    groups: list[MerchantGroup]
    total: Decimal
    expires_at: datetime | None
    expired: bool
    extensions_left: int

    @property
    def lines(self):
        return [line for group in self.groups for line in group.lines]

    @property
    def is_split(self):
        """Whether it becomes more than one order."""
        return len(self.groups) > 1

    @property
    def count(self):
        return sum(line.quantity for line in self.lines)

    def __bool__(self):
        return bool(self.groups)


def build_basket_line_query(**wanted):
    lines = BasketLine.objects.filter(**wanted).select_related("basket", "ticket_type__sale")
    return lines.order_by("pk")


_baskets_by_token = CompiledQuery(lambda token: Basket.objects.filter(token=token))
_lines_by_token = CompiledQuery(lambda token: build_basket_line_query(basket__token=token))
_lines_of_basket = CompiledQuery(lambda basket: build_basket_line_query(basket=basket))


def find_basket(token):
    if not token or len(token) > 32:
        return None
    return next(iter(_baskets_by_token(token=token)), None)


def find_basket_and_lines(token):
    """(basket, its lines) as `list_basket_lines` gives them, in one query unless it is empty; None without a basket."""
    lines = attach_sales(_lines_by_token(token=token)) if token and len(token) <= 32 else []
    return (lines[0].basket, lines) if lines else (find_basket(token), [])


def read_basket(basket, now):
    """The BasketContents, of None those of an empty basket; one query."""
    return read_lines(basket, list_basket_lines(basket) if basket else [], now)


def read_lines(basket, lines, now):
    groups = {}
    for line in lines:
        groups.setdefault(merchant_group_key(line.ticket_type.sale), []).append(line)
    groups = [MerchantGroup(key, merchant_of_group(key, of_group), of_group) for key, of_group in groups.items()]
    ends = [line.expires_at for line in lines if line.expires_at]
    return BasketContents(
        groups=groups,
        total=sum((group.total for group in groups), ZERO),
        expires_at=min(ends, default=None),
        expired=any(line.expires_at is None or line.expires_at <= now for line in lines),
        extensions_left=MOST_EXTENSIONS - basket.extensions if basket else 0,
    )


def list_basket_lines(basket):
    """The lines with all that an order copies of them, in one query."""
    return attach_sales(_lines_of_basket(basket=basket.pk))


def attach_sales(lines):
    sales = {}
    for line in lines:
        line.ticket_type.sale = sales.setdefault(line.ticket_type.sale_id, line.ticket_type.sale)
    attach_snapshots(sales.values())
    return lines


def merchant_group_key(sale):
    """Which order a sale's lines go to. The site's own merchant is one group, named on the sale or not."""
    merchant = sale.merchant
    if merchant is None or merchant.merchant_code == settings.SUMUP_MERCHANT_CODE:
        return SITE_GROUP
    return merchant.merchant_code


def merchant_of_group(key, lines):
    """Who a group is paid to; None when nothing in it costs anything."""
    if not any(line.unit_price for line in lines):
        return None
    return recall_site_merchant() if key == SITE_GROUP else lines[0].ticket_type.sale.merchant
