"""Every e-mail of ticketing: one builder for each kind, and the one place that sends.

`ticketing.domain.messages.outbox` says what is owed and records what became of it.
"""

from contextlib import suppress
from datetime import timedelta

from anymail.exceptions import AnymailRecipientsRefused
from anymail.utils import parse_address_list
from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events_pages.models import SiteSettings
from payments.enums import RefundOrigin, RefundState
from payments.mail import build_message_id, compose_message
from payments.mail_failures import NOT_SENT, describe_failure, is_permanent_failure, may_have_gone_out
from payments.money import ZERO
from ticketing import mail_lookup
from ticketing.documents import calendar
from ticketing.domain.accounting import gst
from ticketing.domain.accounting.sellers import list_sellers
from ticketing.domain.changes import audience, order_words, refund_cause
from ticketing.domain.errors import NoTickets, TicketingError
from ticketing.domain.messages import outbox
from ticketing.domain.orders import line_dates
from ticketing.domain.orders.payment_summary import get_payment_summary
from ticketing.domain.orders.review_causes import get_review_words
from ticketing.domain.privacy import access_links, personal_data
from ticketing.enums import DeliveryDoubt, DeliveryKind, OrderState, TicketState
from ticketing.models import Ticket

LISTED_STATES = [
    OrderState.COMPLETED,
    OrderState.PENDING_VERIFICATION,
    OrderState.REQUIRES_MANUAL_REVIEW,
    OrderState.REFUNDED,
]
MOST_LISTED = 20
PATIENT_ATTEMPTS = 4
"""Attempts, 20 minutes, for which a provider that does not answer the lookup either is waited for."""


def build_tickets_mail(order):
    """Without the PDF where every date is called off; the calendar file says so to calendars. Raises `NoTickets`."""
    lines = list_told_lines(order)
    shown = line_dates.choose_told_line(line for line in lines if line.is_valid)
    if shown is None:
        raise NoTickets
    line_dates.attach_money_back(order, lines)
    news = line_dates.list_news([line for line in lines if line.is_valid or line.date.is_called_off])
    message = compose_buyer_mail("tickets", order, lines, shown=shown, news=news)
    if not shown.date.is_called_off:
        attach_tickets(message, order, lines)
    message.attach(f"{order.reference}.ics", calendar.build_order_calendar(order).decode(), "text/calendar")
    return message


def attach_tickets(message, order, lines=None):
    from ticketing.documents import pdf  # noqa: PLC0415 - slow to import, and only here

    message.attach(f"{order.reference}.pdf", pdf.build_order_pdf(order, lines), "application/pdf")


def build_failure_mail(order):
    return compose_buyer_mail("failure", order)


def build_expiry_mail(order):
    return compose_buyer_mail("expiry", order)


def build_refund_mail(order):
    news = list_unmailed_refunds(order)
    amount = sum((each.amount for each in news), ZERO)
    lines = list_told_lines(order)
    by_id, by_state = {line.pk: line for line in lines}, {state: [] for state in TicketState}
    for ticket in Ticket.objects.filter(line__order=order):
        ticket.line = by_id[ticket.line_id]
        by_state[ticket.state].append(ticket)
    return compose_buyer_mail(
        "refund",
        order,
        lines,
        amount=amount,
        gst_back=gst.sum_refund_gst(lines, amount),
        by_bank=any(each.origin == RefundOrigin.CHARGE_BACK for each in news),
        cause=refund_cause.find_refund_cause(order, news),
        void=by_state[TicketState.VOID],
        valid=by_state[TicketState.VALID] + by_state[TicketState.USED],
    )


def list_unmailed_refunds(order):
    """Confirmed since the last mail of this kind; none when tickets became void without money going back."""
    sent_at = order.deliveries.filter(kind=DeliveryKind.REFUND).values_list("sent_at", flat=True).first()
    fresh = [each for each in get_payment_summary(order).returned if sent_at is None or each.proved_at > sent_at]
    latest = order.refunds.filter(applied_at__isnull=False).select_related("refund").first()
    return fresh or [latest.refund] if latest and latest.refund else fresh


