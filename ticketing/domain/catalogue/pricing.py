"""Pricing: what a ticket costs, and whether somebody can be paid for it. Nothing here changes a row."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common import sales_mode
from payments.domain.merchants import connection_checks, status
from payments.money import ZERO, format_money, round_money
from ticketing.enums import FeePolicy


def price_and_fee_of(ticket_type):
    """(all-in price, booking fee in it), pounds. A fee that is passed on is added to paid types only."""
    sale = ticket_type.sale
    passed_on = sale.fee_policy == FeePolicy.PASS_ON and ticket_type.price > 0
    fee = round_money(sale.booking_fee) if passed_on else ZERO
    return round_money(ticket_type.price) + fee, fee


def format_price(price):
    if not price:
        return str(_("Free"))
    return format_money(price).removesuffix(".00")


def has_merchant(sale):
    return bool(sale.merchant_id or (settings.SUMUP_MERCHANT_CODE and settings.SUMUP_API_KEY))


def with_merchant_status(sales):
    """Loads in the same query what `why_unpayable` reads. A sale loaded without it passes for payable, but not while
    the site is tried out.
    """
    return sales.select_related("merchant").annotate(**site_merchant_fields())


def site_merchant_fields():
    """What of the site's own account tells whether it can be paid, for sales that name none; to annotate with."""
    fields = {"site_status": connection_checks.site_merchant_status()}
    return fields | {"site_sandbox": connection_checks.site_merchant_sandbox()} if sales_mode.is_trial() else fields


def why_unpayable(sale):
    """Why nothing of this sale can be paid by card, in one sentence; "" when it can. Free tickets do not mind."""
    if not has_merchant(sale):
        return _("Card payments are not set up for this event yet.")
    is_sandbox = sale.merchant.sandbox if sale.merchant_id else getattr(sale, "site_sandbox", None)
    if why := why_trial_refuses(is_sandbox):
        return why
    if sale.merchant_id:
        return status.closed_reason(sale.merchant)
    return status.status_message(getattr(sale, "site_status", None))


def why_trial_refuses(is_sandbox):
    """Why this account is not paid, in one sentence; "" when it is. While the site is tried out (decision 38) only
    sandboxes are; None is an account of which SumUp has not told.
    """
    if is_sandbox or not sales_mode.is_trial():
        return ""
    return _("This site is being tried out, and only events with a test account sell tickets.")
