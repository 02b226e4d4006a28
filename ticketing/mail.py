"""Every e-mail of ticketing: one builder for each kind, and the one place that sends.

`ticketing.domain.deliveries` says what is owed and remembers what became of it.
"""

from datetime import timedelta

from anymail.exceptions import AnymailRecipientsRefused
from anymail.utils import parse_address_list
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from events_pages.models import SiteSettings
from payments.enums import RefundOrigin, RefundState
from payments.mail import compose_message
from payments.mail_failures import NOT_SENT, describe_failure, is_permanent_failure, may_have_gone_out
from payments.money import ZERO
from ticketing import calendar, documents, sent_mail
from ticketing.domain import deliveries, gst, people
from ticketing.domain.balance import balance_of
from ticketing.domain.errors import TicketingError
from ticketing.domain.review_causes import told_to_buyer
from ticketing.domain.sellers import sellers_of
from ticketing.enums import DeliveryDoubt, DeliveryKind, OrderState, TicketState
from ticketing.models import Ticket

LISTED = [
    OrderState.COMPLETED,
    OrderState.PENDING_VERIFICATION,
    OrderState.REQUIRES_MANUAL_REVIEW,
    OrderState.REFUNDED,
]
MOST_LISTED = 20
MOST_UNHEARD = 4  # a provider that does not answer the question either is waited for, up to this attempt: 20 minutes


def tickets(order):
    """The tickets as PDF, the dates as calendar file, and the order's page."""
    message = to_buyer("tickets", order)
    message.attach(f"{order.reference}.pdf", documents.order_pdf(order), "application/pdf")
    message.attach(f"{order.reference}.ics", calendar.calendar(order).decode(), "text/calendar")
    return message


def failure(order):
    return to_buyer("failure", order)


def expiry(order):
    return to_buyer("expiry", order)


def refund(order):
    """What went back since the last mail of this kind, and which tickets no longer open a door."""
    news = refunds_to_tell(order)
    amount = sum((each.amount for each in news), ZERO)
    standing = {state: [] for state in TicketState}
    for ticket in Ticket.objects.filter(line__order=order).select_related("line"):
        standing[ticket.state].append(ticket)
    return to_buyer(
        "refund",
        order,
        amount=amount,
        gst_back=gst.in_refund(order.lines.all(), amount),
        by_bank=any(each.origin == RefundOrigin.CHARGE_BACK for each in news),
        void=standing[TicketState.VOID],
        valid=standing[TicketState.VALID] + standing[TicketState.USED],
    )


def refunds_to_tell(order):
    """Proved since the mail that went out before; none when the news is that tickets are void without money."""
    sent_at = order.deliveries.filter(kind=DeliveryKind.REFUND).values_list("sent_at", flat=True).first()
    fresh = [each for each in balance_of(order).returned if sent_at is None or each.proved_at > sent_at]
    latest = order.refunds.filter(applied_at__isnull=False).select_related("refund").first()
    return fresh or [latest.refund] if latest and latest.refund else fresh


def refund_waiting(order):
    """Raises `TicketingError` when the money has left meanwhile: then the other mail says so."""
    waiting = [each for each in balance_of(order).on_its_way if each.state == RefundState.WAITING]
    if not waiting:
        raise TicketingError(_("No refund of this order is waiting any more."))
    expected = max((each.expected_by for each in waiting if each.expected_by), default=None)
    return to_buyer("refund_waiting", order, amount=sum(each.amount for each in waiting), expected_by=expected)


def review(order):
    """An order that needs a person: what happens now, before anybody pays again. Raises `TicketingError` when somebody
    has decided meanwhile: then another mail says what.
    """
    if order.state != OrderState.REQUIRES_MANUAL_REVIEW:
        raise TicketingError(_("Meanwhile somebody decided about this order."))
    balance = balance_of(order)
    valid = Ticket.objects.filter(line__order=order).exclude(state=TicketState.VOID).exists()
    return to_buyer("review", order, amount=balance.paid, told=told_to_buyer(order, balance), valid=valid)


def links(order):
    """What this address has bought, newest first. Goes to the address alone, whoever asked."""
    orders = people.orders_of(order.buyer_email).filter(state__in=LISTED)
    return to_buyer("links", order, orders=orders.prefetch_related("lines")[:MOST_LISTED])


def address_changed(order):
    """Tells the former address. It names neither the new one nor the order's page: who reads it may be anybody."""
    message = to_buyer("address_changed", order)
    # Not the organiser, who may be the one who changed it.
    message.reply_to = list(filter(None, [SiteSettings.of_default_site().contact_email, *settings.ALERTS_EMAIL]))[:1]
    return message


