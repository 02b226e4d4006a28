"""The outbox: owed once, sent at least once, retried with patience, given up aloud."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from ticketing.domain.errors import NoTickets, TryLater
from ticketing.domain.messages import outbox
from ticketing.domain.privacy import access_links
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(clock):
    return factories.make_order()


def the_row(order, kind=DeliveryKind.TICKETS):
    return Delivery.objects.get(order=order, kind=kind)


def test_it_works(order):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    delivery = outbox.claim_delivery(owed.pk)
    outbox.record_delivery_sent(delivery, message_id="abc")
    row = the_row(order)
    assert (row.sent_at, row.message_id, row.next_attempt_at, row.last_error) == (timezone.now(), "abc", None, "")


def test_owe_twice_is_one_mail(order, django_assert_num_queries):
    first = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    outbox.record_delivery_sent(outbox.claim_delivery(first.pk))
    with django_assert_num_queries(1):
        second = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    assert second.pk == first.pk
    assert the_row(order).next_attempt_at is None


def test_owe_wakes_the_worker_after_commit(order, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.owe_delivery(order, DeliveryKind.TICKETS)
    assert len(callbacks) == 1


def test_claim_lets_one_worker_through(order):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    assert outbox.claim_delivery(owed.pk)
    assert outbox.claim_delivery(owed.pk) is None


def test_claim_of_a_stranger_is_nothing():
    assert outbox.claim_delivery(999_999) is None


def test_a_crash_while_sending_is_tried_again_after_a_minute(order, clock):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    outbox.claim_delivery(owed.pk)
    assert the_row(order).last_error == outbox.CUT_SHORT
    clock.shift(timedelta(seconds=61))
    assert outbox.claim_delivery(owed.pk).attempts == 2


def test_failures_wait_longer_each_time_and_end(order, clock):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    waits = []
    while (row := the_row(order)).next_attempt_at:
        waits.append(round((row.next_attempt_at - timezone.now()).total_seconds() / 60))
        clock.move_to(row.next_attempt_at)
        outbox.record_delivery_failure(outbox.claim_delivery(owed.pk), "503 from the provider")
    assert waits == [0, 1, 5, 15, 60, 240, 240, 480, 480, 720]
    assert (row.attempts, row.last_error, row.sent_at) == (10, "503 from the provider", None)


def test_crashes_end_too(order, clock, caplog):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    while (row := the_row(order)).next_attempt_at:
        clock.move_to(row.next_attempt_at)
        outbox.claim_delivery(owed.pk)
    assert (row.attempts, row.last_error) == (10, outbox.CUT_SHORT)
    assert "delivery.given_up" in caplog.text


def test_a_permanent_refusal_is_not_repeated(order, caplog):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    outbox.record_delivery_failure(outbox.claim_delivery(owed.pk), "no such mailbox", permanent=True)
    row = the_row(order)
    assert (row.next_attempt_at, row.last_error) == (None, "no such mailbox")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert order.buyer_email not in caplog.text


def test_resend_owes_the_tickets_again(order, clock):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    outbox.record_delivery_sent(outbox.claim_delivery(owed.pk))
    clock.shift(timedelta(seconds=60))
    outbox.resend_tickets(order)
    assert outbox.claim_delivery(owed.pk).attempts == 1


def test_resend_within_a_minute_is_refused(order, clock):
    outbox.resend_tickets(order)
    clock.shift(timedelta(seconds=59))
    with pytest.raises(TryLater):
        outbox.resend_tickets(order)


def test_resend_of_a_given_up_mail_starts_afresh(order, clock):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    outbox.record_delivery_failure(outbox.claim_delivery(owed.pk), "no such mailbox", permanent=True)
    clock.shift(timedelta(minutes=2))
    outbox.resend_tickets(order)
    assert (the_row(order).attempts, the_row(order).last_error) == (0, "")


def test_resend_during_a_sending_is_not_lost(order, clock):
    owed = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    clock.shift(timedelta(seconds=60))
    sending = outbox.claim_delivery(owed.pk)
    outbox.resend_tickets(order)
    outbox.record_delivery_sent(sending)
    assert the_row(order).sent_at == timezone.now()
    assert outbox.claim_delivery(owed.pk)


def test_resend_before_there_are_tickets_is_refused(clock):
    order = factories.make_order(state=OrderState.PENDING_VERIFICATION)
    with pytest.raises(NoTickets):
        outbox.resend_tickets(order)
    assert not Delivery.objects.exists()


def test_request_links_owes_one_mail_for_all_orders(order):
    newest = factories.make_order(buyer_email="Ana@Example.je")
    access_links.request_order_links(" ANA@example.je ")
    access_links.request_order_links("ana@example.je")
    assert list(Delivery.objects.values_list("order", "kind")) == [(newest.pk, DeliveryKind.LINKS)]


def test_links_that_are_asked_for_seldom_are_owed_at_the_end_of_the_pause(order, clock):
    order = factories.make_order(buyer_email="ana@example.je")
    access_links.request_order_links("ana@example.je", seldom=True)
    Delivery.objects.update(next_attempt_at=None)
    clock.shift(timedelta(minutes=4))
    for _time in range(3):
        access_links.request_order_links("ana@example.je", seldom=True)
    owed = Delivery.objects.get()
    assert owed.order == order
    assert owed.next_attempt_at == owed.requested_at == timezone.now() + timedelta(minutes=6)


def test_request_links_of_a_stranger_owes_nothing(order):
    access_links.request_order_links("somebody@example.je")
    assert not Delivery.objects.exists()


def test_sweep_wakes_the_worker_for_what_is_due(order, clock, django_capture_on_commit_callbacks):
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    outbox.owe_delivery(order, DeliveryKind.EXPIRY)
    with django_capture_on_commit_callbacks() as callbacks:
        assert outbox.wake_due_deliveries() == 2
    assert len(callbacks) == 2
    clock.shift(-timedelta(minutes=1))
    assert outbox.wake_due_deliveries() == 0
