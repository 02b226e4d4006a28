"""Tickets that came back: the buyer, who holds the order's link, or staff give the right address."""

import pytest
from django.core import mail as django_mail
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry

from tests.factories import make_event, make_order, make_order_line, make_sale, make_type
from tests.stories import make_staff
from ticketing import mail
from ticketing.domain.errors import TryLater
from ticketing.domain.messages import address_correction
from ticketing.enums import DeliveryKind, DeliveryOutcome, OrderState
from ticketing.models import Delivery, Ticket

pytestmark = pytest.mark.django_db

REASON = {"reason": "She rang: a letter was missing."}


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
    delivery = order.deliveries.get(kind=DeliveryKind.TICKETS)
    assert delivery.next_attempt_at
    assert (delivery.outcome, delivery.message_id) == ("", "")
    text = client.get(order.get_absolute_url()).content.decode()
    assert "came back" not in text
    entry = registry.get_logs_for_instance(order).get(action=address_correction.LOG_ACTION)
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
    order.refresh_from_db()
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
    assert client.post(address, {"email": "ana@example.je", **REASON}).status_code == 302
    order.refresh_from_db()
    assert order.buyer_email == "ana@example.je"
    assert registry.get_logs_for_instance(order).get(action=address_correction.LOG_ACTION).user == ana
    assert "E-mail address corrected" in client.get(reverse("orders:inspect", args=[order.pk])).content.decode()


def test_staff_of_another_event_correct_nothing(client):
    order, other = make_sent(), make_sent()
    client.force_login(make_staff("ben", other.lines.get().sale.page))
    client.post(reverse("order_desk:address", args=[order.pk]), {"email": "ben@example.je", **REASON})
    order.refresh_from_db()
    assert order.buyer_email == "ana@exmaple.je"


def send_all(order):
    for delivery in order.deliveries.filter(next_attempt_at__isnull=False):
        mail.deliver_owed_mail(delivery.pk)
    return {message.to[0]: message for message in django_mail.outbox}


def test_the_former_address_is_told_without_the_new_one_or_the_way_in(client):
    order = make_sent(DeliveryOutcome.DELIVERED)
    client.force_login(make_staff("ana", order.lines.get().sale.page))
    client.post(reverse("order_desk:address", args=[order.pk]), {"email": "new@example.je", **REASON})
    order.refresh_from_db()
    sent = send_all(order)
    assert set(sent) == {"ana@exmaple.je", "new@example.je"}
    told = sent["ana@exmaple.je"]
    words = f"{told.subject} {told.body} {told.alternatives[0].content}"
    assert "has another e-mail address" in told.subject
    assert "new@example.je" not in words
    assert order.token not in words
    assert not told.attachments
    assert told.reply_to == ["alerts@example.je"], "not to the organiser, who may be the one who changed it"
    assert not order.deliveries.exclude(recipient="").exists(), "once told, it is forgotten"


def test_a_changed_address_turns_the_link(client):
    order = make_sent()
    before = order.get_absolute_url()
    response = correct(client, order)
    order.refresh_from_db()
    assert response["Location"] == order.get_absolute_url() != before
    assert client.get(before).status_code == 404
    assert client.get(response["Location"]).status_code == 200


def test_staff_say_why_and_the_audit_keeps_it(client):
    order = make_sent(DeliveryOutcome.DELIVERED)
    client.force_login(make_staff("ana", order.lines.get().sale.page))
    refused = client.post(reverse("order_desk:address", args=[order.pk]), {"email": "new@example.je"})
    assert refused.status_code == 422
    assert "Please say why" in refused.text
    client.post(reverse("order_desk:address", args=[order.pk]), {"email": "new@example.je", **REASON})
    entry = registry.get_logs_for_instance(order).get(action=address_correction.LOG_ACTION)
    assert entry.data["reason"] == REASON["reason"]
    assert REASON["reason"] in client.get(reverse("orders:inspect", args=[order.pk])).text


def test_nobody_is_left_untold_by_a_second_change(client):
    order = make_sent(DeliveryOutcome.DELIVERED)
    ana = make_staff("ana", order.lines.get().sale.page)
    address_correction.correct_address(order, "new@example.je", by=ana, reason="x")
    with pytest.raises(TryLater):
        address_correction.correct_address(order, "newer@example.je", by=ana, reason="x")
    send_all(order)
    address_correction.correct_address(order, "newer@example.je", by=ana, reason="x")
    assert set(send_all(order)) >= {"ana@exmaple.je", "new@example.je", "newer@example.je"}


def test_the_same_address_in_capitals_tells_nobody():
    order = make_sent(DeliveryOutcome.BOUNCED)
    address_correction.correct_address(order, "Ana@Exmaple.je")
    assert not order.deliveries.filter(kind=DeliveryKind.ADDRESS_CHANGED).exists()


def test_a_line_of_an_order_is_not_the_order(client):
    """Tickets of two organisers: neither turns the other's tickets to another address, nor reads their codes."""
    order = make_sent(DeliveryOutcome.DELIVERED)
    make_order_line(order, make_type(make_sale(make_event("Bens Night")), name="Balcony"))
    mine, foreign = Ticket.objects.filter(line__order=order).order_by("line_id")[:: order.lines.first().quantity][:2]
    client.force_login(make_staff("ana", order.lines.first().sale.page, "refund_order"))
    shown = client.get(reverse("orders:inspect", args=[order.pk])).text
    assert mine.code in shown
    assert "of another organiser" in shown
    assert not any(words in shown for words in (foreign.code, "Balcony", "Bens Night"))
    for action in ("address", "resend"):
        address = reverse(f"order_desk:{action}", args=[order.pk])
        assert address not in shown
        client.post(address, {"email": "mine@example.je", **REASON})
    order.refresh_from_db()
    assert order.buyer_email == "ana@exmaple.je"
    assert not order.deliveries.filter(next_attempt_at__isnull=False).exists()


def test_an_administrator_may_for_everybody(client, admin_client):
    order = make_sent(DeliveryOutcome.DELIVERED)
    make_order_line(order, make_type(make_sale(make_event("Bens Night"))))
    admin_client.post(reverse("order_desk:address", args=[order.pk]), {"email": "new@example.je", **REASON})
    order.refresh_from_db()
    assert order.buyer_email == "new@example.je"
