"""Everybody is told once, whatever happens to the worker in between."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from tests.factories import make_order, make_pass, make_sale, make_tickets, make_type
from tests.stories import make_paid_order
from tests.ticketing.domain.changes.conftest import FIRST
from ticketing.domain.changes import audience, dispatch, progress
from ticketing.domain.changes.drafts import NoLongerADraft
from ticketing.domain.messages import outbox
from ticketing.domain.orders import batch_refunds
from ticketing.enums import DeliveryOutcome, NoticeState, OrderState
from ticketing.models import ChangeNotice, Delivery, OrderRefund, RefundBatch

pytestmark = pytest.mark.django_db


def change(first, **what):
    """A minute after whoever bought."""
    change_performance(first, **(what or {"status": PerformanceStatus.CANCELLED}))
    return ChangeNotice.objects.get(state=NoticeState.DRAFT)


def send(notice):
    dispatch.start_sending(notice, by=None)
    while dispatch.tell_next_orders(notice.pk):
        pass
    notice.refresh_from_db()


@pytest.fixture
def orders(kind, clock):
    found = [make_order(kind, buyer_email=f"buyer{number}@example.je") for number in range(3)]
    clock.shift(timedelta(minutes=1))
    return found


def test_it_works(first, orders):
    notice = change(first)
    send(notice)
    assert notice.state == NoticeState.SENT
    owed = Delivery.objects.filter(notice=notice)
    assert {row.order for row in owed} == set(orders)
    assert {row.kind for row in owed} == {None}
    assert {row.next_attempt_at for row in owed} == {timezone.now()}


def test_passes_are_told_and_other_dates_are_not(event, first, second, clock):
    holder = make_order(make_type(make_pass(event)))
    make_order(make_type(make_sale(performance=second)))
    clock.shift(timedelta(minutes=1))
    send(change(first))
    assert Delivery.objects.get().order == holder


def test_sent_once_by_whoever_is_first(first, orders):
    notice = change(first)
    same = ChangeNotice.objects.get()
    dispatch.start_sending(notice, by=None)
    with pytest.raises(NoLongerADraft):
        dispatch.start_sending(same, by=None)


def test_a_worker_that_dies_between_two_batches_is_replaced(first, orders, monkeypatch, clock):
    monkeypatch.setattr(dispatch, "ORDERS_PER_TASK", 1)
    notice = change(first)
    dispatch.start_sending(notice, by=None)
    assert dispatch.tell_next_orders(notice.pk)  # and nobody asks for the next batch
    assert Delivery.objects.count() == 1
    woken = []
    monkeypatch.setattr("ticketing.tasks.carry_on_notice", woken.append)
    dispatch.wake_due_notices()
    assert woken == []  # it may still be at work
    clock.shift(dispatch.STALLED_AFTER)
    dispatch.wake_due_notices()
    assert woken == [notice.pk]
    while dispatch.tell_next_orders(notice.pk):
        pass
    assert sorted(Delivery.objects.values_list("order", flat=True)) == [order.pk for order in orders]


def test_a_worker_that_dies_in_a_batch_leaves_no_half_of_it(first, orders, monkeypatch):
    notice = change(first)
    dispatch.start_sending(notice, by=None)

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    note = dispatch.note_progress
    monkeypatch.setattr(dispatch, "note_progress", die)
    with pytest.raises(KeyboardInterrupt):
        dispatch.tell_next_orders(notice.pk)
    assert not Delivery.objects.exists()
    monkeypatch.setattr(dispatch, "note_progress", note)
    dispatch.tell_next_orders(notice.pk)
    assert Delivery.objects.count() == 3


def test_owing_it_twice_owes_it_once(first, orders):
    notice = change(first)
    for _ in range(2):
        outbox.owe_notice(notice, orders)
    assert Delivery.objects.count() == 3


def test_each_notice_has_its_own_row(first, orders):
    send(change(first))
    send(change(first, status=PerformanceStatus.POSTPONED))
    assert Delivery.objects.count() == 6


def test_a_batch_costs_the_same_for_few_orders_and_for_many(kind, first, orders):
    def count_statements(notice):
        dispatch.start_sending(notice, by=None)
        with CaptureQueriesContext(connection) as queries:
            dispatch.tell_next_orders(notice.pk)
        return len([each for each in queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "INSERT"))])

    few = count_statements(change(first))
    many = [make_order(kind, quantity=1) for _ in range(60)]
    type(many[0]).objects.update(created_at=timezone.now() - timedelta(hours=1))
    notice = change(first, status=PerformanceStatus.POSTPONED)
    assert count_statements(notice) == few
    assert Delivery.objects.filter(notice=notice).count() == 63


def test_who_paid_late_is_told_too_until_the_date_is_over(kind, first, orders, clock):
    late = make_order(kind, state=OrderState.PENDING_VERIFICATION)
    clock.shift(timedelta(minutes=1))
    notice = change(first, starts_at=FIRST + timedelta(minutes=30))
    send(notice)
    assert notice.next_look_at == timezone.now() + dispatch.LATE_ORDERS_EVERY
    meanwhile = make_order(kind)
    clock.shift(audience.BOUGHT_MEANWHILE)
    after = make_order(kind)
    type(late).objects.filter(pk=late.pk).update(state=OrderState.COMPLETED)
    make_tickets(late.lines.get())
    clock.shift(dispatch.LATE_ORDERS_EVERY)
    assert not dispatch.tell_next_orders(notice.pk)
    told = set(Delivery.objects.values_list("order", flat=True))
    assert {late.pk, meanwhile.pk} <= told
    assert after.pk not in told
    clock.move_to(FIRST + timedelta(days=1))
    dispatch.tell_next_orders(notice.pk)
    notice.refresh_from_db()
    assert notice.next_look_at is None


def test_a_draft_and_a_declined_one_tell_nobody(first, orders):
    notice = change(first)
    assert not dispatch.tell_next_orders(notice.pk)
    ChangeNotice.objects.update(state=NoticeState.DECLINED)
    assert not dispatch.tell_next_orders(notice.pk)
    assert not Delivery.objects.exists()


def make_cancelled(first, **fields):
    notice = change(first)
    ChangeNotice.objects.filter(pk=notice.pk).update(refunds_everybody=True, **fields)
    notice.refresh_from_db()
    return notice


def test_the_money_goes_back_once_it_is_sent(kind, first, clock):
    order = make_paid_order(kind)
    clock.shift(timedelta(minutes=1))
    notice = make_cancelled(first)
    assert not RefundBatch.objects.exists()
    send(notice)
    batch = RefundBatch.objects.get()
    assert (batch.sale, batch.notice) == (kind.sale, notice)
    batch_refunds.request_next_refunds(batch.pk)
    refund = OrderRefund.objects.get()
    assert (refund.order, refund.notice, refund.refund.amount) == (order, notice, order.total)


def test_the_money_of_who_paid_late_goes_back_too(kind, first, clock):
    make_paid_order(kind)
    late = make_order(kind, state=OrderState.PENDING_VERIFICATION)
    clock.shift(timedelta(minutes=1))
    notice = make_cancelled(first)
    send(notice)
    batch_refunds.request_next_refunds(RefundBatch.objects.get().pk)
    type(late).objects.filter(pk=late.pk).update(state=OrderState.COMPLETED)
    make_tickets(late.lines.get())
    dispatch.tell_next_orders(notice.pk)
    assert RefundBatch.objects.count() == 2


def test_a_worker_that_dies_before_the_refunds_is_replaced(kind, first, clock, monkeypatch):
    make_paid_order(kind)
    clock.shift(timedelta(minutes=1))
    notice = make_cancelled(first)
    dispatch.start_sending(notice, by=None)
    monkeypatch.setattr(dispatch.refund_queue, "open_refunds", lambda notice: None)
    dispatch.tell_next_orders(notice.pk)
    monkeypatch.undo()
    assert not RefundBatch.objects.exists()
    for _ in range(2):
        dispatch.tell_next_orders(notice.pk)
    assert RefundBatch.objects.count() == 1


def test_passes_of_a_run_keep_their_money_until_no_date_is_left(event, first, second, kind, clock):
    make_paid_order(make_type(make_pass(event), price="30.00"))
    make_paid_order(kind)
    clock.shift(timedelta(minutes=1))
    send(make_cancelled(first))
    assert [batch.sale for batch in RefundBatch.objects.all()] == [kind.sale]
    send(make_cancelled(second))
    assert RefundBatch.objects.filter(sale__performance=None).count() == 1


def test_a_date_that_takes_place_after_all_refunds_nobody(kind, first, clock):
    make_paid_order(kind)
    clock.shift(timedelta(minutes=1))
    notice = make_cancelled(first)
    dispatch.start_sending(notice, by=None)
    change_performance(first, status=PerformanceStatus.SCHEDULED)
    dispatch.tell_next_orders(notice.pk)
    assert not RefundBatch.objects.exists()


def test_progress_is_counted_from_the_rows(first, orders):
    notice = change(first)
    send(notice)
    now = timezone.now()
    rows = list(Delivery.objects.order_by("pk"))
    sent = {"sent_at": now, "next_attempt_at": None}
    Delivery.objects.filter(pk=rows[0].pk).update(**sent, outcome=DeliveryOutcome.DELIVERED)
    Delivery.objects.filter(pk=rows[1].pk).update(**sent, outcome=DeliveryOutcome.BOUNCED)
    counts = progress.count_progress(notice)
    assert (counts.total, counts.sent, counts.owed, counts.delivered, counts.returned) == (3, 2, 1, 1, 1)
    assert counts.is_under_way
    Delivery.objects.filter(pk=rows[2].pk).update(next_attempt_at=None, last_error="refused")
    counts = progress.count_progress(notice)
    assert (counts.failed, counts.is_under_way) == (1, False)
