"""What the fault tests do again and again: buy through trouble as a stubborn person would, then count what came."""

from http.client import HTTPException

from payments.domain import verification
from payments.enums import PaymentState
from tests import factories
from tests.buyers import Buyer
from tests.harness import until
from ticketing.domain import allocation
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Order, Ticket


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
    payment = verification.payments_of(order.reference)[-1]
    stack.simulator.pay(payment.reference)


def assert_promise_kept(stack, sale, *, quantity=2):
    """One order, its tickets, at least one mail, its money once, and every seat accounted for."""
    order = Order.objects.get(buyer_email=buyer_of(stack, sale).email)
    assert order.state == OrderState.COMPLETED, order.review_reason
    assert Ticket.objects.filter(line__order=order).count() == quantity
    assert order.deliveries.get(kind=DeliveryKind.TICKETS).sent_at
    assert mails_to(stack, order)
    paid = [each for each in verification.payments_of(order.reference) if each.state == PaymentState.PAID]
    assert len(paid) == 1
    assert paid[0].amount == order.total
    assert allocation.audit() == []


def mails_to(stack, order):
    return [mail for mail in stack.mail if f"To: {order.buyer_email}" in mail.read_text(errors="replace")]
