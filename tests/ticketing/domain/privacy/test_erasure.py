"""Erasing a person: nothing of them is left anywhere, not one figure moves, and what is still needed waits."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail as django_mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from wagtail.log_actions import log

from events_pages.enums import PerformanceStatus
from payments.domain.refunds import execution
from payments.domain.verification import payment_checks
from payments.enums import DiscrepancyKind, PaymentState, RefundState
from payments.models import Alert, Discrepancy, Payment
from tests.factories import make_event, make_order, make_sale, make_type
from tests.payments.factories import make_payment, make_refund
from tests.ticketing.views.shop import buy, hold
from ticketing import mail
from ticketing.domain.accounting import statements
from ticketing.domain.errors import NothingHeld, PersonErased
from ticketing.domain.messages import outbox
from ticketing.domain.orders import fulfilment, refunds
from ticketing.domain.privacy import erasure
from ticketing.enums import DeliveryKind, ErasureKind, OrderState, TicketState
from ticketing.models import Basket, Delivery, Erasure, Order, OrderRefund, Ticket

pytestmark = pytest.mark.django_db

EMAIL = "Ana.Vautier@example.je"
NAME = "Ana Vautier"
ADDRESS = "203.0.113.7"


def make_past_type(days=2):
    return make_type(make_sale(make_event(starts_at=timezone.now() - timedelta(days=days))), price="12.50")


@pytest.fixture
def over():
    """An order of a performance that is over."""
    return make_order(make_past_type(), buyer_name=NAME, buyer_email=EMAIL, accepted_from=ADDRESS)


@pytest.fixture
def coming():
    return make_order(make_type(), buyer_name=NAME, buyer_email=EMAIL)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def traces(*words):
    """(table, word) for every row of every table of the database that has one of the words in it."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            text = " ".join(str(value) for row in cursor.fetchall() for value in row).casefold()
            found |= {(table, word) for word in words if word.casefold() in text}
    return found


def test_it_works(over):
    certificate = erasure.erase_person(EMAIL.upper())
    order = fresh(over)
    assert (order.buyer_name, order.buyer_email, order.accepted_from) == ("", "", None)
    assert order.erased_at
    assert (order.reference, order.state, order.total) == (over.reference, OrderState.COMPLETED, 25)
    assert (certificate.kind, certificate.orders, certificate.tickets) == (ErasureKind.REQUEST, 1, 2)


def buy_and_pay(client, ticket_type, simulator):
    order = buy(client, ticket_type, 2, name=NAME, email=EMAIL)
    payment = Payment.objects.get(subject=order.reference)
    simulator.pay(payment.reference)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    fulfilment.settle_order(order.reference)
    return fresh(order)


def send_what_is_owed():
    for delivery in outbox.list_due_deliveries(timezone.now()):
        mail.deliver_owed_mail(delivery.pk)


def test_no_trace_is_left_anywhere(simulator):
    """A whole story of one buyer, with all who may have written a name down. Then not a word of it is found."""
    staff = get_user_model().objects.create_superuser("carol")
    adult, client = make_type(price="12.50"), Client(REMOTE_ADDR=ADDRESS)
    order = buy_and_pay(client, adult, simulator)
    client.post("/tickets/find/", {"email": EMAIL})
    client.post("/tickets/my-data/", {"email": EMAIL})
    send_what_is_owed()
    assert len(django_mail.outbox) == 3
    Delivery.objects.update(outcome_reason=f"550 <{EMAIL}> unknown", last_error=f"refused by {EMAIL}")
    log(order, "wagtail.edit", user=staff, data={"said": [f"Mrs VAUTIER ({EMAIL}) rang"]})
    refunds.request_order_refund(order, by=staff, reason=f"{NAME} is ill, write to {EMAIL}")
    execution.execute_due_refunds()
    fulfilment.settle_due_orders()
    Order.objects.update(review_reason=f"Asked by {NAME.upper()}")
    Alert.objects.create(key="x", title="Look", text=f"says {NAME}", path=f"/admin/orders/inspect/{order.pk}/")
    hold(client, adult, 1)
    client.post("/tickets/checkout/", {"name": NAME, "email": EMAIL})
    old_link = order.get_absolute_url()
    figures = order_figures(order)
    assert fresh(order).state == OrderState.REFUNDED
    assert len(traces(EMAIL, "Vautier", order.token)) > 8

    erasure.erase_person(EMAIL)
    send_what_is_owed()

    assert traces(EMAIL, NAME, "Vautier", ADDRESS) == set()
    assert order_figures(order) == figures
    assert client.get(old_link).status_code == 404
    assert "[erased] is ill, write to [erased]" in {row.reason for row in OrderRefund.objects.all()}
    assert len(django_mail.outbox) == 3  # not even the mail about the refund, which was owed


