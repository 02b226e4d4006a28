"""Purchases that look like stolen cards being tried, or seats being hoarded. It stops nobody: staff hear and decide.

The address and the e-mail stay in the admin: the alert names references and counts only, its key a keyed hash.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.email_addresses import fold_email
from config.addresses import network
from payments.domain.alerts import alert
from payments.enums import PaymentState, Question, TransactionStatus
from payments.models import Observation, Payment
from ticketing.domain.notices import order_path
from ticketing.enums import OrderState
from ticketing.models import Order

WINDOW = timedelta(hours=1)
MOST_ORDERS = 5000  # the newest ones by id: a rush must not make this slow
MOST_NAMED = 10
READ = ["reference", "created_at", "buyer_email", "accepted_from", "total", "state"]

DECLINES = 8
"""From one address: a family or an office behind one address mistypes a card twice or three times, not eight."""
ORDERS = 6
"""Of one e-mail: a limit of ten seats an order is enough for most groups; a box office buys by other means."""
PROBED, SMALL = 4, Decimal("10.00")
"""Different small amounts from one address, none paid: whoever tests cards varies small amounts to stay unseen."""


@dataclass(frozen=True)
class Finding:
    """A pattern, the source it comes from, how often, and the orders, oldest first."""

    pattern: str
    source: str
    count: int
    orders: list


def watch():
    """Raises one notice for each pattern, source and hour. Returns the findings. Safe to run at any time."""
    now = timezone.now()
    found = find(now)
    for finding in found:
        _tell(finding, now)
    return found


def find(now):
    """What looks suspicious among the orders of the last WINDOW, in three queries."""
    newest = Order.objects.filter(erased_at=None).order_by("-pk").only(*READ)[:MOST_ORDERS]
    orders = [order for order in newest if order.created_at > now - WINDOW][::-1]
    from_address, of_email = defaultdict(list), defaultdict(list)
    for order in orders:
        of_email[fold_email(order.buyer_email)].append(order)
        if order.accepted_from:
            from_address[network(order.accepted_from)].append(order)
    declines = _declines(orders) if from_address else {}
    found = [Finding("orders", email, len(each), each) for email, each in of_email.items() if len(each) >= ORDERS]
    for address, each in from_address.items():
        found += _from_one(address, each, declines)
    return found


def _from_one(address, orders, declines):
    declined = sum(declines.get(order.reference, 0) for order in orders)
    if declined >= DECLINES:
        yield Finding("declines", address, declined, [order for order in orders if order.reference in declines])
    unpaid = [order for order in orders if order.state != OrderState.COMPLETED and 0 < order.total <= SMALL]
    amounts = {order.total for order in unpaid}
    if len(amounts) >= PROBED:
        yield Finding("probing", address, len(amounts), unpaid)


def _declines(orders):
    """{reference: how many attempts to pay were declined}, as SumUp showed it last."""
    payments = Payment.objects.filter(subject__in=[order.reference for order in orders])
    payments = list(payments.values_list("pk", "subject", "state"))
    asked = [pk for pk, _subject, state in payments if state != PaymentState.CREATED]
    newest = Observation.objects.filter(payment__in=asked, question=Question.GET).order_by().values("payment")
    answers = Observation.objects.filter(pk__in=newest.annotate(last=Max("pk")).values("last"))
    seen = {row.payment_id: _failed(row.answer) for row in answers}
    found = defaultdict(int)
    for pk, subject, state in payments:
        if count := max(seen.get(pk, 0), int(state == PaymentState.FAILED)):
            found[subject] += count
    return found


def _failed(answer):
    return sum(each.get("status") == TransactionStatus.FAILED for each in answer.get("transactions") or [])


def _tell(finding, now):
    source = salted_hmac("ticketing.suspicion", finding.source).hexdigest()[:16]
    named = ", ".join(order.reference for order in finding.orders[:MOST_NAMED])
    text = _("Orders: %(named)s") % {"named": named}
    if (more := len(finding.orders) - MOST_NAMED) > 0:
        text += " " + ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
    alert(
        f"suspicion:{finding.pattern}:{source}:{now:%Y%m%d%H}",
        _title(finding),
        text=f"{text}. {_('Where they came from is in the admin.')}",
        path=order_path(finding.orders[-1]),
    )


def _title(finding):
    titles = {
        "declines": _("%(count)d declined payments from one address within an hour"),
        "orders": _("%(count)d orders of one e-mail address within an hour"),
        "probing": _("%(count)d different small amounts tried from one address within an hour, none paid"),
    }
    return titles[finding.pattern] % {"count": finding.count}