def build_refund_waiting_mail(order):
    waiting = [each for each in get_payment_summary(order).on_its_way if each.state == RefundState.WAITING]
    if not waiting:
        raise TicketingError(_("No refund of this order is waiting any more."))
    expected = max((each.expected_by for each in waiting if each.expected_by), default=None)
    amount = sum(each.amount for each in waiting)
    return compose_buyer_mail("refund_waiting", order, amount=amount, expected_by=expected)


def build_review_mail(order):
    """Raises `TicketingError` when somebody has decided about the order meanwhile: then another mail says what."""
    if order.state != OrderState.REQUIRES_MANUAL_REVIEW:
        raise TicketingError(_("Meanwhile somebody decided about this order."))
    balance = get_payment_summary(order)
    valid = Ticket.objects.filter(line__order=order).exclude(state=TicketState.VOID).exists()
    return compose_buyer_mail("review", order, amount=balance.paid, told=get_review_words(order, balance), valid=valid)


def build_links_mail(order):
    orders = personal_data.orders_of_email(order.buyer_email).filter(state__in=LISTED_STATES)
    orders = list(orders.prefetch_related(Prefetch("lines", line_dates.select_lines()))[:MOST_LISTED])
    line_dates.attach_dates([line for each in orders for line in each.lines.all()], timezone.now())
    return compose_buyer_mail("links", order, orders=orders)


def build_address_changed_mail(order):
    """Tells the former address. It names neither the new one nor the order's page: anybody may read it."""
    message = compose_buyer_mail("address_changed", order)
    # Not the organiser, who may be the one who changed it.
    message.reply_to = list(filter(None, [SiteSettings.of_default_site().contact_email, *settings.ALERTS_EMAIL]))[:1]
    return message


def build_personal_data_mail(order):
    path = reverse("ticketing:my-data-held", args=[access_links.make_access_key(order)])
    hours = access_links.ACCESS_KEY_LIFE // timedelta(hours=1)
    return compose_buyer_mail("personal_data", order, url=f"{settings.SITE_URL}{path}", hours=hours)


def build_change_mail(order, notice):
    """With the tickets and the calendar's entries as they are now; what is called off has no ticket to show, but a pass
    that is good for other dates."""
    message, told = compose_change_mail(order, notice)
    if told.has_pass or not told.is_called_off:
        with suppress(NoTickets):
            attach_tickets(message, order)
    message.attach(f"{order.reference}.ics", calendar.build_order_calendar(order).decode(), "text/calendar")
    return message


def build_example_mail(notice):
    """As one of those who are told will get it, under a made-up name; None where nobody is."""
    order = audience.list_told_orders(notice).last()
    if order is None:
        return None
    order.buyer_name, order.buyer_email = _("Alex Example"), "alex@example.com"
    order.reference, order.token = "JE-EXAMPLE", "example"
    return compose_change_mail(order, notice)[0]


def compose_change_mail(order, notice):
    """Of what the order has of this event alone: answers go to its organiser, and its staff see nothing of others."""
    lines = [line for line in list_told_lines(order) if line.sale.page_id == notice.page_id]
    told = order_words.describe_for_order(notice, order)
    return compose_buyer_mail("change", order, lines, notice=notice, told=told), told


def list_told_lines(order):
    return line_dates.list_lines(order, timezone.now())


def compose_buyer_mail(name, order, lines=None, **context):
    lines = list_told_lines(order) if lines is None else lines
    context |= {"order": order, "lines": lines, "pages": list_event_urls(lines), "gst": gst.sum_order_gst(lines)}
    context |= {"sellers": list_sellers(line.sale for line in lines), "site": SiteSettings.of_default_site()}
    message = compose_message(name, to=[order.buyer_email], **context)
    message.reply_to = list_reply_addresses(lines)
    return message


