"""A merchant whose SumUp hangs keeps few of the worker's threads; everybody else's payments go on in time."""

import threading
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from payments import tasks, time_limits
from payments.domain.merchants import connection_checks, worker_threads
from payments.domain.refunds import execution
from payments.domain.verification import history_watcher, payment_checks, polling
from payments.domain.verification.checkout import start_payment
from payments.enums import PaymentState, RefundState
from payments.models import MerchantAccount, Payment
from payments.sumup.bulkhead import Bulkhead
from tests.payments.factories import change, fresh, make_connected, make_open_payment, make_payment, make_refund

SILENT = "MDEMO002"
GET = "GET /v0.1/checkouts/{checkout_id}"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    monkeypatch.setattr(time_limits, "CALL_SECONDS", 0.6)


@pytest.fixture
def silent(simulator):
    """A merchant of whom SumUp says nothing any more."""
    merchant = make_connected(simulator)
    yield merchant
    simulator.clear_faults()


def due(payment, *, seconds=1):
    return change(payment, next_check_at=timezone.now() - timedelta(seconds=seconds), checked_at=None)


def make_of(merchant, number):
    payments = [make_payment(f"JE-S{number:07}", merchant=merchant) for number in range(number)]
    return [due(start_payment(payment), seconds=99) for payment in payments]


def keep_silent(simulator):
    return simulator.fault("hang", merchant=SILENT)


def strain(merchant, settings):
    Bulkhead(settings.RUN_DIR, merchant.merchant_code)._note_hang()


@pytest.mark.django_db
def test_the_others_are_looked_at_while_one_hangs(simulator, silent, settings):
    """The silent merchant's come first and fill whole batches; nobody else waits for them."""
    settings.POLL_BATCH_SIZE = 2
    make_of(silent, 4)
    paid = due(make_open_payment())
    simulator.pay(paid.reference)
    keep_silent(simulator)
    began, seen = time.monotonic(), {}

    summary = polling.run_cycle(
        until=timezone.now() + timedelta(seconds=30),
        on_result=lambda result: seen.setdefault(result.payment.pk, time.monotonic() - began),
    )

    assert fresh(paid).state == PaymentState.PAID
    assert seen[paid.pk] < 0.4
    assert summary.unanswered == 4


@pytest.mark.django_db
def test_of_a_silent_merchant_one_payment_at_a_time_is_asked_about(simulator, silent, settings):
    make_of(silent, 7)
    paid = due(make_open_payment())
    strain(silent, settings)
    keep_silent(simulator)
    before = simulator.requests().get(GET, 0)

    polling.run_cycle(until=timezone.now() + timedelta(seconds=30))

    assert simulator.requests()[GET] - before == 2  # the other's, and one of seven
    assert fresh(paid).checks == 2
    waits = [each.next_check_at - timezone.now() for each in Payment.objects.filter(merchant=silent)]
    assert all(timedelta(0) < wait <= timedelta(seconds=31) for wait in waits)


@pytest.mark.django_db
def test_when_it_wakes_everything_is_asked_about_again(simulator, silent, settings):
    payments = make_of(silent, 5)
    for payment in payments:
        simulator.pay(payment.reference)
    strain(silent, settings)
    polling.run_cycle(until=timezone.now() + timedelta(seconds=30))  # one finds out, four were put off
    for payment in payments:
        change(payment, next_check_at=timezone.now() - timedelta(seconds=1))

    polling.run_cycle(until=timezone.now() + timedelta(seconds=30))

    assert {fresh(payment).state for payment in payments} == {PaymentState.PAID}


@pytest.mark.django_db
def test_put_off_payments_keep_their_deadline(simulator, silent, settings):
    """What is over is closed as soon as SumUp can say so; the row says when to look next all the time."""
    first, second = make_of(silent, 2)
    change(second, deadline=timezone.now() - timedelta(minutes=1))
    strain(silent, settings)
    keep_silent(simulator)
    polling.run_cycle(until=timezone.now() + timedelta(seconds=30))
    assert fresh(second).next_check_at
    simulator.clear_faults()
    due(second)
    polling.run_cycle(until=timezone.now() + timedelta(seconds=30))
    assert fresh(second).state == PaymentState.EXPIRED


def turns(merchant, number):
    with ExitStack() as held:
        return [held.enter_context(worker_threads.reserve_thread(merchant)) for _ in range(number)]


@pytest.mark.django_db
def test_a_merchant_has_some_threads_and_a_silent_one_has_one(simulator, silent, settings):
    other = make_open_payment().merchant
    assert turns(silent, 5) == [True] * worker_threads.MOST_THREADS + [False, False]
    strain(silent, settings)
    assert turns(silent, 3) == [True, False, False]
    assert turns(other, 3) == [True, True, True]
    with time_limits.request_limit():
        assert turns(silent, 3) == [True, True, True]


