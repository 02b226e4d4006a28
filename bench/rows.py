"""Rows that the figures start from, as the product itself would have left them."""

import time
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from wagtail.models import Site

from events_pages import page_cache
from events_pages.enums import LegalKind
from events_pages.models import LegalPage
from payments.domain.references import new_reference
from payments.enums import PaymentState
from payments.models import Payment
from payments.simulator.cards import GOOD_CARD
from payments.simulator.persistence import dump
from payments.simulator.state import Sandbox
from tests.factories import make_event, make_legal_page, make_merchant, make_sale, make_type
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery

PRICE = {"amount": Decimal("24.50"), "currency": "GBP", "description": "2 tickets, Sea Shanties"}


def make_due_payments(count, *, state):
    """As after a long silence of SumUp: open here, paid there (in the simulator's `state` file), all due now."""
    merchant, sandbox = make_merchant(), Sandbox()
    payments = [due_payment(f"JE-B{number:07}", merchant, sandbox) for number in range(count)]
    Payment.objects.bulk_create(payments, batch_size=1000)
    state.write_text(dump(sandbox))


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
    """A published page with one free ticket type; returns its path."""
    terms = LegalPage.current(LegalKind.TERMS) or make_legal_page()
    page = make_event(title)
    make_type(make_sale(page, capacity=capacity), name="Entry", price="0.00")
    Site.objects.update(hostname="127.0.0.1")
    page_cache.purge()
    assert terms.live
    return page.get_url()


def wait_until_mailed(orders, *, seconds=600):
    end = time.monotonic() + seconds
    sent = Delivery.objects.filter(kind=DeliveryKind.TICKETS, sent_at__isnull=False)
    while sent.count() < orders:
        if time.monotonic() > end:
            raise AssertionError(f"only {sent.count()} of {orders} orders were mailed within {seconds} s")
        time.sleep(0.5)
