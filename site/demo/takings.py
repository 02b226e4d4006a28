"""Demo orders that were paid, refunded or paid twice, as every order is: the simulator and the worker must run."""

import json
import time
from datetime import timedelta
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from events_pages.enums import LegalKind
from events_pages.models import LegalPage
from payments.domain.refunds import execution
from payments.domain.verification import checkout, payment_checks
from payments.enums import RefundState
from payments.models import Payment, Refund
from ticketing.domain.orders import fulfilment, placement, refunds
from ticketing.domain.stock import basket_contents, holds
from ticketing.enums import OrderState
from ticketing.models import Delivery, Order, Ticket, TicketType

NAMES = ("Maëlle Le Brocq", "João Ferreira", "Zofia Łukasiewicz", "Tom Renouf", "Anjali Shah", "Beth de Gruchy")
ELSEWHERE = "192.0.2.1"
"""Nobody's (RFC 5737): what these people have counts against no visitor of the demo."""


def take_free_tickets(sale, quantity):
    """Orders of six until that many are gone. Their mail counts as sent: these people have no mailbox."""
    if not quantity:
        return
    ticket_type = sale.ticket_types.get(price=0)
    for number, first in enumerate(range(0, quantity, 6)):
        name, email = NAMES[number % len(NAMES)], f"buyer{number + 1}@jerseyevents.example"
        order = place_demo_order(ticket_type, min(6, quantity - first), name=name, email=email)
        Delivery.objects.filter(order=order).update(sent_at=timezone.now(), next_attempt_at=None)


def place_demo_order(ticket_type, quantity, *, name, email):
    """One order, through the same door as everybody's."""
    basket = holds.create_basket()
    holds.hold_seats(basket, sale=ticket_type.sale, quantities={ticket_type.pk: quantity})
    return placement.place_order(
        basket,
        merchant_group_key=basket_contents.merchant_group_key(ticket_type.sale),
        name=name,
        email=email,
        terms_version=LegalPage.current(LegalKind.TERMS).version,
        ip=ELSEWHERE,
    )


SHANTIES = "sea-shanties-at-the-slip"
EMAIL = "paying{number}@jerseyevents.example"
PATIENCE = 20  # seconds for one order; the worker may be at the same one


class NotTaken(Exception):
    """The stand-in or the worker did not do its part in time."""


def make_takings():
    """How many orders were made: none when they are there already, or were long ago and their buyers are erased."""
    made = Q(buyer_email=EMAIL.format(number=1)) | Q(erased_at__isnull=False)
    if Order.objects.filter(made).exists():
        return 0
    stories = [leave_paid, leave_paid, refund_one_ticket, refund_all, pay_twice, refund_without_balance]
    for number, story in enumerate(stories, start=1):
        story(place_takings_order(number))
    return len(stories)


def place_takings_order(number):
    adult = TicketType.objects.select_related("sale__page").get(sale__page__slug=SHANTIES, name="Adult")
    name = NAMES[number % len(NAMES)]
    order = place_demo_order(adult, 1 + (number + 1) % 3, name=name, email=EMAIL.format(number=number))
    pay_at_simulator(Payment.objects.select_related("merchant").get(subject=order.reference))
    return order


def pay_at_simulator(payment):
    """Opens the checkout, pays it at the stand-in and waits for the proof."""
    payment = checkout.start_payment(payment)
    control_simulator("pay", checkout_id=payment.checkout_id)
    wait_for_state(lambda: is_proved(payment), f"the proof of {payment.reference}")
    fulfilment.settle_order(payment.subject)


def is_proved(payment):
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    return Payment.objects.filter(pk=payment.pk, paid_at__isnull=False).exists()


def leave_paid(order):
    """A plain good sale."""


def refund_one_ticket(order):
    ticket = Ticket.objects.filter(line__order=order).first()
    give_back(order, tickets=[ticket], reason="Grandmother has a cold and stays at home.", seats_back=True)


def refund_all(order):
    give_back(order, reason="Bought for the wrong weekend.", seats_back=True)


def refund_without_balance(order):
    """Waits until the next sales bring money: the stand-in's balance is empty for a moment."""
    code = order.merchant.merchant_code
    control_simulator("settings", balance={code: 0})
    give_back(order, reason="Moves to Guernsey that week.", until=RefundState.WAITING)
    control_simulator("settings", balance={code: None})


def pay_twice(order):
    """Two cards, two payments, one order: a person has to look."""
    first = Payment.objects.get(subject=order.reference)
    again = checkout.prepare_payment(
        subject=first.subject,
        amount=first.amount,
        merchant=order.merchant,
        description=first.description,
        redirect_url=first.redirect_url,
        deadline=first.deadline,
    )
    pay_at_simulator(again)
    wait_for_state(
        lambda: Order.objects.filter(pk=order.pk, state=OrderState.REQUIRES_MANUAL_REVIEW).exists(), "the review"
    )


def give_back(order, *, until=RefundState.PROVED, **what):
    order.refresh_from_db()
    staff = get_user_model().objects.filter(username="organiser").first()
    asked = refunds.request_order_refund(order, by=staff, **what)
    execution.execute_refund(asked.refund_id)
    wait_for_state(lambda: Refund.objects.filter(pk=asked.refund_id, state=until).exists(), f"refund {asked.refund_id}")
    fulfilment.settle_order(order.reference)


def control_simulator(action, **body):
    """The stand-in's own control path; `load` has refused every other address."""
    address = f"{settings.SUMUP_API_URL}/_sim/{action}"
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(address, json.dumps(body).encode(), headers), timeout=5) as answer:  # noqa: S310 - our own
        return json.load(answer)


def wait_for_state(happened, what):
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise NotTaken(what)
        time.sleep(0.3)
