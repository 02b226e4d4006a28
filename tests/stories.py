"""The people of every story about an order, and what they do, in the domain's own steps.

Ana buys and Bob organises; Vera answers the telephone, and the workers do their rounds.
"""

from datetime import timedelta

import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone
from wagtail.models import GroupPagePermission

from payments.domain.refunds import execution
from payments.domain.verification import checkout, payment_checks
from payments.enums import PaymentState
from payments.models import Payment, Refund
from tests.factories import make_order, make_type
from tests.payments.factories import make_payment
from ticketing.domain.changes import choices
from ticketing.domain.orders import fulfilment, placement, refunds
from ticketing.domain.stock import holds
from ticketing.models import Order, Ticket

ANA = {"name": "Ana Vibert", "email": "ana@example.je", "terms_version": "2026-01", "ip": None}


# Ana buys


def hold_tickets(*types, quantity=2, basket=None):
    """So many of each; returns the basket."""
    for each in types:
        basket = holds.hold_seats(basket, sale=each.sale, quantities={each.pk: quantity})
    return basket


def place_order(*types, quantity=2):
    return order_basket(hold_tickets(*types, quantity=quantity))


def order_basket(basket, key="site", **changes):
    return placement.place_order(basket, merchant_group_key=key, **ANA | changes)


def pay_order(order, simulator):
    """On SumUp's page; the site finds out and settles the order."""
    payment = checkout.start_payment(Payment.objects.filter(subject=order.reference).last())
    pay_on_page(payment, simulator)
    settle(order)
    return payment


def pay_again(order, simulator, *, settled=True):
    """A second page of the same order was open, and somebody used it."""
    first = Payment.objects.filter(subject=order.reference).first()
    second = checkout.prepare_payment(
        subject=order.reference,
        amount=first.amount,
        merchant=first.merchant,
        description="again",
        redirect_url=first.redirect_url,
        deadline=timezone.now() + timedelta(minutes=15),
    )
    second = checkout.start_payment(second)
    pay_on_page(second, simulator)
    if settled:
        settle(order)
    return second


def pay_on_page(payment, simulator):
    simulator.pay(payment.reference)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())


def settle(order):
    fulfilment.settle_order(order.reference)
    order.refresh_from_db()
    return order


def record_payment(order, **fields):
    """As the payments app would have committed it, SumUp being asked nothing."""
    payment = Payment.objects.filter(subject=order.reference).last()
    for name, value in {"state": PaymentState.PAID, "paid_at": timezone.now(), **fields}.items():
        setattr(payment, name, value)
    payment.save()
    return payment


def record_second_payment(order):
    first = Payment.objects.filter(subject=order.reference).first()
    fields = ("subject", "merchant", "amount", "currency", "redirect_url", "deadline")
    return Payment.objects.create(
        **{name: getattr(first, name) for name in fields},
        reference=f"{first.subject}-again",
        description="again",
        state=PaymentState.PAID,
        paid_at=timezone.now(),
    )


def make_paid_order(kind=None, **fields):
    """Long ago, without the steps that led there."""
    order = make_order(kind or make_type(price="12.00"), **fields)
    if order.total:
        pay_in_full(order)
    return order


def pay_in_full(order):
    return make_payment(
        order.reference,
        amount=order.total,
        state=PaymentState.PAID,
        transaction_id=f"tx-{order.pk}",
        merchant=order.merchant,
    )


# Money goes back


def request_refund(order, by=None, **what):
    return refunds.request_order_refund(order, by=by, reason="The singer is ill", **what)


def refund_order(order, by=None, **what):
    """Asked for and carried out."""
    asked = request_refund(order, by, **what)
    run_workers()
    order.refresh_from_db()
    return asked


def run_workers(*, after=timedelta()):
    """The next round over refunds and orders."""
    Refund.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    with time_machine.travel(timezone.now() + after):
        execution.execute_due_refunds()
        fulfilment.settle_due_orders()


# Bob organises


def make_staff(name, page, *codenames):
    """Somebody who may edit this page and reads the orders of its event."""
    group = Group.objects.create(name=name)
    wanted = ["access_admin", "view_order", "view_eventsale", "change_eventsale", *codenames]
    group.permissions.set(Permission.objects.filter(codename__in=wanted))
    user = User.objects.create_user(name, password=name)
    user.groups.add(group)
    allow_page(user, page)
    return user


def allow_page(user, page):
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=user.groups.get(), page=page, permission=change)


# What became of it


def tickets_of(order, state=None):
    found = Ticket.objects.filter(line__order=order).order_by("pk")
    return list(found.filter(state=state) if state else found)


def mails_owed(order):
    return sorted(delivery.kind for delivery in order.deliveries.all())


def seats_taken(ticket_type):
    ticket_type.refresh_from_db()
    return ticket_type.allocated


def fresh(order):
    return Order.objects.get(pk=order.pk)


def find_open_choice(order):
    """The first that its holder may make; None without any."""
    return next(iter(choices.list_open_choices(order)), None)