def order_figures(order):
    order.refresh_from_db()
    lines = [(line.total, line.quantity, line.allocated, line.event_title) for line in order.lines.all()]
    return order.reference, order.state, order.total, order.accepted_at, order.terms_version, lines


def test_the_statement_reads_the_same(over):
    page = over.lines.get().sale.page
    before = statements.build_statement(page)
    erasure.erase_person(EMAIL)
    after = statements.build_statement(page)
    assert (after.rows, after.total) == (before.rows, before.total)


def test_what_is_needed_for_an_event_to_come_waits(over, coming):
    certificate = erasure.erase_person(EMAIL)
    assert fresh(over).erased_at
    assert fresh(coming).buyer_email == EMAIL
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert erasure.finish_erasure_requests() == 1
    assert not fresh(coming).buyer_email
    assert fresh(certificate).orders == 2


def test_a_postponed_event_is_still_to_come(over):
    type(over.lines.get().sale.performance).objects.update(status=PerformanceStatus.POSTPONED)
    erasure.erase_person(EMAIL)
    assert fresh(over).buyer_email


def test_void_tickets_keep_nobody(coming):
    Ticket.objects.update(state=TicketState.VOID)
    erasure.erase_person(EMAIL)
    assert fresh(coming).erased_at


@pytest.mark.parametrize("state", [OrderState.PENDING_VERIFICATION, OrderState.REQUIRES_MANUAL_REVIEW])
def test_an_undecided_order_waits(over, state):
    Order.objects.update(state=state)
    erasure.erase_person(EMAIL)
    assert fresh(over).buyer_email


@pytest.mark.parametrize("what", ["payment", "refund", "refused refund", "discrepancy"])
def test_open_money_waits(over, what):
    payment = make_payment(over.reference, state=PaymentState.PAID, next_check_at=None)
    if what == "payment":
        Payment.objects.update(state=PaymentState.EXPIRED, next_check_at=timezone.now())
    elif what == "refund":
        make_refund(payment, state=RefundState.SENT)
    elif what == "refused refund":
        refund = make_refund(payment, state=RefundState.FAILED)
        OrderRefund.objects.create(order=over, refund=refund, reason="ill")
    else:
        fields = {"kind": DiscrepancyKind.AMOUNT, "key": "1", "day": timezone.localdate(), "sentence": "differs"}
        Discrepancy.objects.create(merchant=payment.merchant, payment=payment, **fields)
    [(order, why)] = erasure.plan_erasure(EMAIL).later
    assert why
    erasure.erase_person(EMAIL)
    assert fresh(order).buyer_email


def test_money_that_came_to_rest_holds_nobody(over):
    payment = make_payment(over.reference, state=PaymentState.PAID, next_check_at=None)
    OrderRefund.objects.create(order=over, refund=make_refund(payment), reason="x", applied_at=timezone.now())
    erasure.erase_person(EMAIL)
    assert fresh(over).erased_at


def test_erasing_again_changes_nothing(over):
    first = erasure.erase_person(EMAIL)
    token = fresh(over).token
    assert erasure.erase_person(EMAIL) == first
    assert fresh(over).token == token
    assert Erasure.objects.get().orders == 1


def test_who_buys_again_is_known_again(over):
    first = erasure.erase_person(EMAIL)
    again = make_order(make_past_type(), buyer_email=EMAIL)
    assert erasure.finish_erasure_requests() == 0
    assert fresh(again).buyer_email
    assert erasure.erase_person(EMAIL) != first


def test_nobody_known_is_said():
    with pytest.raises(NothingHeld):
        erasure.erase_person("nobody@example.je")
    with pytest.raises(NothingHeld):
        erasure.erase_person("")
    assert not Erasure.objects.exists()


def test_others_stay(over):
    other = make_order(make_past_type(), buyer_email="bob@example.je")
    erasure.erase_person(EMAIL)
    assert fresh(other).buyer_email == "bob@example.je"


def test_the_certificate_answers_whoever_asks_with_the_address(over, settings):
    erasure.erase_person(EMAIL)
    assert erasure.find_certificate(EMAIL.lower())
    assert not erasure.find_certificate("bob@example.je")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert erasure.find_certificate(EMAIL)
    settings.SECRET_KEY_FALLBACKS = []
    assert not erasure.find_certificate(EMAIL)


