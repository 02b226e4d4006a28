"""The whole way through the buyer's pages."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from payments import time_limits
from payments.domain.verification import payment_checks
from payments.enums import PaymentState
from payments.models import Payment
from tests.factories import forget_edits, make_legal_page, make_type
from tests.payments.factories import no_place_left
from tests.ticketing.views.shop import buy, check_out, hold, order_url
from ticketing.enums import OrderState
from ticketing.models import Basket, Order, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid_type(settings):
    return make_type(name="Adult", price="12.50")


@pytest.fixture
def free_type():
    return make_type(name="Free seat", price="0.00")


def settle(order):
    """What the worker does: look at SumUp, then at the order."""
    from ticketing.domain.orders import fulfilment

    payment_checks.verify_payment(Payment.objects.get(subject=order.reference).pk, min_gap=payment_checks.timedelta())
    fulfilment.settle_order(order.reference)


def test_a_free_ticket_is_held_ordered_and_shown(client, free_type):
    make_legal_page()
    held = hold(client, free_type, 2)
    assert (held.status_code, held.url.partition("?")[0]) == (303, reverse("ticketing:checkout"))
    asked = client.get(held.url)
    assert asked.status_code == 200
    assert "Held for you until" in asked.text
    assert "2 × Free seat" in asked.text
    ordered = check_out(client)
    order = Order.objects.get()
    assert (ordered.status_code, ordered.url) == (303, order.get_absolute_url())
    assert order.state == OrderState.COMPLETED
    assert order.terms_version == "2026-01"
    page = client.get(ordered.url)
    assert "You’re going to Sea Shanties!" in page.text
    assert Ticket.objects.count() == page.text.count("to be scanned at the door") == 2


def test_a_paid_ticket_goes_to_sumup_and_comes_back(client, paid_type, simulator):
    order = buy(client, paid_type, 2)
    payment = Payment.objects.get(subject=order.reference)
    assert payment.state == PaymentState.OPEN
    assert client.post(order_url(order, "order-pay")).url == payment.hosted_url
    waiting = client.get(order_url(order))
    assert "Please do not pay again." in waiting.text
    simulator.pay(payment.reference)
    settle(order)
    page = client.get(order_url(order))
    assert "You’re going to" in page.text
    assert "ana@example.je" in page.text


def test_checkout_sends_the_buyer_to_sumups_page(client, paid_type, simulator):
    hold(client, paid_type)
    response = check_out(client)
    assert response.status_code == 303
    assert response.url == Payment.objects.get().hosted_url
    assert response.url.startswith(simulator.url)


def test_a_declined_card_may_try_again_on_the_same_page(client, paid_type, simulator):
    order = buy(client, paid_type)
    simulator.decline(Payment.objects.get().reference)
    settle(order)
    page = client.get(order_url(order))
    assert "The card was declined, no money was taken" in page.text
    assert "Your tickets are held until" in page.text
    assert client.post(order_url(order, "order-pay")).url == Payment.objects.get().hosted_url


def test_sumup_out_of_reach_is_said_and_tried_again(client, paid_type, simulator):
    simulator.fault("server_error", operation="create", times=20)
    hold(client, paid_type)
    response = check_out(client)
    order = Order.objects.get()
    assert response.url == order.get_absolute_url()
    page = client.get(response.url)
    assert "We could not reach SumUp just now" in page.text
    assert "Pay now" in page.text
    simulator.clear_faults()
    assert client.post(order_url(order, "order-pay")).url == Payment.objects.get().hosted_url


def test_a_buyer_whose_sumup_hangs_waits_on_our_page(client, paid_type, simulator, monkeypatch):
    """Within a request's three seconds, here less; the page reloads itself and follows as soon as there is a way on."""
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.5)
    simulator.fault("hang")
    hold(client, paid_type)
    began = time.monotonic()
    response = check_out(client)
    page = client.get(response.url)
    assert time.monotonic() - began < 1.5
    order = Order.objects.get()
    assert "We could not reach SumUp just now" in page.text
    assert "We keep trying." in page.text
    onward = order_url(order, "order-follow")
    assert f'<meta http-equiv="refresh" content="5; url={onward}">' in page.text
    assert f'data-onward="{onward}"' in page.text
    assert client.get(onward).url == order.get_absolute_url()
    simulator.clear_faults()
    payment_checks.verify_payment(Payment.objects.get().pk, min_gap=payment_checks.timedelta())
    assert client.get(onward).url == Payment.objects.get().hosted_url


def test_a_buyer_past_the_places_of_a_merchant_waits_on_our_page(client, paid_type, simulator):
    """SumUp is not even asked; the deadline and the seats are those of any order."""
    hold(client, paid_type)
    with no_place_left():
        assert check_out(client).url == Order.objects.get().get_absolute_url()
    assert simulator.requests() == {}
    payment = Payment.objects.get()
    assert payment.next_check_at - timezone.now() < timedelta(seconds=5)  # a worker goes on
    assert payment.deadline == Order.objects.get().deadline
    paid_type.refresh_from_db()
    assert paid_type.allocated == 2
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    assert client.get(order_url(Order.objects.get(), "order-follow")).url == Payment.objects.get().hosted_url


