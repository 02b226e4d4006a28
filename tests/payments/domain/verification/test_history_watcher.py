"""Watching: one question tells that something was paid, whoever stays silent about it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from payments import tasks
from payments.domain.verification import history_watcher, payment_checks
from payments.enums import CycleKind, MerchantStatus, PaymentState
from payments.models import MerchantAccount, Payment, WorkerCycle
from payments.provider import HistoryItem
from tests.factories import make_merchant
from tests.payments.factories import change, fresh, make_connected, make_open_payment, make_payment

pytestmark = pytest.mark.django_db
HISTORY = "GET /v2.1/merchants/{merchant_code}/transactions/history"


@pytest.fixture(autouse=True)
def _new_process(monkeypatch):
    history_watcher.reset_watch_memory()
    tasks.verify_payment.huey.flush()
    monkeypatch.setattr(history_watcher, "TICK_SECONDS", 0.02)


def watch(seconds=0.05):
    """One round of questions."""
    return history_watcher.watch_merchants(until=timezone.now() + timedelta(seconds=seconds))


def long_ago(payment):
    return change(payment, checked_at=timezone.now() - timedelta(minutes=1))


def asked(simulator):
    return simulator.requests().get(HISTORY, 0)


def to_be_looked_at():
    return [task.args[0] for task in tasks.verify_payment.huey.pending() if task.name == "verify_payment"]


def item(transaction_id="tx-1", *, amount="24.50", summary="", currency="GBP"):
    return HistoryItem(
        transaction_id,
        transaction_id,
        "T1",
        Decimal(amount),
        currency,
        timezone.now(),
        "SUCCESSFUL",
        "PAYMENT",
        summary=summary,
    )


def make_many(count, **fields):
    """Open ones in the database only, as long ago looked at as their number says."""
    merchant, now = make_merchant(), timezone.now()
    return Payment.objects.bulk_create(
        Payment(
            subject=f"JE-{number:08}", reference=f"JE-{number:08}-X", merchant=merchant, state=PaymentState.OPEN,
            amount=Decimal("24.50"), currency="GBP", description=f"Order {number}", redirect_url="http://testserver/",
            deadline=now + timedelta(minutes=9), checked_at=now - timedelta(minutes=9) + timedelta(milliseconds=number),
            **fields,
        )
        for number in range(count)
    )  # fmt: skip


def test_it_works(simulator):
    """Nobody comes back and nobody calls; one look follows, and the payment is paid."""
    payment = long_ago(make_open_payment())
    tasks.verify_payment.huey.flush()
    simulator.fault("drop_callbacks", times=None)
    simulator.pay(payment.reference)

    assert watch() is True
    assert to_be_looked_at() == [payment.pk]
    assert fresh(payment).next_check_at <= timezone.now()
    payment_checks.verify_payment(payment.pk)
    assert fresh(payment).state == PaymentState.PAID


def test_nothing_open_is_nothing_asked_and_the_watch_ends(simulator):
    make_payment(closed_at=timezone.now())
    make_payment("JE-TEST0002", deadline=timezone.now() - timedelta(hours=1))
    change(make_payment("JE-TEST0003"), state=PaymentState.PAID)
    assert watch(seconds=5) is False
    assert asked(simulator) == 0
    assert WorkerCycle.objects.get(kind=CycleKind.WATCH).calls == 0


def test_one_question_in_four_seconds_however_many_are_open_and_watch(simulator):
    make_many(5)
    watch()
    watch()
    assert asked(simulator) == 1
    MerchantAccount.objects.update(watched_at=timezone.now() - history_watcher.WATCH_INTERVAL)
    watch()
    assert asked(simulator) == 2


def test_a_clock_that_was_turned_back_does_not_end_the_watch(simulator):
    make_many(1)
    MerchantAccount.objects.update(watched_at=timezone.now() + timedelta(hours=2))
    watch()
    assert asked(simulator) == 1


def test_a_second_watch_in_the_same_process_is_over_at_once():
    make_many(1)
    with history_watcher._run_lock:
        assert watch(seconds=5) is False


@pytest.mark.parametrize("other", [{"amount": "24.49"}, {"currency": "EUR"}, {"amount": "49.00"}])
def test_money_that_does_not_fit_wakes_nobody(other):
    (payment,) = make_many(1)
    assert history_watcher.request_matching_checks(payment.merchant, [item(**other)]) == 0


def test_the_description_comes_first():
    payments = make_many(30)
    assert history_watcher.request_matching_checks(make_merchant(), [item(summary="Order 29")]) == 1
    assert to_be_looked_at() == [payments[29].pk]


def test_four_hundred_of_one_price_are_not_looked_at_four_hundred_times():
    payments = make_many(400)
    merchant = make_merchant()

    items = [item(f"tx-{number}") for number in range(30)]
    assert history_watcher.request_matching_checks(merchant, items) == history_watcher.MOST_GUESSES
    assert set(to_be_looked_at()) == {payment.pk for payment in payments[: history_watcher.MOST_GUESSES]}


def test_an_item_counts_once():
    (payment,) = make_many(1)
    assert [history_watcher.request_matching_checks(payment.merchant, [item()]) for _ in range(3)] == [1, 0, 0]


def test_a_payment_that_came_due_by_itself_is_woken_too():
    """Its normal look waits for the next minute's sweep."""
    (payment,) = make_many(1, next_check_at=timezone.now() - timedelta(seconds=1))
    history_watcher.request_matching_checks(payment.merchant, [item()])
    assert to_be_looked_at() == [payment.pk]


