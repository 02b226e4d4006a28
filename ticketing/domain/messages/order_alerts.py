"""Alerts to staff about orders, each raised once. They name references, amounts and reasons, never the buyer."""

import logging

from django.db import DatabaseError
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from payments.domain.monitoring.alerts import raise_alert
from payments.enums import PaymentState, RefundOrigin, Severity
from payments.models import Payment
from payments.money import format_money
from ticketing.enums import DeliveryOutcome
from ticketing.models import Order

logger = logging.getLogger(__name__)


def list_review_alert_keys(order):
    numbers = range(1, len(order.review_reason.splitlines()) + 1)
    return [f"review_alert:{order.reference}", *(f"review:{order.reference}:{number}" for number in numbers)]


def alert_review_needed(order, payments, *, severity=Severity.CRITICAL):
    lines = [_("Why: %(reason)s") % {"reason": order.review_reason or "–"}]
    lines.append(_("Order total: %(total)s") % {"total": format_money(order.total)})
    lines += [_describe_payment(payment) for payment in payments] or [_("No payment is on record.")]
    raise_alert(
        list_review_alert_keys(order)[-1],
        _("Order %(reference)s needs a person") % {"reference": order.reference},
        severity=severity,
        text="\n".join(lines),
        path=order.admin_path,
    )


def alert_outside_refund(order, refund, *, whole):
    """A refund or charge back that nobody asked us for: `whole` ended the order, a part leaves its tickets valid."""
    charged_back = refund.origin == RefundOrigin.CHARGE_BACK
    told = {"reference": order.reference, "amount": format_money(refund.amount)}
    title = _("Charge back of order %(reference)s") if charged_back else _("Order %(reference)s: refund at SumUp")
    effect = _("All its tickets are void.") if whole else _("Its tickets stay valid.")
    raise_alert(
        f"elsewhere:{refund.pk}",
        title % told,
        severity=Severity.CRITICAL if charged_back else Severity.NOTICE,
        text="\n".join([refund.reason, _("%(amount)s went back.") % told, effect]),
        path=order.admin_path,
    )


def alert_ended_unpaid(order):
    told = {
        "total": format_money(order.total),
        "ordered": f"{localtime(order.created_at):%d.%m.%Y, %H:%M}",
        "until": f"{localtime(order.deadline):%H:%M}",
    }
    raise_alert(
        f"expired:{order.reference}",
        _("Order %(reference)s ended unpaid") % {"reference": order.reference},
        text=_("%(total)s, ordered %(ordered)s, held until %(until)s. Its seats are back on sale.") % told,
        path=order.admin_path,
    )


def alert_nobody_to_write_to(delivery):
    told = {"reference": delivery.order.reference, "kind": delivery.label}
    raise_alert(
        f"erased:{delivery.pk}:{delivery.requested_at:%Y%m%d%H%M%S}",
        _("Order %(reference)s: nobody to write to") % told,
        text=_("“%(kind)s” was not sent, because the person was erased.") % told,
        path=delivery.order.admin_path,
    )


def alert_tickets_returned(delivery):
    told = {"reference": delivery.order.reference, "outcome": delivery.get_outcome_display()}
    back = delivery.outcome == DeliveryOutcome.BOUNCED
    text = _("The order's page offers a corrected address, to the buyer and to you.") if back else ""
    raise_alert(
        f"mail:{delivery.pk}:{delivery.requested_at:%Y%m%d%H%M%S}:{delivery.outcome}",
        _("Order %(reference)s: e-mail with the tickets %(outcome)s") % told,
        text=text,
        path=delivery.order.admin_path,
    )


def alert_money_without_order(subject):
    paid = Payment.objects.filter(subject=subject, state=PaymentState.PAID)
    if lines := [_describe_payment(payment) for payment in paid]:
        title = _("Money for an order that does not exist: %(subject)s") % {"subject": subject}
        raise_alert(f"no-order:{subject}", title, severity=Severity.CRITICAL, text="\n".join(lines))


def alert_settling_failed(subject):
    """The first failure is a notice, because the sweep tries again within a minute; the second is critical: it finds
    the key of the first. Never raises, so that the error itself is heard.
    """
    told = {"reference": subject}
    try:
        order = Order.objects.filter(reference=subject).first()
        path = order.admin_path if order else ""
        again = _("It is tried again every minute. The error is in the worker's log.")
        first = raise_alert(f"settle:{subject}", _("Order %(reference)s was not settled") % told, text=again, path=path)
        if not first:
            title = _("Order %(reference)s cannot be settled: it failed twice") % told
            raise_alert(f"settle-again:{subject}", title, severity=Severity.CRITICAL, text=again, path=path)
    except DatabaseError:
        logger.exception("settle.untold order=%s", subject)


def _describe_payment(payment):
    told = {
        "reference": payment.reference,
        "amount": format_money(payment.amount),
        "state": payment.get_state_display(),
    }
    line = _("Payment %(reference)s: %(amount)s, %(state)s") % told
    return f"{line} ({payment.problem})" if payment.problem else line
