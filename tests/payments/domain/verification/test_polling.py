"""The sweep: everything that is due, shared between workers, whatever one row does."""

import logging
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payments import tasks
from payments.domain.verification import polling
from payments.enums import PaymentState
from payments.models import Payment
from tests.payments.factories import change, fresh, make_open_payment, make_payment, over

pytestmark = pytest.mark.django_db


def soon():
    return timezone.now() + timedelta(seconds=30)


def due(payment, seconds=1):
    return change(payment, next_check_at=timezone.now() - timedelta(seconds=seconds))


def cycle(**options):
    return polling.run_cycle(until=options.pop("until", soon()), **options)


def make_due(count):
    return [due(make_open_payment(f"JE-{number:08}")) for number in range(count)]


def test_it_works(simulator):
    paid, declined, waiting = make_due(3)
    simulator.pay(paid.reference)
    simulator.decline(declined.reference)

    summary = cycle()

    assert [fresh(each).state for each in (paid, declined, waiting)] == ["paid", "failed", "open"]
    assert (summary.payments, summary.calls, summary.unanswered) == (3, 3, 0)
    assert summary.moved == {PaymentState.PAID: 1, PaymentState.FAILED: 1}
    assert summary.rate > 0


def test_nothing_due_is_nothing_asked(simulator):
    make_open_payment()
    before = simulator.requests()
    assert cycle().payments == 0
    assert simulator.requests() == before


def test_every_cycle_leaves_one_line_idle_ones_too(simulator, caplog):
    paid, declined, _waiting = make_due(3)
    simulator.pay(paid.reference)
    simulator.decline(declined.reference)
    with caplog.at_level(logging.INFO, logger="payments"):
        cycle()
        cycle()
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("payment.cycle ")]
    assert [line.partition(" seconds=")[0] for line in lines] == [
        "payment.cycle checked=3 completed=1 waiting=1 failed=1",
        "payment.cycle checked=0 completed=0 waiting=0 failed=0",
    ]


def test_a_cycle_goes_on_while_payments_are_due(simulator, settings):
    settings.POLL_BATCH_SIZE = 2
    payments = make_due(7)
    for payment in payments:
        simulator.pay(payment.reference)

    assert cycle().payments == 7
    assert set(Payment.objects.values_list("state", flat=True)) == {PaymentState.PAID}


def test_a_cycle_ends_in_time(simulator):
    make_due(2)
    assert cycle(until=timezone.now()).payments == 0


def test_the_longest_due_comes_first(simulator, settings, monkeypatch):
    settings.POLL_BATCH_SIZE = 1
    monkeypatch.setattr(polling, "BATCHES_AT_ONCE", 1)  # side by side whoever is answered first is recorded first
    young, old = make_due(2)
    due(old, seconds=99)
    seen = []

    cycle(on_result=lambda result: seen.append(result.payment))

    assert seen == [old, young]


def test_one_bad_row_does_not_stop_the_sweep(simulator, monkeypatch, caplog):
    bad, good = make_due(2)
    simulator.pay(good.reference)
    look = polling.look_up_checkout
    monkeypatch.setattr(polling, "look_up_checkout", lambda payment: look(payment if payment.pk != bad.pk else None))

    summary = cycle()

    assert fresh(good).state == PaymentState.PAID
    assert summary.payments == 1
    assert f"payment.unrecorded payment={bad.reference}" in caplog.text
    assert fresh(bad).next_check_at > timezone.now()


def test_an_outage_leaves_everything_as_it_is(simulator):
    payments = make_due(3)
    simulator.fault("drop", operation="get", times=None)

    assert cycle().unanswered == 3
    assert all(fresh(payment).state == PaymentState.OPEN for payment in payments)
    assert all(fresh(payment).next_check_at > timezone.now() for payment in payments)


def test_looks_run_side_by_side(simulator):
    make_due(10)
    simulator.fault("latency", seconds=0.2)
    began = time.monotonic()
    assert cycle().payments == 10
    assert time.monotonic() - began < 1.5