def test_a_transaction_that_is_a_payments_already_wakes_nobody():
    first, second = make_many(2)
    change(first, transaction_id="tx-1", state=PaymentState.PAID)
    assert history_watcher.request_matching_checks(second.merchant, [item("tx-1")]) == 0


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(history_watcher, "MOST_REMEMBERED", 3)
    (payment,) = make_many(1)
    for number in range(9):
        history_watcher.request_matching_checks(payment.merchant, [item(f"tx-{number}")])
    assert list(history_watcher._seen_transactions) == ["tx-6", "tx-7", "tx-8"]


def test_another_merchants_payment_is_not_meant():
    make_many(1)
    assert history_watcher.request_matching_checks(make_merchant("MDEMO002"), [item()]) == 0


def test_a_failing_merchant_takes_a_break_and_never_stops_the_others(simulator, caplog):
    other = make_merchant("MNOTOURS", "Nobody’s")  # there is no credential for it
    make_many(1)
    make_payment("JE-TEST0001", merchant=other)
    watch()
    assert asked(simulator) == 1
    assert "watch.unanswered merchant=MNOTOURS" in caplog.text
    MerchantAccount.objects.update(watched_at=None)
    watch()
    assert asked(simulator) == 2
    assert MerchantAccount.objects.get(pk=other.pk).watched_at is None


def test_an_outage_is_asked_about_less_and_less(simulator):
    make_many(1)
    simulator.fault("server_error", operation="history", times=None)
    watch()
    until = history_watcher._breaks[make_merchant().pk][1]
    assert until > timezone.now() + history_watcher.WATCH_INTERVAL
    assert WorkerCycle.objects.latest("pk").errors == 1


def test_a_token_that_is_over_is_renewed_and_asked_with_again(simulator):
    merchant = make_connected(simulator)
    make_payment(merchant=merchant)
    simulator.expire_tokens()
    watch()
    MerchantAccount.objects.update(watched_at=None)
    watch()
    assert asked(simulator) == 2
    assert list(history_watcher._breaks) == []


def test_a_broken_connection_is_not_watched(simulator):
    make_many(1)
    MerchantAccount.objects.update(status=MerchantStatus.BROKEN)
    assert watch() is False
    assert asked(simulator) == 0


def test_the_next_question_begins_where_sumups_own_clock_was(simulator):
    payment = make_open_payment()
    simulator.clock(-7200)
    simulator.pay(payment.reference)
    watch()
    merchant = MerchantAccount.objects.get()
    assert merchant.watched_since < timezone.now() - timedelta(hours=1, minutes=59)
    assert history_watcher._history_start(merchant, payment.created_at) <= merchant.watched_since


def test_opening_a_payment_wakes_a_watch_that_sleeps(simulator):
    tasks.watch_payments.huey.flush()
    make_open_payment("JE-TEST0001")
    MerchantAccount.objects.update(watched_at=timezone.now())
    make_open_payment("JE-TEST0002")
    assert [task.name for task in tasks.watch_payments.huey.pending()].count("watch_payments") == 1


def test_the_task_goes_on_while_payments_are_open(simulator, monkeypatch):
    monkeypatch.setattr(tasks, "WATCH", timedelta(seconds=0.05))
    tasks.watch_payments.call_local()
    assert tasks.watch_payments.huey.pending() == []
    make_many(1)
    tasks.watch_payments.call_local()
    assert [task.name for task in tasks.watch_payments.huey.pending()] == ["watch_payments"]


def test_open_payments_are_found_by_their_index():
    plan = history_watcher.payable_payments(timezone.now()).order_by().values("merchant").explain()
    assert "payment_open" in plan or connection.vendor == "postgresql"