@pytest.mark.django_db
def test_wake_ups_for_a_silent_merchant_give_their_thread_back(simulator, silent, settings):
    first, second = make_of(silent, 2)
    strain(silent, settings)
    with worker_threads.reserve_thread(silent):
        began = time.monotonic()
        assert payment_checks.verify_payment(second.pk) is None
        assert time.monotonic() - began < 0.3
    assert fresh(second).next_check_at <= timezone.now() + payment_checks.TURN_PAUSE
    assert fresh(second).checks == 1  # that of its start


@pytest.mark.django_db
def test_a_wake_up_that_found_no_thread_comes_again(simulator, silent):
    """A busy merchant that answers loses seconds at most."""
    (payment,) = make_of(silent, 1)
    tasks.verify_payment.huey.flush()
    with ExitStack() as held:
        for _ in range(worker_threads.MOST_THREADS):
            held.enter_context(worker_threads.reserve_thread(silent))
        assert payment_checks.verify_payment(payment.pk) is None
    assert [task.args for task in tasks.verify_payment.huey.pending()] == [(payment.pk,)]


@pytest.mark.django_db
def test_refunds_of_others_are_sent_while_one_merchant_hangs(simulator, silent):
    payments = make_of(silent, 3)
    other = make_open_payment()
    for payment in [*payments, other]:
        simulator.pay(payment.reference)
        payment_checks.verify_payment(payment.pk, min_gap=timedelta())
    hung = [refund_of(fresh(payment), seconds=99) for payment in payments]
    sent = refund_of(fresh(other), seconds=1)
    keep_silent(simulator)
    began = time.monotonic()

    execution.execute_due_refunds()

    assert time.monotonic() - began < 1.5
    sent.refresh_from_db()
    assert sent.state == RefundState.PROVED
    for refund in hung:
        refund.refresh_from_db()
    assert {refund.state for refund in hung} == {RefundState.REQUESTED}
    assert sum(bool(refund.last_error) for refund in hung) == 1


def refund_of(payment, *, seconds):
    when = timezone.now() - timedelta(seconds=seconds)
    return make_refund(payment, state=RefundState.REQUESTED, next_attempt_at=when)


@pytest.mark.django_db(transaction=True)
def test_the_watch_over_others_goes_on_while_one_hangs(simulator, silent, monkeypatch):
    monkeypatch.setattr(history_watcher, "CALL_SECONDS", 1)
    make_of(silent, 1)
    paid = make_open_payment()
    simulator.pay(paid.reference)
    keep_silent(simulator)
    history_watcher.reset_watch_memory()
    began = time.monotonic()
    history_watcher.watch_merchants(until=timezone.now() + timedelta(seconds=0.5))
    assert time.monotonic() - began < 2.5
    assert fresh(paid).next_check_at <= timezone.now() + timedelta(seconds=2)


@pytest.mark.django_db
def test_tokens_that_cannot_be_renewed_keep_nobody_waiting(simulator, silent, monkeypatch, settings):
    """Another worker holds the lease and hangs; the token is over."""
    later = timezone.now() + timedelta(seconds=40)
    MerchantAccount.objects.filter(pk=silent.pk).update(token_expires_at=timezone.now(), renewing_until=later)
    strain(silent, settings)
    due(make_payment("JE-S1", merchant=MerchantAccount.objects.get(pk=silent.pk)))
    began = time.monotonic()
    polling.run_cycle(until=timezone.now() + timedelta(seconds=30))
    assert time.monotonic() - began < 2


@pytest.mark.django_db
def test_a_request_waits_for_no_token_longer_than_it_may(simulator, silent, monkeypatch):
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.4)
    payment = make_payment("JE-S1", merchant=silent)
    MerchantAccount.objects.filter(pk=silent.pk).update(token_expires_at=timezone.now())
    keep_silent(simulator)
    began = time.monotonic()
    with time_limits.request_limit(), pytest.raises(Exception, match="cannot be reached"):
        start_payment(payment)
    assert time.monotonic() - began < 0.8


@pytest.mark.django_db
def test_a_connection_that_hangs_is_no_reason_to_stop_the_checks(simulator, silent, monkeypatch):
    monkeypatch.setattr(connection_checks, "CALL_SECONDS", 0.3)
    MerchantAccount.objects.update(checked_at=None)
    keep_silent(simulator)
    began = time.monotonic()
    assert connection_checks.check_all_connections() == (1, 1)
    assert time.monotonic() - began < 1.5
    assert threading.active_count() < 50
