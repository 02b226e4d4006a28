"""Two workers on the same payments, on the database that production uses."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from payments.domain.states import LOG_ACTION, advance
from payments.domain.verification import checkout, payment_checks, polling, provider_lookup
from payments.enums import PaymentState
from payments.models import Observation, Payment
from tests.payments.factories import change, fresh, make_open_payment, make_payment

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORKERS = 8


def at_once(work, workers=WORKERS):
    """Each thread with its own connection, all let go at the same moment."""
    start = threading.Barrier(workers)

    def run(number):
        try:
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, range(workers)))


def test_the_suite_really_runs_on_postgresql():
    assert connection.vendor == "postgresql"


def test_one_of_many_claims_wins(simulator):
    payment = change(make_open_payment(), checked_at=None)
    claims = at_once(lambda _: payment_checks.claim_payment(payment.pk))
    assert sum(claim is not None for claim in claims) == 1


def test_one_of_many_moves_the_payment(simulator):
    payment = make_payment()
    moved = at_once(lambda number: advance(fresh(payment), PaymentState.OPEN, checkout_id=f"checkout-{number}"))
    assert moved.count(True) == 1
    assert ModelLogEntry.objects.filter(action=LOG_ACTION).count() == 1


def test_workers_share_the_due_payments(simulator, settings):
    settings.POLL_BATCH_SIZE = 5
    for number in range(24):
        payment = make_open_payment(f"JE-{number:08}")
        simulator.pay(payment.reference)
    Payment.objects.update(next_check_at=timezone.now() - timedelta(seconds=1))
    until = timezone.now() + timedelta(seconds=60)
    before = Observation.objects.count()

    summaries = at_once(lambda _: polling.run_cycle(until=until), workers=4)

    assert sum(summary.payments for summary in summaries) == 24
    assert Observation.objects.count() - before == 24
    assert set(Payment.objects.values_list("state", flat=True)) == {PaymentState.PAID}
    assert ModelLogEntry.objects.filter(action=LOG_ACTION, data__to="paid").count() == 24


def test_a_claim_skips_rows_that_others_hold(simulator):
    held, free = [change(make_payment(f"JE-{n}"), next_check_at=timezone.now()) for n in range(2)]
    locked, done = threading.Event(), threading.Event()

    def hold(number):
        if number == 0:
            with transaction.atomic():
                Payment.objects.select_for_update().get(pk=held.pk)
                locked.set()
                done.wait(10)
            return None
        locked.wait(10)
        try:
            return polling.claim_due_payments(limit=10)
        finally:
            done.set()

    assert at_once(hold, workers=2)[1] == [free]


def test_many_starts_at_once_make_one_checkout(simulator):
    payment = make_payment()
    started = at_once(lambda _: checkout.start_payment(payment))
    assert len({each.checkout_id for each in started}) == 1
    assert len(simulator.state()["checkouts"]) == 1


def test_the_same_answer_recorded_at_once_pays_once(simulator):
    payment = make_open_payment()
    simulator.pay(payment.reference)
    answer = provider_lookup.look_up_checkout(payment)

    at_once(lambda _: payment_checks.record_answer(payment, answer))

    assert fresh(payment).state == PaymentState.PAID
    assert ModelLogEntry.objects.filter(action=LOG_ACTION, data__to="paid").count() == 1
