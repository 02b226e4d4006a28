"""Rows that the figures start from, as the product itself would have left them."""

import time
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from wagtail.models import Site

from events_pages.enums import LegalKind
from events_pages.models import EventPage, LegalPage
from events_pages.public import content_version
from payments.domain.verification.references import new_reference
from payments.enums import PaymentState
from payments.models import Payment
from sumup_simulator.sandbox.cards import GOOD_CARD
from sumup_simulator.sandbox.persistence import dump_sandbox
from sumup_simulator.sandbox.state import Sandbox
from tests.factories import make_event, make_legal_page, make_merchant, make_order, make_sale, make_type
from ticketing.domain.stock import allocation
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery, Order, Ticket

PRICE = {"amount": Decimal("24.50"), "currency": "GBP", "description": "2 tickets, Sea Shanties"}


def make_due_payments(count, *, state):
    """As after a long silence of SumUp: open here, paid there (in the simulator's `state` file), all due now."""
    merchant, sandbox = make_merchant(), Sandbox()
    payments = [due_payment(f"JE-B{number:07}", merchant, sandbox) for number in range(count)]
    Payment.objects.bulk_create(payments, batch_size=1000)
    state.write_text(dump_sandbox(sandbox))


def due_payment(subject, merchant, sandbox):
    deadline = timezone.now() + timedelta(minutes=15)
    checkout = sandbox.create(
        reference=new_reference(subject),
        merchant_code=merchant.merchant_code,
        hosted=True,
        valid_until=deadline,
        **PRICE,
    )
    sandbox.attempt(checkout, GOOD_CARD)
    return Payment(
        subject=subject,
        reference=checkout.reference,
        merchant=merchant,
        redirect_url="http://127.0.0.1/",
        state=PaymentState.OPEN,
        checkout_id=checkout.id,
        deadline=deadline,
        next_check_at=timezone.now(),
        **PRICE,
    )


def make_free_event(*, capacity, title="Sea Shanties"):
    """Returns the page's path."""
    return make_event_on_sale(capacity=capacity, title=title, price="0.00")


def make_event_on_sale(*, capacity, price, title="Sea Shanties"):
    """A published page with one ticket type; returns its path."""
    if LegalPage.current(LegalKind.TERMS) is None:
        make_legal_page()
    page = make_event(title)
    page.make_renditions()
    make_type(make_sale(page, capacity=capacity), name="Entry", price=price)
    Site.objects.update(hostname="127.0.0.1")
    content_version.purge_pages()
    return page.get_url()


def tickets_of(path):
    return Ticket.objects.filter(sale__page__slug=path.strip("/").rpartition("/")[2]).count()


def drifts():
    return len(allocation.audit_counters())


def wait_until_mailed(orders, *, seconds=600):
    end = time.monotonic() + seconds
    sent = Delivery.objects.filter(kind=DeliveryKind.TICKETS, sent_at__isnull=False)
    while sent.count() < orders:
        if time.monotonic() > end:
            raise AssertionError(f"only {sent.count()} of {orders} orders were mailed within {seconds} s")
        time.sleep(0.5)


def mail_times():
    """{order reference: when its ticket mail was written, epoch seconds}"""
    sent = Delivery.objects.filter(kind=DeliveryKind.TICKETS, sent_at__isnull=False)
    return {reference: at.timestamp() for reference, at in sent.values_list("order__reference", "sent_at")}


def make_sold_order():
    """An order of two tickets as it is long after: paid, settled and mailed. The mould of a million."""
    order = make_order(make_type(make_sale(make_event("Sold Long Ago"), capacity=1000)), quantity=2)
    now = timezone.now()
    Delivery.objects.create(order=order, kind=DeliveryKind.TICKETS, requested_at=now, sent_at=now, attempts=1)
    Payment.objects.create(
        subject=order.reference,
        reference=new_reference(order.reference),
        merchant=order.merchant,
        redirect_url=order.full_url,
        state=PaymentState.PAID,
        deadline=now,
        paid_at=now,
        **PRICE,
    )
    return order


def make_events(count):
    for number in range(count):
        make_type(make_sale(make_event(f"Event {number}")))


def count_events():
    return EventPage.objects.count()


def count_tickets():
    return Ticket.objects.count()


def count_orders():
    return Order.objects.count()
