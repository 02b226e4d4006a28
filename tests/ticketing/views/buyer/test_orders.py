"""The order's own page in every state, and what hangs on it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from payments.domain.verification.checkout import prepare_payment
from payments.enums import PaymentState, RefundState
from payments.models import Payment
from tests.factories import forget_edits, make_order, make_type
from tests.payments.factories import make_payment, make_refund
from tests.ticketing.views.shop import buy, hold, order_url
from ticketing.enums import DeliveryKind, OrderState, TicketState
from ticketing.models import Delivery, Order, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def free_order(client):
    return buy(client, make_type(price="0.00"), 2)


@pytest.fixture
def paid_order(client, simulator):
    return buy(client, make_type(price="12.50"), 2)


def status(client, order, **query):
    return client.get(order_url(order, "order-status"), query).json()


def test_a_completed_order_shows_each_ticket(client, free_order):
    page = client.get(order_url(free_order)).text
    assert "You’re going to Sea Shanties!" in page
    assert "1 of 2" in page
    assert "2 of 2" in page
    assert page.count("<dd>Ana Vautier</dd>") == 2
    for words in ("Add to calendar", "Download PDF", "Send the e-mail again", "ana@example.je"):
        assert words in page
    assert "http-equiv" not in page


def test_an_order_page_is_private(client, free_order):
    for name in ("order", "order-status", "order-calendar"):
        response = client.get(order_url(free_order, name))
        assert response.headers["Cache-Control"] == "no-store, private"
        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response.headers["X-Robots-Tag"]


def test_the_link_is_all_that_is_needed(free_order):
    assert Client().get(order_url(free_order)).status_code == 200


@pytest.mark.parametrize("name", ["", "status.json", "tickets.pdf", "event.ics", "qr/1.svg"])
@pytest.mark.parametrize("token", ["x", "A" * 32, "-" * 500])
def test_a_wrong_token_is_not_found(client, free_order, name, token):
    assert client.get(f"/tickets/orders/{free_order.reference}/{token}/{name}").status_code == 404


@pytest.mark.parametrize("name", ["resend", "cancel", "pay"])
def test_a_wrong_token_can_do_nothing(client, free_order, name):
    assert client.post(f"/tickets/orders/{free_order.reference}/wrong/{name}/").status_code == 404
    assert client.get(order_url(free_order, f"order-{name}")).status_code == 405


@pytest.mark.parametrize("reference", ["JE-00000000", "x", "a" * 300])
def test_an_unknown_reference_is_not_found(client, free_order, reference):
    assert client.get(f"/tickets/orders/{reference}/{free_order.token}/").status_code == 404


def test_somebody_elses_ticket_has_no_code_here(client, free_order):
    other = buy(Client(), make_type(price="0.00"), 1)
    ticket = Ticket.objects.get(line__order=other)
    assert client.get(order_url(free_order, "order-qr", ticket.pk)).status_code == 404


def test_a_pending_order_checks_and_says_not_to_pay_again(client, paid_order):
    page = client.get(order_url(paid_order)).text
    assert "We are checking your payment" in page
    assert "Please do not pay again." in page
    assert "Please keep this page open" in page
    assert "Continue to payment" in page
    assert '<noscript><meta http-equiv="refresh" content="5; url=?since=' in page


@pytest.mark.parametrize(
    ("waited", "words", "seconds"),
    [(5, "keep this page open", 5), (60, "You can close this page", 10), (300, "Your bank has not answered", 30)],
)
def test_the_words_change_with_the_time_waited(client, paid_order, waited, words, seconds):
    since = int(timezone.now().timestamp()) - waited
    assert words in status(client, paid_order, since=since)["text"]
    assert f'content="{seconds}; url=?since={since}"' in client.get(order_url(paid_order), {"since": since}).text


@pytest.mark.parametrize("since", ["", "x", "-5", "9" * 40, "٣", "9999999999"])
def test_rubbish_in_the_time_waited_means_now(client, paid_order, since):
    assert "keep this page open" in status(client, paid_order, since=since)["text"]


def test_a_look_at_a_pending_order_has_sumup_asked_soon(client, paid_order):
    later = timezone.now() + timedelta(minutes=5)
    Payment.objects.update(next_check_at=later, checked_at=None)
    client.get(order_url(paid_order))
    assert Payment.objects.get().next_check_at < later


def test_the_view_changes_when_the_state_does(client, paid_order):
    before = status(client, paid_order)
    assert before["state"] == OrderState.PENDING_VERIFICATION
    Payment.objects.update(state=PaymentState.FAILED)
    assert status(client, paid_order)["view"] != before["view"]


def test_a_paid_but_unsettled_order_says_so_and_offers_no_payment(client, paid_order):
    Payment.objects.update(state=PaymentState.PAID, paid_at=timezone.now())
    page = client.get(order_url(paid_order)).text
    assert "SumUp has confirmed your payment" in page
    assert "Continue to payment" not in page


def test_after_the_deadline_nobody_is_sent_to_pay(client, paid_order):
    with time_machine.travel(paid_order.deadline + timedelta(minutes=1), tick=False):
        page = client.get(order_url(paid_order)).text
        assert "one last time" in page
        assert "Continue to payment" not in page
        assert client.post(order_url(paid_order, "order-pay")).url == paid_order.get_absolute_url()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OrderState.FAILED, "The card was declined, no money was taken"),
        (OrderState.EXPIRED, "The time to pay is over"),
        (OrderState.CANCELLED, "Your tickets are released"),
        (OrderState.REQUIRES_MANUAL_REVIEW, "Please do not pay again."),
        (OrderState.REFUNDED, "Your order was refunded"),
    ],
)
def test_every_end_is_said_in_plain_words(client, state, words):
    order = make_order(make_type(), state=state)
    page = client.get(order_url(order))
    assert page.status_code == 200
    assert words in page.text
    assert "Add to calendar" not in page.text
    assert client.get(order_url(order, "order-pdf")).status_code == 404
    assert client.get(order_url(order, "order-calendar")).status_code == 404
    assert client.post(order_url(order, "order-pay")).url == order.get_absolute_url()


@pytest.mark.parametrize("state", [OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED])
def test_lost_seats_can_be_chosen_again(client, state):
    seat = make_type()
    page = client.get(order_url(make_order(seat, state=state)))
    assert f"/tickets/sales/{seat.sale_id}/" in page.text


def test_releasing_takes_the_checkout_back(client, paid_order):
    response = client.post(order_url(paid_order, "order-cancel"))
    assert response.status_code == 303
    assert Order.objects.get().state == OrderState.CANCELLED
    assert "Your tickets are released" in client.get(response.url).text


def test_releasing_a_completed_order_is_refused(client, free_order):
    response = client.post(order_url(free_order, "order-cancel"))
    assert response.status_code == 409
    assert "can no longer be cancelled" in response.text
    assert "You’re going to" in response.text


def test_releasing_is_refused_once_it_is_paid(client, paid_order, simulator):
    simulator.pay(Payment.objects.get().reference)
    response = client.post(order_url(paid_order, "order-cancel"))
    assert response.status_code == 409
    assert Order.objects.get().state != OrderState.CANCELLED


def test_tickets_are_sent_again_once_a_minute(client, free_order):
    Delivery.objects.update(requested_at=timezone.now() - timedelta(minutes=5), sent_at=timezone.now())
    assert client.post(order_url(free_order, "order-resend")).status_code == 303
    response = client.post(order_url(free_order, "order-resend"))
    assert response.status_code == 429
    assert "try again in a minute" in response.text
    assert Delivery.objects.filter(kind=DeliveryKind.TICKETS).count() == 1


def test_resending_nothing_is_refused(client, paid_order):
    assert client.post(order_url(paid_order, "order-resend")).status_code == 409


def test_the_order_page_points_to_what_is_left_in_the_basket(client, free_order):
    assert "There is more in your basket" not in client.get(order_url(free_order)).text
    hold(client, make_type(), 1)
    assert "There is more in your basket" in client.get(order_url(free_order)).text


@pytest.mark.parametrize("quantity", [1, 9])
def test_the_order_page_needs_few_queries(client, quantity, django_assert_num_queries):
    order = buy(client, make_type(price="0.00"), quantity)
    client.get(order_url(order))  # makes the site's settings
    forget_edits()
    client.get(order_url(order))  # what pages say alike, and what surrounds a sale, is read once after each edit
    with django_assert_num_queries(2):
        client.get(order_url(order))


def test_a_payment_not_yet_known_at_sumup_is_offered_again(client, simulator):
    seat = make_type(price="12.50")
    order = make_order(seat, state=OrderState.PENDING_VERIFICATION)
    prepare_payment(
        subject=order.reference,
        amount=order.total,
        merchant=order.merchant,
        description="Tickets",
        redirect_url=order.full_url,
        deadline=order.deadline,
    )
    assert "We could not reach SumUp just now" in client.get(order_url(order)).text
    assert client.post(order_url(order, "order-pay")).url.startswith(simulator.url)


def test_the_calendar_is_a_file(client, free_order):
    response = client.get(order_url(free_order, "order-calendar"))
    assert response.headers["Content-Type"] == "text/calendar"
    assert f'filename="{free_order.reference}.ics"' in response.headers["Content-Disposition"]
    assert response.content.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.fixture
def half_refunded():
    """One of two tickets is void, its half of the money is back."""
    order = make_order(make_type(price="12.00"))
    payment = make_payment(order.reference, amount="24.00", state=PaymentState.PAID)
    make_refund(payment, amount="12.00")
    Ticket.objects.filter(line__order=order, number=1).update(state=TicketState.VOID)
    return order


def test_a_half_refunded_order_says_what_is_still_valid(client, half_refunded):
    page = client.get(order_url(half_refunded)).text
    assert "£12.00 went back to you on" in page
    assert "1 ticket of this order is not valid any more" in page
    assert "−£12.00" in page
    assert page.count("/qr/") == 1


def test_a_void_ticket_has_no_code(client, half_refunded):
    void, valid = Ticket.objects.filter(line__order=half_refunded).order_by("number")
    assert client.get(order_url(half_refunded, "order-qr", void.pk)).status_code == 404
    assert client.get(order_url(half_refunded, "order-qr", valid.pk)).status_code == 200


def test_without_a_valid_ticket_there_is_no_pdf(client, half_refunded):
    Ticket.objects.update(state=TicketState.VOID)
    assert client.get(order_url(half_refunded, "order-pdf")).status_code == 404
    page = client.get(order_url(half_refunded)).text
    assert "Your tickets were cancelled" in page
    assert "Download PDF" not in page


@pytest.mark.parametrize("state", [OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW])
def test_a_refund_that_waits_names_the_day(client, state):
    order = make_order(make_type(price="12.00"), state=state)
    payment = make_payment(order.reference, amount="24.00", state=PaymentState.PAID)
    make_refund(payment, state=RefundState.WAITING, expected_by=date(2027, 3, 16))
    page = client.get(order_url(order)).text
    assert "A refund of £24.00 is on its way" in page
    assert "We expect it by Tue 16 March." in page


def test_who_paid_twice_keeps_the_tickets_while_a_person_looks(client):
    order = make_order(make_type(price="12.00"))
    Order.objects.update(state=OrderState.REQUIRES_MANUAL_REVIEW)
    page = client.get(order_url(order)).text
    assert "Your tickets stay valid" in page
    assert page.count("/qr/") == 2
    for name in ("order-pdf", "order-calendar"):
        assert client.get(order_url(order, name)).status_code == 200


@pytest.mark.parametrize("state", [OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED])
def test_late_money_that_went_back_is_not_denied(client, state):
    order = make_order(make_type(price="12.00"), state=state)
    make_refund(make_payment(order.reference, amount="24.00", state=PaymentState.PAID))
    page = client.get(order_url(order)).text
    assert "£24.00 went back to you" in page
    assert "no money was taken" not in page
