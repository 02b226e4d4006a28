"""The admin's page of one order: its money, refunds and history, and what the person may do."""

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import registry as log_registry
from wagtail.models import ModelLogEntry

from events_pages.enums import LegalKind
from events_pages.models import LegalPage
from payments.domain.refunds import requests
from payments.domain.verification import payment_checks
from payments.enums import OPEN_REFUND_STATES, PaymentState, RefundState
from payments.models import Payment, Refund
from payments.money import round_money
from ticketing.domain.accounting import gst
from ticketing.domain.messages import outbox
from ticketing.domain.orders import line_dates, manual_settlement, review
from ticketing.domain.orders.payment_summary import get_payment_summary
from ticketing.domain.orders.refunds import REFUNDABLE_STATES
from ticketing.enums import OrderState, TicketState

REFUND_WORDS = {
    RefundState.REQUESTED: _("asked for, not sent yet"),
    RefundState.SENT: _("sent to SumUp, proof to come"),
    RefundState.WAITING: _("waiting for balance"),
}
CANCELLABLE = (RefundState.REQUESTED, RefundState.WAITING, RefundState.FAILED)


def describe_refund_state(refund):
    return REFUND_WORDS.get(refund.state, refund.get_state_display())


def build_order_detail(order, *, seen, scope, is_administrator=False):
    """`seen` is the part of the order that is the person's, `scope` the part they may refund, None without that right.
    Tickets of another organiser are counted, not named."""
    everything = line_dates.select_lines().filter(order=order).prefetch_related("tickets")
    everything = line_dates.attach_dates(everything, timezone.now())
    lines = [line for line in everything if line.pk in seen.lines]
    balance = get_payment_summary(order)
    in_review = order.state == OrderState.REQUIRES_MANUAL_REVIEW
    for payment in balance.payments:
        paid = payment.state == PaymentState.PAID
        payment.refundable = round_money(requests.refundable_amount(payment)) if in_review and paid else None
    return {
        "lines": lines,
        "foreign": sum(line.quantity for line in everything if line not in lines),
        "gst": gst.sum_order_gst(lines),
        **find_agreed_texts(order),
        "balance": balance,
        "refunds": build_refund_rows(order, balance, seen, scope),
        "deliveries": order.deliveries.all(),
        "back": outbox.RETURNED_OUTCOMES,
        "history": list_history(order, balance),
        "differences": review.compare_with_provider(order) if in_review else [],
        "unproved": [each for each in balance.payments if each.state == PaymentState.BY_HAND],
        "may": list_permitted_actions(order, balance, lines, seen, scope, is_administrator=is_administrator),
    }


def find_agreed_texts(order):
    """The terms that the buyer accepted, and the privacy notice in force that day."""
    day = timezone.localdate(order.accepted_at)
    terms = LegalPage.objects.live().filter(kind=LegalKind.TERMS, version=order.terms_version).defer("body").first()
    return {"terms": terms, "privacy": LegalPage.in_force(LegalKind.PRIVACY, on=day)}


def list_history(order, balance):
    """Log entries of the order, its refunds and who asked SumUp, newest first."""
    entries = list(log_registry.get_logs_for_instance(order).select_related("user"))
    looks = ModelLogEntry.objects.filter(
        action=payment_checks.LOG_ACTION_ASKED,
        content_type=ContentType.objects.get_for_model(Payment),
        object_id__in=[str(payment.pk) for payment in balance.payments],
    )
    entries += looks.select_related("user")
    refunds_by_id = {str(refund.pk): refund for refund in balance.refunds}
    if refunds_by_id:
        kind = ContentType.objects.get_for_model(Refund)
        of_refunds = ModelLogEntry.objects.filter(content_type=kind, object_id__in=refunds_by_id)
        for entry in of_refunds.select_related("user"):
            entry.refund = refunds_by_id[entry.object_id]
            entries.append(entry)
    return sorted(entries, key=lambda entry: entry.timestamp, reverse=True)


def list_permitted_actions(order, balance, lines, seen, scope, *, is_administrator=False):
    """Which buttons are shown; the views check the same permissions again."""
    decides = scope is not None and scope.is_whole
    in_review = order.state == OrderState.REQUIRES_MANUAL_REVIEW
    valid = any(ticket.state != TicketState.VOID for line in lines for ticket in line.tickets.all())
    return {
        "refund": scope is not None and order.state in REFUNDABLE_STATES and (valid or balance.kept > 0),
        "refund_payment": decides and in_review,
        "accept": decides and in_review and review.may_accept_order(balance.payments),
        "verify": any(payment.state != PaymentState.PAID or payment.problem for payment in balance.payments),
        "resend": seen.is_whole and order.state == OrderState.COMPLETED and valid and not order.erased_at,
        "decide": decides,
        "by_hand": is_administrator and manual_settlement.may_complete_by_hand(order, balance.payments),
    }


def build_refund_rows(order, balance, seen, scope):
    asked = list(order.refunds.select_related("by").prefetch_related("tickets__line"))
    by_refund = {each.refund_id: each for each in asked}
    rows = [build_refund_row(refund, by_refund.get(refund.pk), scope) for refund in balance.refunds]
    rows += [{"words": _("no money back"), "asked": each} for each in asked if not each.refund_id]
    for row in rows:
        row["tickets"] = [each for each in row["asked"].tickets.all() if seen.holds(each)] if row["asked"] else []
    return rows


def build_refund_row(refund, asked, scope):
    decides = may_decide_about(scope, asked)
    return {
        "refund": refund,
        "asked": asked,
        "words": describe_refund_state(refund),
        "is_open": refund.state in OPEN_REFUND_STATES,
        "may_retry": decides and refund.state in (RefundState.FAILED, RefundState.WAITING),
        "may_cancel": decides and refund.state in CANCELLABLE,
    }


def may_decide_about(scope, asked):
    """Whether the whole order is theirs, or the refund is of nothing but their own tickets."""
    if scope is None or scope.is_whole:
        return scope is not None
    tickets = list(asked.tickets.all()) if asked else []
    return bool(tickets) and all(map(scope.holds, tickets))
