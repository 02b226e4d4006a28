"""Tickets that came back: the buyer, who holds the order's link, or staff give the right address."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry

from tests.factories import make_order
from tests.ticketing.test_desk import make_staff
from ticketing.domain import addresses
from ticketing.enums import DeliveryKind, DeliveryOutcome, OrderState
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db


def make_sent(outcome=DeliveryOutcome.BOUNCED, **fields):
    order = make_order(buyer_email="ana@exmaple.je", **fields)
    now = timezone.now()
    Delivery.objects.create(
        order=order,
        kind=DeliveryKind.TICKETS,
        requested_at=now,
        sent_at=now,
        message_id="<m1@example.je>",
        outcome=outcome,
        outcome_at=now,
        outcome_reason="550 unknown",
    )
    return order


def correct(client, order, email="ana@example.je", **more):
    address = reverse("ticketing:order-address", args=[order.reference, order.token])
    return client.post(address, {"email": email, **more})


def test_the_order_says_that_the_mail_came_back_and_takes_the_right_address(client):
    order = make_sent()
    text = client.get(order.get_absolute_url()).content.decode()
    assert "Our e-mail to ana@exmaple.je came back" in text
    assert "Sent to" not in text
    assert correct(client, order).status_code == 303
    order.refresh_from_db()
    assert order.buyer_email == "ana@example.je"
    delivery = order.deliveries.get()
    assert delivery.next_attempt_at
    assert (delivery.outcome, delivery.message_id) == ("", "")
    text = client.get(order.get_absolute_url()).content.decode()
    assert "came back" not in text
    entry = registry.get_logs_for_instance(order).get(action=addresses.LOG_ACTION)
    assert "example.je" not in str(entry.data)


def test_it_is_asked_about_once_when_doubtful_and_refused_when_wrong(client):
    order = make_sent()
    assert correct(client, order, "no address").status_code == 422
    doubtful = correct(client, order, "ana@gmial.com")
    assert doubtful.status_code == 422
    assert "Did you mean ana@gmail.com" in doubtful.content.decode()
    assert correct(client, order, "ana@gmial.com", insisted="ana@gmial.com").status_code == 303


@pytest.mark.parametrize(
    "outcome", ["", DeliveryOutcome.DELIVERED, DeliveryOutcome.DELAYED, DeliveryOutcome.COMPLAINED]
)
def test_without_a_bounce_the_link_changes_no_address(client, outcome):
    order = make_sent(outcome)
    assert "came back" not in client.get(order.get_absolute_url()).content.decode()
    assert correct(client, order).status_code == 409
    order.refresh_from_db()
    assert order.buyer_email == "ana@exmaple.je"


def test_each_bounce_is_good_for_one_correction(client):
    order = make_sent()
    correct(client, order)
    assert correct(client, order, "stranger@example.je").status_code == 409


def test_an_erased_or_unpaid_order_takes_none(client):
    assert correct(client, make_sent(erased_at=timezone.now())).status_code == 409
    assert correct(client, make_sent(state=OrderState.EXPIRED)).status_code == 409


def test_a_stranger_changes_nothing(client):
    order = make_sent()
    assert client.post(f"/tickets/orders/{order.reference}/guess/address/", {"email": "x@y.je"}).status_code == 404


def test_staff_who_may_see_the_order_correct_it_at_any_time(client):
    order = make_sent(DeliveryOutcome.DELIVERED)
    page = order.lines.get().sale.page
    ana = make_staff("ana", page)
    client.force_login(ana)
    inspected = client.get(reverse("orders:inspect", args=[order.pk])).content.decode()
    address = reverse("order_desk:address", args=[order.pk])
    assert address in inspected
    assert "delivered" in inspected
    assert client.get(address).status_code == 200
    assert client.post(address, {"email": "wrong"}).status_code == 422
    assert client.post(address, {"email": "ana@example.je"}).status_code == 302
    order.refresh_from_db()
    assert order.buyer_email == "ana@example.je"
    assert registry.get_logs_for_instance(order).get(action=addresses.LOG_ACTION).user == ana
    assert "E-mail address corrected" in client.get(reverse("orders:inspect", args=[order.pk])).content.decode()


def test_staff_of_another_event_correct_nothing(client):
    order, other = make_sent(), make_sent()
    client.force_login(make_staff("ben", other.lines.get().sale.page))
    client.post(reverse("order_desk:address", args=[order.pk]), {"email": "ben@example.je"})
    order.refresh_from_db()
    assert order.buyer_email == "ana@exmaple.je"