def test_a_kill_between_batches_is_made_good_by_night(over, monkeypatch):
    second = make_order(make_past_type(), buyer_email=EMAIL)
    monkeypatch.setattr(erasure, "BATCH", 1)
    scrub, calls = erasure._redact_sentences, []

    def die(orders):
        calls.append(orders)
        if len(calls) == 2:
            raise KeyboardInterrupt
        scrub(orders)

    monkeypatch.setattr(erasure, "_redact_sentences", die)
    with pytest.raises(KeyboardInterrupt):
        erasure.erase_person(EMAIL)
    assert (bool(fresh(over).erased_at), bool(fresh(second).erased_at)) == (True, False)
    assert erasure.finish_erasure_requests() == 1
    assert Erasure.objects.get().orders == 2


def test_a_backup_that_brings_somebody_back_is_erased_again(over):
    erasure.erase_person(EMAIL)
    Order.objects.update(buyer_email=EMAIL, buyer_name=NAME, erased_at=None)
    assert erasure.finish_erasure_requests() == 1
    assert traces(EMAIL) == set()


def test_a_mail_owed_later_goes_to_nobody_and_staff_hear_of_it(over):
    erasure.erase_person(EMAIL)
    order = fresh(over)
    outbox.owe_delivery_again(order, DeliveryKind.REFUND)
    send_what_is_owed()
    delivery = Delivery.objects.get()
    assert (delivery.sent_at, delivery.next_attempt_at, delivery.last_error) == (None, None, outbox.PERSON_WAS_ERASED)
    assert Alert.objects.get().title == f"Order {order.reference}: nobody to write to"
    assert django_mail.outbox == []
    with pytest.raises(PersonErased):
        outbox.resend_tickets(order)


def test_an_answer_that_comes_after_the_erasure_is_not_written_down(over):
    delivery = outbox.owe_delivery(over, DeliveryKind.TICKETS)
    sending = outbox.claim_delivery(delivery.pk)
    erasure.erase_person(EMAIL)
    outbox.record_delivery_failure(sending, f"refused {EMAIL}")
    outbox.record_delivery_sent(sending, message_id="leads-to-ana")
    delivery.refresh_from_db()
    assert (delivery.last_error, delivery.message_id) == (outbox.PERSON_WAS_ERASED, "")


def test_money_goes_back_after_the_erasure_too(simulator):
    order = buy_and_pay(Client(), make_type(price="12.50"), simulator)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        erasure.erase_person(EMAIL)
        refunds.request_order_refund(fresh(order), by=None, reason="The singer was ill")
        execution.execute_due_refunds()
        fulfilment.settle_due_orders()
        assert fresh(order).state == OrderState.REFUNDED
        mail.deliver_owed_mail(Delivery.objects.get(kind=DeliveryKind.REFUND).pk)
    assert "erased" in Delivery.objects.get(kind=DeliveryKind.REFUND).last_error


def test_seats_in_a_basket_stay_held(client):
    adult = make_type()
    hold(client, adult, 2)
    client.post("/tickets/checkout/", {"name": NAME, "email": EMAIL})
    erasure.erase_person(EMAIL)
    basket = Basket.objects.get()
    assert (basket.buyer_name, basket.buyer_email, basket.address) == ("", "", None)
    assert basket.lines.get().expires_at
    assert Erasure.objects.get().baskets == 1


def test_a_request_outlives_an_older_copy_of_the_data(over):
    """The backup is from before the request: neither the erasure nor its certificate is in it."""
    asked_at = erasure.erase_person(EMAIL).at
    asked = erasure.list_erasure_requests()
    Erasure.objects.all().delete()
    Order.objects.update(buyer_email=EMAIL, erased_at=None)
    assert erasure.repeat_erasure_requests(asked) == 1
    assert fresh(over).erased_at
    assert Erasure.objects.get().at == asked_at
    assert erasure.repeat_erasure_requests(asked) == 0
    assert Erasure.objects.count() == 1


def test_an_erased_address_is_known_by_every_spelling(over):
    Order.objects.filter(pk=over.pk).update(buyer_email="ana@xn--bcher-kva.example")
    certificate = erasure.erase_person("ANA@bücher.example")
    assert fresh(over).erased_at
    assert erasure.find_certificate("ana@xn--bcher-kva.example\u200b") == certificate
    assert erasure.find_certificate("Ana <ana@BÜCHER.example>") == certificate


def test_a_request_notes_what_it_had_to_leave(over, coming):
    certificate = erasure.erase_person(EMAIL)
    assert certificate.waiting == [coming.pk]
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert erasure.finish_erasure_requests(noted_only=True) == 1
    assert fresh(certificate).waiting == []


def test_a_request_of_older_code_is_looked_for_in_all_orders_once(over, coming):
    certificate = erasure.erase_person(EMAIL)
    Erasure.objects.update(waiting=None)
    assert erasure.finish_erasure_requests(noted_only=True) == 0
    assert fresh(certificate).waiting == [coming.pk]
