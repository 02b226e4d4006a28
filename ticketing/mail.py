"""Every e-mail of ticketing: one builder for each kind, and the one place that sends.

`ticketing.domain.deliveries` says what is owed and remembers what became of it.
"""

from smtplib import SMTPException, SMTPRecipientsRefused

from anymail.exceptions import AnymailAPIError, AnymailError
from django.conf import settings

from payments.domain import verification
from payments.mail import compose
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


def review_alert(order):
    """For staff: reference, amounts and the reason. Who bought is in the admin, behind its sign-in."""
    return to_staff("review_alert", order=order, payments=verification.payments_of(order.reference))


def expired_digest(orders):
    """For staff: the orders that ended unpaid since the last one."""
    return to_staff("expired_digest", orders=orders)


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


def to_staff(name, **context):
    return compose(name, to=settings.ALERTS_EMAIL, **context)


def organiser_of(lines):
    """Questions go to the organiser, when there is one and no other."""
    addresses = {line.sale.page.organiser.email for line in lines if line.sale.page.organiser}
    return list(addresses) if len(addresses) == 1 and all(addresses) else []


BUILDERS = {
    DeliveryKind.TICKETS: tickets,
    DeliveryKind.FAILURE: failure,
    DeliveryKind.EXPIRY: expiry,
    DeliveryKind.LINKS: links,
    DeliveryKind.REVIEW_ALERT: review_alert,
}


def build(group):
    """The message of deliveries that go out together. Raises `TicketingError` where there is nothing to say."""
    [first, *_] = group
    if first.kind == DeliveryKind.EXPIRED_DIGEST:
        message = expired_digest([delivery.order for delivery in group])
    else:
        message = BUILDERS[first.kind](first.order)
    message.extra_headers["Message-ID"] = message_id(first)
    message.metadata = {"delivery": first.pk}
    return message


def message_id(delivery):
    """The same for every attempt of one request, so that mail programs show a repeat once."""
    host = settings.SITE_URL.split("://")[-1].split(":")[0]
    return f"<delivery-{delivery.pk}-{delivery.requested_at:%Y%m%d%H%M%S}@{host}>"


def deliver(delivery_id):
    """Sends one e-mail that is owed, if this caller gets hold of it. Runs outside any transaction."""
    delivery = deliveries.claim(delivery_id)
    if delivery is None:
        return
    group = [delivery, *deliveries.claim_company(delivery)]
    outcome = send(group)
    for each in group:
        outcome(each)


def send(group):
    """What to remember of each delivery, as a function of it. An error that is none of these is a bug: it stays in
    the worker's log, and the claim has set the next attempt already.
    """
    try:
        message = build(group)
        if not message.to:
            return failed("ALERTS_EMAIL names nobody", permanent=True)
        message.send()
    except TicketingError as error:
        return failed(error, permanent=True)
    except (AnymailError, SMTPException, OSError) as error:
        return failed(describe(error), permanent=is_permanent(error))
    return sent(message)


def failed(error, *, permanent):
    return lambda delivery: deliveries.record_failure(delivery, error, permanent=permanent)


def sent(message):
    status = getattr(message, "anymail_status", None)
    known_as = (status and status.message_id) or message.extra_headers["Message-ID"]
    return lambda delivery: deliveries.record_sent(delivery, message_id=str(known_as))


def is_permanent(error):
    """Whether the provider will say the same tomorrow: a bad address, a message it refuses."""
    if isinstance(error, AnymailAPIError):
        status = error.status_code
        return status is not None and 400 <= status < 500 and status not in PASSING
    return isinstance(error, AnymailError | SMTPRecipientsRefused)


def describe(error):
    """Kind and status; never the text, which may quote the address or the message."""
    status = getattr(error, "status_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__} {status}" if status else type(error).__name__
