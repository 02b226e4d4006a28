"""Every e-mail of ticketing: one builder for each kind, and the one place that sends.

`ticketing.domain.deliveries` says what is owed and remembers what became of it.
"""

from smtplib import SMTPRecipientsRefused

from anymail.exceptions import AnymailAPIError, AnymailError
from django.conf import settings

from payments.mail import NOT_SENT, compose, describe
from ticketing import calendar, documents
from ticketing.domain import deliveries
from ticketing.domain.errors import TicketingError
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Order

LISTED = [OrderState.COMPLETED, OrderState.PENDING_VERIFICATION, OrderState.REQUIRES_MANUAL_REVIEW]
MOST_LISTED = 20
PASSING = {401, 403, 408, 425, 429}  # a key being changed, a queue, a quota: worth another try


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


def links(order):
    """What this address has bought, newest first. Goes to the address alone, whoever asked."""
    orders = Order.objects.filter(buyer_email__iexact=order.buyer_email, state__in=LISTED).order_by("-id")
    return to_buyer("links", order, orders=orders.prefetch_related("lines")[:MOST_LISTED])


def to_buyer(name, order, **context):
    lines = list(order.lines.select_related("sale__page__organiser"))
    context |= {"order": order, "lines": lines, "pages": addresses_of(lines)}
    message = compose(name, to=[order.buyer_email], **context)
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
}


def build(delivery):
    """The message of a delivery. Raises `TicketingError` where there is nothing to say."""
    message = BUILDERS[delivery.kind](delivery.order)
    message.extra_headers["Message-ID"] = message_id(delivery)
    message.metadata = {"delivery": delivery.pk}
    return message


def message_id(delivery):
    """The same for every attempt of one request, so that mail programs show a repeat once."""
    host = settings.SITE_URL.split("://")[-1].split(":")[0]
    return f"<delivery-{delivery.pk}-{delivery.requested_at:%Y%m%d%H%M%S}@{host}>"


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
        message.send()
    except TicketingError as error:
        deliveries.record_failure(delivery, error, permanent=True)
    except NOT_SENT as error:
        deliveries.record_failure(delivery, describe(error), permanent=is_permanent(error))
    else:
        deliveries.record_sent(delivery, message_id=known_as(message))


def known_as(message):
    status = getattr(message, "anymail_status", None)
    return str((status and status.message_id) or message.extra_headers["Message-ID"])


def is_permanent(error):
    """Whether the provider will say the same tomorrow: a bad address, a message it refuses."""
    if isinstance(error, AnymailAPIError):
        status = error.status_code
        return status is not None and 400 <= status < 500 and status not in PASSING
    return isinstance(error, AnymailError | SMTPRecipientsRefused)