def test_who_waits_for_sumups_page_in_vain_is_told_when_the_time_is_over(client, paid_type, simulator):
    simulator.fault("server_error", operation="create", times=None)
    hold(client, paid_type)
    check_out(client)
    order = Order.objects.get()
    onward = order_url(order, "order-follow")
    with time_machine.travel(order.deadline + timedelta(seconds=1)):
        assert client.get(onward).url == order.get_absolute_url()
        assert "The time to pay is over." in client.get(order.get_absolute_url()).text


def test_a_repeated_form_leads_to_the_same_order(client, free_type):
    first = buy(client, free_type)
    again = check_out(client)
    assert again.url == first.get_absolute_url()
    assert Order.objects.count() == 1
    assert Ticket.objects.count() == 2


def test_a_repeated_hold_changes_nothing(client, free_type):
    hold(client, free_type, 2)
    hold(client, free_type, 2)
    free_type.sale.refresh_from_db()
    assert free_type.sale.allocated == 2
    assert Basket.objects.count() == 1


def test_a_buyer_gets_two_cookies_and_no_session(client, free_type):
    assert not client.get(reverse("ticketing:sale", args=[free_type.sale_id])).cookies
    hold(client, free_type)
    assert client.cookies["basket"]["httponly"]
    assert not client.cookies["basket_until"]["httponly"]
    client.get(reverse("ticketing:checkout"))
    check_out(client)
    client.get(Order.objects.get().get_absolute_url())
    assert set(client.cookies) <= {"basket", "basket_until", "csrftoken"}


def test_two_merchants_are_paid_one_after_the_other(client, simulator, settings):
    from tests.factories import make_event, make_merchant, make_sale

    other = make_merchant("MDEMO002", "Opera Friends")
    first = make_type(make_sale(make_event("One")), price="12.50")
    second = make_type(make_sale(make_event("Two"), merchant=other), price="8.00")
    hold(client, first)
    hold(client, second)
    basket = client.get(reverse("ticketing:basket")).text
    assert "You pay them one after the other" in basket
    assert "Opera Friends" in basket
    page = client.get(reverse("ticketing:checkout") + "?pay=MDEMO002").text
    assert "You pay <strong>Opera Friends</strong> through SumUp" in page
    assert "After this order you pay the next one" in page
    check_out(client, group="site")
    assert Order.objects.get().total == 25
    left = client.get(reverse("ticketing:checkout")).text
    assert "Opera Friends" in left
    assert "Ana Vautier" in left


def test_csrf_is_checked_where_there_is_a_cookie(free_type):
    client = Client(enforce_csrf_checks=True)
    assert hold(client, free_type).status_code == 303
    assert check_out(client).status_code == 403
    page = client.get(reverse("ticketing:checkout"))
    assert check_out(client, csrfmiddlewaretoken=page.context["csrf_token"]).status_code == 303


# On PostgreSQL with BEGIN and COMMIT, which a test's savepoints stand for: 14 in all.
@pytest.mark.parametrize(("step", "most"), [("hold", 4), ("checkout", 1), ("order", 7), ("page", 2)])
def test_a_free_purchase_needs_few_statements(client, free_type, settings, django_assert_max_num_queries, step, most):
    settings.RATE_LIMITS = False  # limits ask one more for a hold and two for an order
    make_legal_page()
    for other in (Client(), Client()):  # what pages say alike, and what surrounds a sale, is read once after each edit
        forget_edits()  # the first visit of all makes the site's settings
        hold(other, free_type)
        other.get(reverse("ticketing:checkout"))
        check_out(other)
        other.get(Order.objects.first().get_absolute_url())
    steps = {
        "hold": lambda: hold(client, free_type),
        "checkout": lambda: client.get(reverse("ticketing:checkout")),
        "order": lambda: check_out(client),
        "page": lambda: client.get(placed.get_absolute_url()),
    }
    for name, take in steps.items():
        placed = Order.objects.first()
        if name == step:
            with django_assert_max_num_queries(most):
                take()
            return
        take()


# On PostgreSQL 16 in all: the two savepoints more of the order stand for a transaction that holds nothing.
def test_a_paid_purchase_needs_few_statements(client, paid_type, settings, simulator):
    settings.RATE_LIMITS = False
    make_legal_page()
    for other in (Client(), Client()):
        forget_edits()
        take_paid_steps(other, paid_type, simulator)
    counts = take_paid_steps(client, paid_type, simulator)
    assert counts == {"hold": 4, "checkout": 1, "order": 9, "page": 4}


def take_paid_steps(client, ticket_type, simulator):
    """{step: statements}; the payment is verified and the order settled by the worker in between."""
    counts = {}

    def count(step, take):
        with CaptureQueriesContext(connection) as asked:
            take()
        counts[step] = len(asked)

    count("hold", lambda: hold(client, ticket_type))
    count("checkout", lambda: client.get(reverse("ticketing:checkout")))
    count("order", lambda: check_out(client))
    order = Order.objects.first()
    simulator.pay(Payment.objects.get(subject=order.reference).reference)
    settle(order)
    count("page", lambda: client.get(order.get_absolute_url()))
    return counts