def personal_data(order):
    """The way to all that we hold of this address. Goes to the address alone, whoever asked."""
    path = reverse("ticketing:my-data-held", args=[people.key_of(order)])
    hours = people.LINK_LIFE // timedelta(hours=1)
    return to_buyer("personal_data", order, url=f"{settings.SITE_URL}{path}", hours=hours)


def to_buyer(name, order, **context):
    lines = list(order.lines.select_related("sale__page__organiser"))
    context |= {"order": order, "lines": lines, "pages": addresses_of(lines), "gst": gst.in_order(lines)}
    context |= {"sellers": sellers_of(line.sale for line in lines), "site": SiteSettings.of_default_site()}
    message = compose_message(name, to=[order.buyer_email], **context)
    message.reply_to = organiser_of(lines)
    return message


def addresses_of(lines):
    """Where each event is shown, once: the address of the site as it is set, not as Wagtail's site record says."""
    pages = {line.sale.page_id: line.sale.page for line in lines}
    return [f"{settings.SITE_URL}{page.get_url_parts()[2]}" for page in pages.values()]


def organiser_of(lines):
    """Questions go to the organiser, when there is one and no other."""
    addresses = {line.sale.page.organiser.email for line in lines if line.sale.page.organiser}
    return list(addresses) if len(addresses) == 1 and all(addresses) else []


BUILDERS = {
    DeliveryKind.TICKETS: tickets,
    DeliveryKind.FAILURE: failure,
    DeliveryKind.EXPIRY: expiry,
    DeliveryKind.LINKS: links,
    DeliveryKind.REFUND: refund,
    DeliveryKind.REFUND_WAITING: refund_waiting,
    DeliveryKind.LATE_PAYMENT: review,
    DeliveryKind.REVIEW: review,
    DeliveryKind.ADDRESS_CHANGED: address_changed,
    DeliveryKind.PERSONAL_DATA: personal_data,
}


def build(delivery):
    """The message of a delivery. Raises `TicketingError` where there is nothing to say, and `AnymailInvalidAddress`
    where there is no address: Django's own backends would call that a bug.
    """
    message = BUILDERS[delivery.kind](delivery.order)
    if delivery.recipient:
        message.to = [delivery.recipient]
    parse_address_list(message.to, field="to")
    message.extra_headers["Message-ID"] = message_id(delivery)
    message.metadata = {"delivery": str(delivery.pk), "sending": deliveries.sending_of(delivery)}
    return message


def message_id(delivery):
    """The same for every attempt of one request, so that mail programs show a repeat once."""
    host = settings.SITE_URL.split("://")[-1].split(":")[0]
    return f"<{deliveries.sending_of(delivery)}@{host}>"


def deliver(delivery_id):
    """Sends one e-mail that is owed, if this caller gets hold of it. Runs outside any transaction."""
    delivery = deliveries.claim(delivery_id)
    if delivery:
        send(delivery)


def send(delivery):
    """Sends and remembers what became of it. An error that is none of these is a bug: it stays in the worker's log,
    and the claim has set the next attempt already.
    """
    try:
        message = build(delivery)
        doubt = look_up(delivery, message) if delivery.doubt else ""
        if doubt != DeliveryDoubt.FOUND:
            hand_over(message)
    except TicketingError as error:
        deliveries.record_failure(delivery, error, permanent=True)
    except NOT_SENT as error:
        facts = {"permanent": is_permanent_failure(error), "unanswered": may_have_gone_out(error)}
        deliveries.record_failure(delivery, describe_failure(error), **facts)
    else:
        deliveries.record_sent(delivery, message_id=known_as(message), doubt=doubt)


def hand_over(message):
    """Raises `AnymailRecipientsRefused` for a refusal in words that are new to Anymail, too: it would pass as sent."""
    message.send()
    status = getattr(message, "anymail_status", None)
    if status and status.status == {"unknown"}:
        raise AnymailRecipientsRefused(email_message=message)


def look_up(delivery, message):
    """What became of an attempt that nobody answered. News of this e-mail proves that the provider has it, and saves
    the asking.
    """
    if delivery.outcome or delivery.doubt == DeliveryDoubt.FOUND:
        return DeliveryDoubt.FOUND
    found = sent_mail.find_sent(message, patient=delivery.attempts <= MOST_UNHEARD)
    if found is None:
        return DeliveryDoubt.BLIND
    return DeliveryDoubt.FOUND if found else DeliveryDoubt.MISSING


def known_as(message):
    status = getattr(message, "anymail_status", None)
    return str((status and status.message_id) or message.extra_headers["Message-ID"])
