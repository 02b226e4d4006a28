"""Everybody's money back: each order once, whatever happens in between."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from events_pages.enums import PerformanceStatus
from payments.enums import MovementKind
from payments.models import Movement, Refund
from tests.factories import make_event, make_merchant, make_order, make_order_line, make_sale, make_type
from tests.payments.factories import make_refund
from tests.stories import make_paid_order, pay_in_full
from ticketing.domain.orders import batch_refunds, refunds
from ticketing.enums import BatchState, OrderState, TicketState
from ticketing.models import OrderRefund, RefundBatch, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale():
    return make_sale(make_event(status=PerformanceStatus.CANCELLED))


@pytest.fixture
def kind(sale):
    return make_type(sale, price="12.00")


def carried_out(sale):
    """A batch whose worker has done its part."""
    batch = batch_refunds.start_batch(sale, by=None, reason="Storm.")
    after = 0
    while after is not None:
        after = batch_refunds.request_next_refunds(batch.pk, after=after)
    batch.refresh_from_db()
    return batch


def test_it_works(sale, kind):
    orders = [make_paid_order(kind) for _ in range(3)]
    batch = carried_out(sale)
    assert batch.state == BatchState.DONE
    assert batch.finished_at
    assert {refund.subject for refund in Refund.objects.all()} == {order.reference for order in orders}
    assert set(Refund.objects.values_list("amount", "reason")) == {(Decimal("24.00"), "Storm.")}
    progress = batch_refunds.get_batch_progress(batch)
    assert (progress.asked, progress.under_way, progress.done, progress.left) == (3, 3, 0, 0)


def test_carrying_on_twice_asks_once(sale, kind):
    make_paid_order(kind)
    batch = carried_out(sale)
    RefundBatch.objects.update(state=BatchState.RUNNING)
    batch_refunds.request_next_refunds(batch.pk)
    assert Refund.objects.count() == 1


def test_a_worker_that_dies_is_replaced_and_nothing_is_asked_twice(sale, kind, monkeypatch):
    for _ in range(3):
        make_paid_order(kind)
    batch = batch_refunds.start_batch(sale, by=None, reason="Storm.")
    ask, asked = refunds.request_order_refund, []

    def dies_at_the_second(order, **what):
        if len(asked) == 1:
            raise KeyboardInterrupt
        asked.append(order)
        return ask(order, **what)

    monkeypatch.setattr(refunds, "request_order_refund", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        batch_refunds.request_next_refunds(batch.pk)
    assert Refund.objects.count() == 1
    monkeypatch.setattr(refunds, "request_order_refund", ask)
    batch_refunds.request_next_refunds(batch.pk)
    assert Refund.objects.count() == OrderRefund.objects.values("order").distinct().count() == 3


def test_the_sweep_wakes_a_lost_batch_and_lets_a_busy_one_be(sale, kind, monkeypatch):
    make_paid_order(kind)
    batch = batch_refunds.start_batch(sale, by=None, reason="Storm.")
    woken = []
    monkeypatch.setattr("ticketing.tasks.carry_on_batch", woken.append)
    batch_refunds.wake_stalled_batches()
    assert woken == []
    RefundBatch.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    batch_refunds.wake_stalled_batches()
    assert woken == [batch.pk]


def test_slices_follow_each_other(sale, kind, monkeypatch):
    monkeypatch.setattr(batch_refunds, "ORDERS_PER_TASK", 2)
    for _ in range(3):
        make_paid_order(kind)
    assert carried_out(sale).state == BatchState.DONE
    assert Refund.objects.count() == 3


@pytest.fixture
def mixed(kind):
    """£24 for this sale and £10 for another one."""
    order = make_order(kind, quantity=2)
    make_order_line(order, make_type(make_sale(make_event("Other")), price="10.00"), quantity=1)
    type(order).objects.filter(pk=order.pk).update(total=Decimal("34.00"))
    order.refresh_from_db()
    order.payment = pay_in_full(order)
    return order


def test_of_a_mixed_order_only_the_tickets_of_this_sale_go_back(sale, mixed):
    carried_out(sale)
    assert Refund.objects.get().amount == Decimal("24.00")
    assert {ticket.sale_id for ticket in OrderRefund.objects.get().tickets.all()} == {sale.pk}


def test_money_on_its_way_for_one_sale_keeps_no_other_back(sale, kind, mixed):
    """Both dates are off: each batch asks for its own part of the order, and of the first one for nothing twice."""
    other = Ticket.objects.exclude(sale=sale).get().sale
    type(other.performance).objects.update(status=PerformanceStatus.CANCELLED)
    other.refresh_from_db()
    plan = batch_refunds.plan_batch(sale, other)
    assert (plan.orders, plan.amount) == (1, Decimal("34.00"))
    for each in (sale, other):
        carried_out(each)
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [Decimal("10.00"), Decimal("24.00")]
    with pytest.raises(batch_refunds.NobodyToRefund):
        batch_refunds.start_batch(sale, by=None, reason="Storm.")


def test_one_ticket_that_went_back_keeps_no_other_back(sale, kind):
    order = make_paid_order(kind, quantity=2)
    first, second = Ticket.objects.filter(line__order=order).select_related("line")
    refunds.request_order_refund(order, by=None, reason="Ill.", tickets=[first])
    batch = carried_out(sale)
    assert list(OrderRefund.objects.get(batch=batch).tickets.all()) == [second]
    assert list(Refund.objects.values_list("amount", flat=True)) == [Decimal("12.00")] * 2


def test_free_tickets_become_void_without_money(sale):
    make_paid_order(make_type(sale, name="Child", price="0.00"))
    batch = carried_out(sale)
    assert not Refund.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {TicketState.VOID}
    assert batch_refunds.get_batch_progress(batch).done == 1


def test_who_was_refunded_or_needs_a_person_is_left_alone(sale, kind):
    make_paid_order(kind, state=OrderState.REQUIRES_MANUAL_REVIEW)
    refunds.request_order_refund(make_paid_order(kind), by=None, reason="Ill.")
    make_paid_order(kind, state=OrderState.EXPIRED)
    other = make_paid_order(kind)
    carried_out(sale)
    assert list(OrderRefund.objects.filter(batch__isnull=False).values_list("order", flat=True)) == [other.pk]


def test_an_order_that_refuses_is_passed_over_and_stays_to_be_seen(sale, kind, mixed):
    """Most of its money went back already: what is left is less than the price of these tickets."""
    make_refund(mixed.payment, amount="20.00")
    other = make_paid_order(kind)
    batch = carried_out(sale)
    assert batch.state == BatchState.DONE
    assert [row.order for row in OrderRefund.objects.all()] == [other]
    assert list(batch_refunds.list_refundable_orders(sale, batch=batch)) == [mixed]


def test_a_stopped_batch_asks_nobody(sale, kind):
    make_paid_order(kind)
    batch = batch_refunds.start_batch(sale, by=None, reason="Storm.")
    assert batch_refunds.stop_batch(batch, by=None)
    assert not batch_refunds.stop_batch(batch, by=None)
    batch_refunds.request_next_refunds(batch.pk)
    assert not Refund.objects.exists()
    assert batch_refunds.resume_batch(batch, by=None)
    batch_refunds.request_next_refunds(batch.pk)
    assert Refund.objects.count() == 1


def test_done_is_done(sale, kind):
    make_paid_order(kind)
    batch = carried_out(sale)
    assert not batch_refunds.stop_batch(batch, by=None)
    assert not batch_refunds.resume_batch(batch, by=None)


def test_refusals_come_with_words(sale, kind):
    with pytest.raises(batch_refunds.NobodyToRefund):
        batch_refunds.start_batch(sale, by=None, reason="Storm.")
    make_paid_order(kind)
    batch_refunds.start_batch(sale, by=None, reason="Storm.")
    with pytest.raises(batch_refunds.AlreadyRefunding):
        batch_refunds.start_batch(sale, by=None, reason="Storm.")
    type(sale.performance).objects.update(status=PerformanceStatus.SCHEDULED)
    with pytest.raises(batch_refunds.StillSelling):
        batch_refunds.start_batch(type(sale).objects.get(), by=None, reason="Storm.")


def test_a_plan_counts_what_is_held_and_what_is_missing(sale, kind):
    for _ in range(3):
        make_paid_order(kind)
    make_paid_order(make_type(sale, name="Child", price="0.00"), quantity=1)
    void = make_paid_order(kind)
    Ticket.objects.filter(line__order=void, number=1).update(state=TicketState.VOID)
    Movement.objects.create(
        merchant=make_merchant(),
        kind=MovementKind.PAYMENT,
        sumup_id="1",
        amount=Decimal("30.00"),
        currency="GBP",
        at=timezone.now(),
    )
    plan = batch_refunds.plan_batch(sale)
    assert (plan.orders, plan.tickets, plan.amount) == (5, 8, Decimal("84.00"))
    assert (plan.missing, plan.waiting) == (Decimal("54.00"), 3)


def test_a_plan_costs_the_same_for_one_and_many(sale, kind, django_assert_num_queries):
    for more in (1, 3):
        for _ in range(more):
            make_paid_order(kind)
        with django_assert_num_queries(4):
            batch_refunds.plan_batch(sale)
