"""From basket to order: what is copied, what is refused, and that a repeated form changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events_pages.enums import PerformanceStatus
from payments.enums import PaymentState
from payments.models import Payment
from tests.factories import make_event, make_merchant, make_sale, make_type, make_wish
from tests.stories import hold_tickets, order_basket
from ticketing.domain.errors import HoldExpired, LimitExceeded, NotCancellable, NothingToOrder, NotOnSale
from ticketing.domain.orders import order_links, placement
from ticketing.domain.stock import allocation, basket_contents, holds
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import BasketLine, Order, Ticket

# Placing


def test_place_order_of_free_tickets_completes_at_once(db):
    adult = make_type(price="0.00")
    order = order_basket(hold_tickets(adult))
    assert order.state == OrderState.COMPLETED
    assert order.merchant is None
    assert Ticket.objects.filter(line__order=order, sale=adult.sale, holder_name="Ana Vibert").count() == 2
    assert [delivery.kind for delivery in order.deliveries.all()] == [DeliveryKind.TICKETS]
    assert not Payment.objects.exists()
    assert allocation.audit_counters() == []


def test_place_order_of_paid_tickets_waits_for_the_money(db):
    adult = make_type(price="12.50")
    order = order_basket(hold_tickets(adult))
    payment = Payment.objects.get(subject=order.reference)
    assert order.state == OrderState.PENDING_VERIFICATION
    assert (order.total, order.merchant.merchant_code) == (Decimal("25.00"), "MDEMO001")
    assert (payment.state, payment.amount, payment.deadline) == (PaymentState.CREATED, order.total, order.deadline)
    assert payment.redirect_url == order.full_url
    assert not Ticket.objects.exists()
    assert not BasketLine.objects.exists()
    assert allocation.audit_counters() == []


def test_place_order_copies_what_was_bought(db):
    page = make_event("Ballet")
    sale = make_sale(page, name="Matinee", fee_policy="pass_on", booking_fee=Decimal("1.00"))
    line = order_basket(hold_tickets(make_type(sale, name="Child", price="8.00"))).lines.get()
    assert (line.event_title, line.sale_name, line.type_name) == ("Ballet", "Matinee", "Child")
    assert (line.unit_price, line.unit_fee, line.quantity, line.allocated) == (9, 1, 2, 2)
    assert (line.starts_at, line.venue) == (sale.starts_at, page.place)


def test_place_order_keeps_the_price_of_the_hold(db):
    adult = make_type(price="12.00")
    basket = hold_tickets(adult)
    adult.price = Decimal("20.00")
    adult.save()
    assert order_basket(basket).total == Decimal("24.00")


def test_place_order_keeps_terms_and_address(db):
    order = order_basket(hold_tickets(make_type(price="0.00")), ip="192.0.2.1")
    assert (order.terms_version, order.accepted_from) == ("2026-01", "192.0.2.1")


def test_deadline_is_the_later_of_hold_and_fifteen_minutes(db, settings):
    settings.HOLD_MINUTES = 40
    basket = hold_tickets(make_type())
    assert order_basket(basket).deadline > timezone.now() + timedelta(minutes=39)
    settings.HOLD_MINUTES = 1
    basket = hold_tickets(make_type())
    assert order_basket(basket).deadline > timezone.now() + timedelta(minutes=14)


def test_free_and_paid_of_one_merchant_go_together(db):
    sale = make_sale()
    order = order_basket(hold_tickets(make_type(sale, price="0.00"), make_type(sale, price="5.00")))
    assert (order.state, order.lines.count(), order.total) == (OrderState.PENDING_VERIFICATION, 2, Decimal("10.00"))


def test_one_order_per_merchant(db):
    theirs = make_type(make_sale(merchant=make_merchant("MTHEIRS", "Theirs")))
    basket = hold_tickets(make_type(), theirs)
    keys = [group.key for group in basket_contents.read_basket(basket, timezone.now()).groups]
    assert keys == ["site", "MTHEIRS"]
    first, second = order_basket(basket, "site"), order_basket(basket, "MTHEIRS")
    assert (first.merchant.merchant_code, second.merchant.merchant_code) == ("MDEMO001", "MTHEIRS")
    assert first.lines.count() == second.lines.count() == 1


def test_site_merchant_named_on_the_sale_is_the_same_group(db):
    basket = hold_tickets(make_type(), make_type(make_sale(merchant=make_merchant("MDEMO001"))))
    assert len(basket_contents.read_basket(basket, timezone.now()).groups) == 1


# Repeating


def test_a_repeated_form_returns_the_same_order(db):
    basket = hold_tickets(make_type())
    assert order_basket(basket) == order_basket(basket)
    assert Order.objects.count() == Payment.objects.count() == 1


def test_a_repeated_form_returns_the_order_of_its_own_merchant(db):
    theirs = make_type(make_sale(merchant=make_merchant("MTHEIRS", "Theirs")))
    basket = hold_tickets(make_type(price="0.00"), theirs)
    first, second = order_basket(basket, "site"), order_basket(basket, "MTHEIRS")
    assert order_basket(basket, "site") == first
    assert order_basket(basket, "MTHEIRS") == second


def test_the_same_basket_may_buy_again(db):
    adult = make_type()
    basket = hold_tickets(adult)
    first = order_basket(basket)
    assert order_basket(hold_tickets(adult, basket=basket)) != first


def test_a_taken_reference_is_tried_again_with_another(db, monkeypatch):
    references = iter(["JE-AAAAAAAA", "JE-AAAAAAAA", "JE-BBBBBBBB"])
    monkeypatch.setattr(placement, "generate_reference", lambda: next(references))
    order_basket(hold_tickets(make_type(price="0.00")))
    assert order_basket(hold_tickets(make_type(price="0.00"))).reference == "JE-BBBBBBBB"


# Refusing


def test_nothing_to_order(db):
    with pytest.raises(NothingToOrder):
        order_basket(holds.create_basket())


def test_a_foreign_group_is_nothing_to_order(db):
    with pytest.raises(NothingToOrder):
        order_basket(hold_tickets(make_type()), "MNOBODY")


def test_a_basket_that_is_gone_is_nothing_to_order(db):
    basket = hold_tickets(make_type())
    holds.empty_basket(basket)
    basket.delete()
    basket.pk = 1_000_000
    with pytest.raises(NothingToOrder):
        order_basket(basket)


def test_seats_that_went_back_are_refused(db):
    wish = make_wish(make_type())
    with pytest.raises(HoldExpired):
        order_basket(wish.basket)


def test_an_ended_hold_that_nobody_reclaimed_still_counts(db):
    adult = make_type()
    basket = hold_tickets(adult)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert order_basket(basket).lines.get().allocated == 2
    assert allocation.audit_counters() == []


def test_an_ended_hold_is_refused_once_sales_have_closed(db):
    adult = make_type(make_sale(closes_at=timezone.now() + timedelta(minutes=10)))
    basket = hold_tickets(adult)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)), pytest.raises(NotOnSale):
        order_basket(basket)


def test_a_hold_made_in_time_may_finish_after_sales_have_closed(db):
    adult = make_type(make_sale(closes_at=timezone.now() + timedelta(minutes=10)))
    basket = hold_tickets(adult)
    with time_machine.travel(timezone.now() + timedelta(minutes=12)):
        assert order_basket(basket).state == OrderState.PENDING_VERIFICATION


@pytest.mark.parametrize("status", [PerformanceStatus.CANCELLED, PerformanceStatus.POSTPONED])
def test_a_stopped_event_is_refused_whatever_is_held(db, status):
    adult = make_type()
    basket = hold_tickets(adult)
    adult.sale.performance.status = status
    adult.sale.performance.save()
    with pytest.raises(NotOnSale):
        order_basket(basket)
    assert basket.lines.get().quantity == 2


@pytest.mark.parametrize("stop", [{"is_active": False}, {"max_per_order": 1}])
def test_a_stopped_or_narrowed_sale_is_refused(db, stop):
    adult = make_type()
    basket = hold_tickets(adult)
    type(adult.sale).objects.filter(pk=adult.sale_id).update(**stop)
    with pytest.raises((NotOnSale, LimitExceeded)):
        order_basket(basket)
    assert not Order.objects.exists()


def test_paid_tickets_need_somebody_to_be_paid(db, settings):
    basket = hold_tickets(make_type())
    settings.SUMUP_API_KEY = ""
    with pytest.raises(NotOnSale):
        order_basket(basket)
    assert basket.lines.get().expires_at


# Finding


def test_find_by_reference_and_token(db):
    order = order_basket(hold_tickets(make_type(price="0.00")))
    assert order_links.find_order_by_link(order.reference, order.token) == order


@pytest.mark.parametrize("token", ["", "x", "ü", "x" * 1000])
def test_find_refuses_a_wrong_token(db, token):
    order = order_basket(hold_tickets(make_type(price="0.00")))
    assert order_links.find_order_by_link(order.reference, token) is None
    assert order_links.find_order_by_link("JE-NOBODY", order.token) is None


# Cancelling and paying


def test_cancel_gives_the_seats_back_once(transactional_db, simulator):
    adult = make_type()
    order = order_basket(hold_tickets(adult))
    placement.cancel_order(order)
    adult.refresh_from_db()
    assert (order.state, adult.allocated) == (OrderState.CANCELLED, 0)
    assert Payment.objects.get().closed_at
    with pytest.raises(NotCancellable):
        placement.cancel_order(order)
    assert allocation.audit_counters() == []


def test_cancel_is_refused_once_it_is_paid(transactional_db, simulator):
    order = order_basket(hold_tickets(make_type()))
    placement.start_or_resume_payment(order)
    simulator.pay(Payment.objects.get().reference)
    with pytest.raises(NotCancellable):
        placement.cancel_order(order)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED


def test_cancel_is_refused_while_sumup_does_not_answer(transactional_db, simulator):
    order = order_basket(hold_tickets(make_type()))
    placement.start_or_resume_payment(order)
    simulator.stop()
    try:
        with pytest.raises(NotCancellable):
            placement.cancel_order(order)
    finally:
        simulator.start()
    order.refresh_from_db()
    assert order.state == OrderState.PENDING_VERIFICATION


def test_pay_url_starts_the_checkout_once(transactional_db, simulator):
    order = order_basket(hold_tickets(make_type()))
    url = placement.start_or_resume_payment(order)
    assert url.startswith(simulator.url)
    assert placement.start_or_resume_payment(order) == url
    assert Payment.objects.count() == 1


def test_pay_url_makes_a_fresh_attempt_when_the_last_is_dead(transactional_db, simulator):
    order = order_basket(hold_tickets(make_type()))
    placement.start_or_resume_payment(order)
    Payment.objects.update(state=PaymentState.EXPIRED, closed_at=timezone.now())
    assert placement.start_or_resume_payment(order)
    assert Payment.objects.count() == 2


def test_pay_url_is_empty_when_there_is_nothing_to_pay(transactional_db, simulator):
    free = order_basket(hold_tickets(make_type(price="0.00")))
    late = order_basket(hold_tickets(make_type()))
    assert placement.start_or_resume_payment(free) == ""
    with time_machine.travel(late.deadline):
        assert placement.start_or_resume_payment(late) == ""


# Speed


@pytest.mark.postgres
def test_a_free_purchase_takes_few_statements(transactional_db):
    adult = make_type(price="0.00")
    order_basket(hold_tickets(adult))  # fills what is cached for good, such as content types
    with CaptureQueriesContext(connection) as holding:
        basket = hold_tickets(adult)
    with CaptureQueriesContext(connection) as ordering:
        order_basket(basket)
    # BEGIN, seats, basket with line, COMMIT; lines, BEGIN, claim, order with line, ticket and entry, mail owed, COMMIT
    assert (len(holding), len(ordering)) == (4, 7)