def test_queries_per_payment_stay_few(simulator):
    def count(number):
        for payment in Payment.objects.all()[:number]:
            due(payment)
        with CaptureQueriesContext(connection) as captured:
            assert cycle().payments == number
        return len(captured)

    make_due(12)
    assert (count(12) - count(2)) / 10 <= 6


def test_claims_are_for_one_worker(simulator):
    make_due(3)
    assert len(polling.claim_due_payments(limit=2)) == 2
    assert len(polling.claim_due_payments(limit=2)) == 1
    assert polling.claim_due_payments(limit=2) == []


def test_the_deadline_sweep_closes_what_nobody_paid(simulator):
    payment = due(over(make_open_payment()))
    cycle()
    assert fresh(payment).state == PaymentState.EXPIRED


def test_payment_without_checkout_is_opened_by_the_sweep(simulator):
    payment = due(make_payment())
    cycle()
    assert fresh(payment).state == PaymentState.OPEN


def test_periodic_task_runs_a_cycle(simulator):
    (payment,) = make_due(1)
    simulator.pay(payment.reference)
    tasks.poll_payments.call_local()
    assert fresh(payment).state == PaymentState.PAID


@pytest.mark.parametrize(("backlog", "helpers"), [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (50, 2)])
def test_a_backlog_gets_help(settings, backlog, helpers):
    settings.POLL_BATCH_SIZE = 2
    for number in range(backlog):
        due(make_payment(f"JE-{number:08}"))
    assert polling.count_helpers_wanted() == helpers


def test_periodic_task_asks_for_help(simulator, settings):
    settings.POLL_BATCH_SIZE = 1
    payments = make_due(7)
    tasks.help_polling.huey.flush()

    tasks.poll_payments.call_local()

    (helper,) = [task for task in tasks.help_polling.huey.pending() if task.name == "help_polling"]
    due(payments[0])
    tasks.help_polling.call_local(*helper.args)
    assert fresh(payments[0]).next_check_at > timezone.now()


def test_help_that_comes_too_late_does_nothing(simulator):
    (payment,) = make_due(1)
    tasks.help_polling.call_local(time.time() - 1)
    assert fresh(payment).next_check_at < timezone.now()


def test_due_payments_are_found_by_their_index():
    make_payment()
    query = Payment.objects.filter(next_check_at__lte=timezone.now()).order_by("next_check_at")
    assert "payment_due" in query.explain() or connection.vendor == "postgresql"


# The command


def run(*args):
    out = StringIO()
    call_command("run_payment_polling", *args, stdout=out)
    return out.getvalue().splitlines()


def test_command_prints_a_summary(simulator):
    (payment,) = make_due(1)
    simulator.pay(payment.reference)

    looked, asked = run()

    assert looked == "1 payments looked at, 1 paid; 0 unanswered."
    assert asked.startswith("1 questions to SumUp in ")


def test_command_verbose_prints_a_line_per_payment(simulator):
    paid, waiting = make_due(2)
    simulator.pay(paid.reference)

    lines = run("--verbose")

    assert f"{paid.reference}  £24.50  open -> paid  SumUp says: PAID  no further look" in lines
    assert any(
        line.startswith(f"{waiting.reference}  £24.50  open  SumUp says: PENDING  next look in") for line in lines
    )
    assert len(lines) == 4


def test_command_prints_problems(simulator):
    (payment,) = make_due(1)
    simulator.fault("wrong_amount", operation="get", amount=1)
    simulator.pay(payment.reference)
    assert "we expected 24.50, SumUp says 1" in run("--verbose")[0]


def test_command_with_nothing_to_do():
    assert run()[0] == "0 payments looked at, none changed; 0 unanswered."


def test_state_changes_go_to_the_polling_log(settings):
    assert "polling" in settings.LOGGING["loggers"]["payments"]["handlers"]
    assert logging.getLogger("payments.domain.states").isEnabledFor(logging.INFO)
