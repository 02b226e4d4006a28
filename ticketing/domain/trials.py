"""While the site is tried out (decision 38), only accounts that SumUp calls sandboxes are paid."""

from django.utils.translation import gettext as _

from common import sales_mode
from payments.domain.merchants import connection_checks


def site_payee():
    """What of the site's own account tells whether it can be paid, to annotate with, for sales that name none."""
    payee = {"site_status": connection_checks.site_merchant_status()}
    return payee | {"site_sandbox": connection_checks.site_merchant_sandbox()} if sales_mode.is_trial() else payee


def why_not_tried(sale):
    """In one sentence; "" when the sale may take money. A sale that was loaded without its payee may not."""
    return why_not_paid(sale.merchant.sandbox if sale.merchant_id else getattr(sale, "site_sandbox", None))


def why_not_paid(is_sandbox):
    """The same of an account: None is one of which SumUp has not told."""
    if is_sandbox or not sales_mode.is_trial():
        return ""
    return _("This site is being tried out, and only events with a test account sell tickets.")
