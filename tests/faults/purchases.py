"""What the fault tests do again and again: buy through trouble as a stubborn person would, then count what came."""

from datetime import timedelta
from decimal import Decimal
from http.client import HTTPException

from django.db.models import Exists
from django.test import override_settings

from payments.domain.verification import checkout, payment_checks
from payments.enums import PaymentState, RefundState
from tests import factories
from tests.buyers import Buyer
from tests.harness import until
from tests.payments.factories import make_payment
from ticketing.domain.stock import allocation
from ticketing.enums import DeliveryKind, OrderState, TicketState
from ticketing.models import Delivery, Order, Ticket


def make_sale(title, *, price="12.00"):
    sale = factories.make_sale(factories.make_event(title), capacity=20)
    return sale, factories.make_type(sale, price=price)


def buyer_of(stack, sale):
    return Buyer(stack.url, email=f"buyer{sale.pk}@example.je")


def stubborn(buyer, step, *, good=(303,)):
    """Sends the same form again, as people do, while the connection breaks off or the site is just coming back."""

    def attempt():
        try:
            page = step()
        except (OSError, HTTPException):
            buyer.close()
            return None
        return page if page.status in good else None

    return until(attempt, seconds=40, every=0.3, what="an answer")


def go_to_sumup(stack, sale, ticket_type, *, quantity=2):
    """Holds, checks out, and is sent to the payment page; returns the order."""
    buyer = buyer_of(stack, sale)
    stubborn(buyer, lambda: buyer.hold(sale.pk, {ticket_type.pk: quantity}))
    stubborn(buyer, buyer.check_out)
    order = Order.objects.get(buyer_email=buyer.email)
    until(lambda: on_its_way(buyer, order), seconds=60, every=1, what="the way to SumUp's page")
    return order


def on_its_way(buyer, order):
    """Presses the order page's "Pay now" until SumUp's page opens."""
    page = stubborn(buyer, lambda: buyer.get(order.get_absolute_url()), good=(200,))
    action = f"{order.get_absolute_url()}pay/"
    if action not in page.text:
        return False
    answer = stubborn(buyer, lambda: buyer.submit(page, action), good=(303, 409))
    return "/pay/" in answer.location and not answer.location.startswith("/")


def pay(stack, order):
    """As the person would on SumUp's page; they never come back to ours."""
    payment = payment_checks.list_payments_for(order.reference)[-1]
    stack.simulator.pay(payment.reference)


def buy_at_once(stack, title, *, merchant=None):
    """The same without the site's pages: two tickets, on their way to the buyer."""
    order, payment = order_at_once(stack, title, merchant=merchant)
    stack.simulator.pay(payment.reference)
    with sumup_of(stack):
        payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    return Order.objects.get(pk=order.pk)


def order_at_once(stack, title, *, merchant=None):
    """(order, payment) while SumUp's page is open."""
    sale, ticket_type = make_sale(title)
    order = factories.make_order(
        ticket_type,
        state=OrderState.PENDING_VERIFICATION,
        merchant=merchant or factories.make_merchant(),
        buyer_email=buyer_of(stack, sale).email,
    )
    payment = make_payment(order.reference, amount=str(order.total), merchant=order.merchant)
    with sumup_of(stack):
        return order, checkout.start_payment(payment)


def sumup_of(stack):
    """The test itself asks the stack's simulator."""
    return override_settings(SUMUP_API_URL=stack.simulator.url)


def refunded(order):
    """The order when all its money is back and the buyer was told, else None."""
    told = Delivery.objects.filter(order=order, kind=DeliveryKind.REFUND, sent_at__isnull=False)
    return Order.objects.filter(pk=order.pk, state=OrderState.REFUNDED).filter(Exists(told)).first()


def assert_money_back_once(stack, order):
    """At SumUp, in our rows, on the tickets and in the buyer's inbox."""
    [payment] = payment_checks.list_payments_for(order.reference)
    assert given_back(stack, payment) == [order.total]
    assert payment.refunds.get().state == RefundState.PROVED
    tickets = Ticket.objects.filter(line__order=order)
    assert set(tickets.values_list("state", flat=True)) == {TicketState.VOID}
    assert order.refunds.get().applied_at
    assert order.deliveries.get(kind=DeliveryKind.REFUND).sent_at
    assert allocation.audit_counters() == []


def given_back(stack, payment):
    """Pounds, by SumUp's own books."""
    [paid] = [each for each in stack.simulator.state()["transactions"] if each["id"] == payment.transaction_id]
    return [Decimal(str(each["amount"])) for each in paid["transaction_events"] if each["event_type"] == "REFUND"]


def assert_promise_kept(stack, sale, *, quantity=2):
    """One order, its tickets, at least one mail, its money once, and every seat accounted for."""
    order = Order.objects.get(buyer_email=buyer_of(stack, sale).email)
    assert order.state == OrderState.COMPLETED, order.review_reason
    assert Ticket.objects.filter(line__order=order).count() == quantity
    assert order.deliveries.get(kind=DeliveryKind.TICKETS).sent_at
    assert mails_to(stack, order)
    paid = [each for each in payment_checks.list_payments_for(order.reference) if each.state == PaymentState.PAID]
    assert len(paid) == 1
    assert paid[0].amount == order.total
    assert allocation.audit_counters() == []


def mails_to(stack, order):
    return [mail for mail in stack.mail if f"To: {order.buyer_email}" in mail.read_text(errors="replace")]