def list_event_urls(lines):
    pages = {line.sale.page_id: line.sale.page for line in lines}
    return [f"{settings.SITE_URL}{page.get_url_parts()[2]}" for page in pages.values()]


def list_reply_addresses(lines):
    addresses = {line.sale.page.organiser.email for line in lines if line.sale.page.organiser}
    return list(addresses) if len(addresses) == 1 and all(addresses) else []


BUILDERS = {
    DeliveryKind.TICKETS: build_tickets_mail,
    DeliveryKind.FAILURE: build_failure_mail,
    DeliveryKind.EXPIRY: build_expiry_mail,
    DeliveryKind.LINKS: build_links_mail,
    DeliveryKind.REFUND: build_refund_mail,
    DeliveryKind.REFUND_WAITING: build_refund_waiting_mail,
    DeliveryKind.LATE_PAYMENT: build_review_mail,
    DeliveryKind.REVIEW: build_review_mail,
    DeliveryKind.ADDRESS_CHANGED: build_address_changed_mail,
    DeliveryKind.PERSONAL_DATA: build_personal_data_mail,
}


def build_message(delivery):
    """Raises `TicketingError` where there is nothing to say, and `AnymailInvalidAddress` where there is no address:
    Django's own backends would fail with a bug's traceback.
    """
    if delivery.notice:
        message = build_change_mail(delivery.order, delivery.notice)
    else:
        message = BUILDERS[delivery.kind](delivery.order)
    if delivery.recipient:
        message.to = [delivery.recipient]
    parse_address_list(message.to, field="to")
    message.extra_headers["Message-ID"] = build_message_id(outbox.sending_name_of(delivery))
    message.metadata = {"delivery": str(delivery.pk), "sending": outbox.sending_name_of(delivery)}
    return message


def deliver_owed_mail(delivery_id):
    """Sends one owed e-mail, if this caller can claim it. Runs outside any transaction."""
    delivery = outbox.claim_delivery(delivery_id)
    if delivery:
        send_delivery(delivery)


def send_delivery(delivery):
    """Sends and records what became of it. Any other error is a bug: it stays in the worker's log, and the claim has
    set the next attempt already.
    """
    try:
        message = build_message(delivery)
        doubt = look_up_unanswered_mail(delivery, message) if delivery.doubt else ""
        if doubt != DeliveryDoubt.FOUND:
            hand_to_provider(message)
    except TicketingError as error:
        outbox.record_delivery_failure(delivery, error, permanent=True)
    except NOT_SENT as error:
        facts = {"permanent": is_permanent_failure(error), "unanswered": may_have_gone_out(error)}
        outbox.record_delivery_failure(delivery, describe_failure(error), **facts)
    else:
        outbox.record_delivery_sent(delivery, message_id=provider_id_of(message), doubt=doubt)


def hand_to_provider(message):
    """Raises `AnymailRecipientsRefused` also for a refusal in words that Anymail does not know, which would pass as
    sent.
    """
    message.send()
    status = getattr(message, "anymail_status", None)
    if status and status.status == {"unknown"}:
        raise AnymailRecipientsRefused(email_message=message)


def look_up_unanswered_mail(delivery, message):
    # News of this e-mail proves that the provider has it.
    if delivery.outcome or delivery.doubt == DeliveryDoubt.FOUND:
        return DeliveryDoubt.FOUND
    found = mail_lookup.find_sent_message(message, patient=delivery.attempts <= PATIENT_ATTEMPTS)
    if found is None:
        return DeliveryDoubt.BLIND
    return DeliveryDoubt.FOUND if found else DeliveryDoubt.MISSING


def provider_id_of(message):
    status = getattr(message, "anymail_status", None)
    return str((status and status.message_id) or message.extra_headers["Message-ID"])
