"""Alerts about orders that look like stolen cards being tried, or like seats being hoarded. Nothing is refused here.

The alert names references and counts only, its key a keyed hash; the address and the e-mail stay in the admin.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.http.network_addresses import home_network
from common.text.email_addresses import fold_email
from payments.domain.monitoring.alerts import raise_alert
from payments.domain.reconciliation import movements
from payments.enums import PaymentState, Question, TransactionStatus
from payments.models import Observation, Payment
from ticketing.enums import OrderState
from ticketing.models import Order

WINDOW = timedelta(hours=1)
NEWEST_ORDERS = 5000  # the newest ones by id: a rush must not make this slow
ORDERS_AT_ONCE = 500
MOST_NAMED = 10
ORDER_COLUMNS = ["reference", "created_at", "buyer_email", "accepted_from", "total", "state", "merchant"]

DECLINES_OF_ADDRESS = 8
"""From one address: a family or an office behind one address mistypes a card twice or three times, not eight."""
ORDERS_OF_EMAIL = 6
"""Of one e-mail: a limit of ten seats an order is enough for most groups; a box office buys by other means."""
DECLINES_OF_MERCHANT, DECLINED_SHARE, USUAL_DAYS = 12, Fraction(3, 10), timedelta(days=7)
"""Of all attempts at one merchant, from wherever: about one card in seven is declined on any evening, so three in ten
are many, if that is also twice what this merchant had in the week before."""
PROBED_AMOUNTS, SMALL_AMOUNT = 4, Decimal("10.00")
"""Different small amounts from one address, none paid: whoever tests cards varies small amounts to stay unseen."""


@dataclass(frozen=True)
class SuspiciousOrders:
    """Orders that show one pattern, oldest first; `count` (of `of`) is what the alert names."""

    pattern: str
    source: str
    count: int
    orders: list
    of: int = 0


@dataclass
class PaymentAttempts:
    declined: int = 0
    paid: int = 0


def raise_fraud_alerts():
    """Raises one notice for each pattern, source and hour. Safe to run at any time."""
    now = timezone.now()
    found = find_suspicious_orders(now)
    for finding in found:
        _raise_fraud_alert(finding, now)
    return found


def find_suspicious_orders(now):
    orders = _list_newest_orders(now - WINDOW)
    from_address, of_email, at_merchant = defaultdict(list), defaultdict(list), defaultdict(list)
    for order in orders:
        of_email[fold_email(order.buyer_email)].append(order)
        at_merchant[order.merchant_id].append(order)
        if order.accepted_from:
            from_address[home_network(order.accepted_from)].append(order)
    tried = _count_attempts(orders)
    many = {email: each for email, each in of_email.items() if len(each) >= ORDERS_OF_EMAIL}
    found = [SuspiciousOrders("orders", email, len(each), each) for email, each in many.items()]
    for address, each in from_address.items():
        found += _find_at_address(address, each, tried)
    for merchant_id, each in at_merchant.items():
        found += _find_at_merchant(merchant_id, each, tried, now)
    return found


def _list_newest_orders(since):
    # In parts, so that a quiet hour reads one of them.
    newest, found = Order.objects.filter(erased_at=None).order_by("-pk").only(*ORDER_COLUMNS), []
    while len(found) < NEWEST_ORDERS:
        part = list((newest.filter(pk__lt=found[-1].pk) if found else newest)[:ORDERS_AT_ONCE])
        found += part
        if len(part) < ORDERS_AT_ONCE or part[-1].created_at <= since:
            break
    return [order for order in reversed(found) if order.created_at > since]


def _find_at_address(address, orders, tried):
    declined = _with_declines(orders, tried)
    declines = sum(tried[order.reference].declined for order in declined)
    if declines >= DECLINES_OF_ADDRESS:
        yield SuspiciousOrders("declines", address, declines, declined)
    unpaid = [order for order in orders if order.state != OrderState.COMPLETED and 0 < order.total <= SMALL_AMOUNT]
    amounts = {order.total for order in unpaid}
    if len(amounts) >= PROBED_AMOUNTS:
        yield SuspiciousOrders("probing", address, len(amounts), unpaid)


def _find_at_merchant(merchant_id, orders, tried, now):
    """Cards tried from many addresses at once show only in the share that is declined."""
    declined = sum(tried[order.reference].declined for order in orders)
    attempts = declined + sum(tried[order.reference].paid for order in orders)
    if declined < DECLINES_OF_MERCHANT or Fraction(declined, attempts) < DECLINED_SHARE:
        return
    usual = movements.declined_share(merchant_id, since=now - USUAL_DAYS, until=now - WINDOW)
    if Fraction(declined, attempts) >= 2 * usual:
        yield SuspiciousOrders("share", f"merchant {merchant_id}", declined, _with_declines(orders, tried), of=attempts)


def _with_declines(orders, tried):
    return [order for order in orders if tried[order.reference].declined]


def _count_attempts(orders):
    payments = Payment.objects.filter(subject__in=[order.reference for order in orders])
    payments = list(payments.values_list("pk", "subject", "state"))
    asked = [pk for pk, _subject, state in payments if state != PaymentState.CREATED]
    shown = Observation.objects.filter(payment__in=asked, question=Question.GET, answer__has_key="status")
    newest = shown.order_by().values("payment").annotate(last=Max("pk")).values("last")
    seen = {row.payment_id: _count_declines(row.answer) for row in Observation.objects.filter(pk__in=newest)}
    found = defaultdict(PaymentAttempts)
    for pk, subject, state in payments:
        found[subject].declined += max(seen.get(pk, 0), int(state == PaymentState.FAILED))
        found[subject].paid += int(state == PaymentState.PAID)
    return found


def _count_declines(answer):
    """Rows written before `declines` was counted still tell by their list of transactions."""
    kept = [each for each in answer.get("transactions") or [] if each.get("status") == TransactionStatus.FAILED]
    return max(int(answer.get("declines", 0)), len(kept))


def _raise_fraud_alert(finding, now):
    source = salted_hmac("ticketing.suspicion", finding.source).hexdigest()[:16]
    named = ", ".join(order.reference for order in finding.orders[:MOST_NAMED])
    text = _("Orders: %(named)s") % {"named": named}
    if (more := len(finding.orders) - MOST_NAMED) > 0:
        text += " " + ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
    raise_alert(
        f"suspicion:{finding.pattern}:{source}:{now:%Y%m%d%H}",
        _title_of(finding),
        text=f"{text}. {_('Where they came from is in the admin.')}",
        path=finding.orders[-1].admin_path,
    )


def _title_of(finding):
    titles = {
        "declines": _("%(count)d declined payments from one address within an hour"),
        "orders": _("%(count)d orders of one e-mail address within an hour"),
        "share": _("%(count)d of %(of)d card payments at one merchant declined within an hour, far more than usual"),
        "probing": _("%(count)d different small amounts tried from one address within an hour, none paid"),
    }
    return titles[finding.pattern] % {"count": finding.count, "of": finding.of}
