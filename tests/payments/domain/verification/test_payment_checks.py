"""Finding out whether it is paid, whatever SumUp, the network and the clock do."""

import logging
import time
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from payments import tasks, time_limits
from payments.domain.verification import checkout, payment_checks, provider_lookup
from payments.domain.verification.checkout import NotStarted
from payments.enums import PaymentState, Question
from payments.models import Observation
from payments.signals import payment_changed
from payments.sumup.client import Client
from sumup_simulator.faults import CATALOGUE
from tests.payments.factories import change, fresh, make_open_payment, make_payment, over

NOW = timedelta(0)


@pytest.fixture
def payment(db, simulator):
    return make_open_payment()


@pytest.fixture
def changes():
    """The subjects that payments told about, in order."""
    heard = []
    payment_changed.connect(lambda subject, **_: heard.append(subject), weak=False, dispatch_uid="changes")
    yield heard
    payment_changed.disconnect(dispatch_uid="changes")


def verify(payment):
    return payment_checks.verify_payment(payment.pk, min_gap=NOW)


def queued():
    return [task.args[0] for task in tasks.verify_payment.huey.pending()]


@pytest.fixture
def queue(payment):
    tasks.verify_payment.huey.flush()
    return queued


# Paid, declined, waiting


def test_it_works(payment, simulator):
    simulator.pay(payment.reference)

    payment = verify(payment)

    assert (payment.state, payment.problem) == (PaymentState.PAID, "")
    assert payment.transaction_id
    assert payment.transaction_code
    assert payment.paid_at
    assert payment.next_check_at is None
    assert payment.paid_at - timedelta(seconds=5) < payment.transacted_at <= payment.paid_at


def test_nothing_is_known_before_the_buyer_paid(payment):
    looked = verify(payment)

    assert looked.state == PaymentState.OPEN
    assert looked.checks == payment.checks + 1
    assert looked.next_check_at > timezone.now()


def test_paid_after_a_few_looks(payment, simulator):
    simulator.fault("paid_after_looks", looks=2)
    simulator.pay(payment.reference)

    assert [verify(payment).state for _ in range(3)] == ["open", "open", "paid"]


def test_declined_is_failed_and_looked_at_again(payment, simulator):
    simulator.decline(payment.reference)

    payment = verify(payment)

    assert payment.state == PaymentState.FAILED
    assert payment.closed_at is None
    assert payment.next_check_at


def test_failed_then_paid(payment, simulator):
    simulator.decline(payment.reference)
    verify(payment)
    simulator.pay(payment.reference)

    assert (verify(payment).state, fresh(payment).problem) == (PaymentState.PAID, "")


def test_settled_payment_is_not_asked_about_again(payment, simulator):
    simulator.pay(payment.reference)
    verify(payment)
    before = Observation.objects.count()

    assert verify(payment) is None
    assert Observation.objects.count() == before


# The deadline and late money


def test_unpaid_at_the_deadline_is_deactivated_and_expires(payment, simulator):
    expired = verify(over(payment))

    assert expired.state == PaymentState.EXPIRED
    assert expired.closed_at
    assert simulator.checkout(payment.reference)["status"] == "EXPIRED"
    assert expired.next_check_at > timezone.now() + timedelta(minutes=1)


def test_declined_at_the_deadline_is_failed_and_closed(payment, simulator, django_capture_on_commit_callbacks, changes):
    simulator.decline(payment.reference)
    verify(payment)

    with django_capture_on_commit_callbacks(execute=True):
        failed = verify(over(payment))

    assert (failed.state, bool(failed.closed_at)) == (PaymentState.FAILED, True)
    assert changes[-1] == payment.subject


def test_declined_but_seen_only_when_sumup_has_expired_it(payment, simulator):
    simulator.decline(payment.reference)
    simulator.clock(3600)

    assert verify(over(payment)).state == PaymentState.FAILED


def test_expired_by_sumup_is_not_deactivated_again(payment, simulator):
    simulator.clock(3600)

    expired = verify(over(payment))

    assert (expired.state, bool(expired.closed_at)) == (PaymentState.EXPIRED, True)
    assert not Observation.objects.filter(question=Question.DEACTIVATE).exists()


def test_paid_at_the_last_second(payment, simulator):
    simulator.pay(payment.reference)
    assert verify(over(payment)).state == PaymentState.PAID


def test_expired_then_paid(payment, simulator):
    verify(over(payment))
    simulator.pay(payment.reference, force=True)

    late = verify(payment)

    assert (late.state, late.problem) == (PaymentState.PAID, "")


def test_late_money_is_looked_for_until_a_day_after(payment):
    payment = change(verify(over(payment)), deadline=timezone.now(), closed_at=timezone.now())
    looks = 0
    while payment.next_check_at:
        with time_machine.travel(payment.next_check_at, tick=False):
            payment = verify(payment)
        looks += 1
    assert 25 < looks < 60
    assert payment.checked_at - payment.deadline >= timedelta(hours=24)
    assert payment.problem == ""


def test_first_look_after_the_deadline_comes_right_at_it(payment):
    payment = change(payment, deadline=timezone.now() + timedelta(seconds=4))
    assert verify(payment).next_check_at == payment.deadline


def test_no_answer_at_the_deadline_closes_nothing(payment, simulator):
    simulator.fault("503", operation="delete", times=9)

    unclear = verify(over(payment))

    assert (unclear.state, unclear.closed_at) == (PaymentState.OPEN, None)
    assert unclear.next_check_at


def test_no_answer_for_a_day_asks_for_a_person(payment, simulator, changes, django_capture_on_commit_callbacks):
    simulator.fault("token_revoked", times=9)
    change(payment, deadline=timezone.now() - timedelta(hours=25), checked_at=None)

    with django_capture_on_commit_callbacks(execute=True):
        stuck = verify(payment)

    assert stuck.next_check_at is None
    assert stuck.problem == "SumUp gave no final answer for a day after the deadline."
    assert changes == [payment.subject]
    simulator.clear_faults()
    assert verify(payment).problem == ""


def test_checkout_unknown_to_sumup_is_believed_only_after_hours(payment, simulator):
    simulator.reset()

    assert verify(over(payment)).closed_at is None
    change(payment, deadline=timezone.now() - timedelta(hours=3))
    assert verify(payment).state == PaymentState.EXPIRED


# What SumUp says is not what we asked for


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"name": "wrong_amount", "amount": 1}, "amount"),
        ({"name": "wrong_currency"}, "currency"),
        ({"name": "wrong_merchant"}, "merchant"),
        ({"name": "wrong_reference"}, "reference"),
        ({"name": "two_successes"}, "more than one successful transaction"),
    ],
)
def test_paid_but_different_is_a_problem(payment, simulator, fault, words, caplog):
    simulator.fault(**fault, **({} if fault["name"] == "two_successes" else {"times": 9}))
    simulator.pay(payment.reference)

    odd = verify(payment)

    assert odd.state == PaymentState.PAID
    assert words in odd.problem
    assert "payment.problem" in caplog.text


def test_a_problem_may_clear_up(payment, simulator, changes, django_capture_on_commit_callbacks):
    simulator.fault("wrong_amount", operation="get")
    simulator.pay(payment.reference)
    assert verify(payment).problem

    with django_capture_on_commit_callbacks(execute=True):
        assert verify(payment).problem == ""
    assert changes == [payment.subject]


def test_a_problem_is_recorded_once(payment, simulator):
    simulator.fault("wrong_amount", operation="get", times=2)
    simulator.pay(payment.reference)
    first, second = verify(payment), verify(payment)
    assert (first.problem, first.paid_at) == (second.problem, second.paid_at)


# Trouble on the way


@pytest.mark.parametrize("fault", ["429", "500", "503", "drop", "lost_answer", "bad_json", "empty_body", "slow"])
def test_a_fault_changes_nothing_but_the_minute(payment, simulator, fault):
    simulator.pay(payment.reference)
    simulator.fault(fault, operation="get", **({"seconds": 0.2} if fault == "slow" else {}))

    assert verify(payment).state == PaymentState.PAID


@pytest.mark.parametrize("fault", ["429", "500", "drop", "bad_json", "empty_body", "token_revoked", "html_error"])
def test_a_lasting_fault_leaves_the_payment_as_it_is(payment, simulator, fault, caplog):
    simulator.pay(payment.reference)
    simulator.fault(fault, operation="get", times=3)

    looked = verify(payment)

    assert looked.state == PaymentState.OPEN
    assert looked.next_check_at > timezone.now()
    assert payment.reference in caplog.text
    simulator.clear_faults()
    assert verify(payment).state == PaymentState.PAID


@pytest.mark.parametrize("fault", ["token_revoked", "forbidden"])
def test_refusals_are_errors_and_asked_slowly(payment, simulator, fault, caplog):
    simulator.fault(fault, operation="get")

    looked = verify(payment)

    assert looked.next_check_at >= timezone.now() + timedelta(minutes=4)
    assert [record.levelname for record in caplog.records if "payment.refused" in record.message] == ["ERROR"]


def test_callbacks_are_not_needed(payment, simulator):
    simulator.fault("drop_callbacks")
    simulator.pay(payment.reference)
    assert verify(payment).state == PaymentState.PAID


# Claims


def test_two_looks_within_two_seconds_are_one(payment):
    assert payment_checks.verify_payment(payment.pk) is None
    change(payment, checked_at=timezone.now() - timedelta(seconds=3))
    assert payment_checks.verify_payment(payment.pk)
    assert payment_checks.verify_payment(payment.pk) is None


def test_a_claim_of_a_dead_worker_is_due_again(payment):
    claimed = payment_checks.claim_payment(payment.pk, min_gap=NOW)
    assert timedelta(0) < claimed.next_check_at - timezone.now() <= payment_checks.LEASE


def test_unknown_payment_is_nothing(db):
    assert payment_checks.verify_payment(4711) is None


def test_two_workers_with_the_same_answer(payment, simulator, changes, django_capture_on_commit_callbacks):
    simulator.pay(payment.reference)
    first, second = provider_lookup.look_up_checkout(payment), provider_lookup.look_up_checkout(payment)

    with django_capture_on_commit_callbacks(execute=True):
        payment_checks.record_answer(payment, first)
        payment_checks.record_answer(payment, second)

    assert fresh(payment).state == PaymentState.PAID
    assert changes == [payment.subject]


def test_an_old_answer_does_not_undo_a_new_one(payment, simulator):
    old = provider_lookup.look_up_checkout(payment)
    simulator.pay(payment.reference)
    verify(payment)

    late = payment_checks.record_answer(payment, old)

    assert (late.state, late.next_check_at) == (PaymentState.PAID, None)


def test_no_transaction_is_open_while_sumup_is_asked(transactional_db, simulator, monkeypatch):
    """Nobody may hold a lock while SumUp thinks."""
    seen, call = [], Client._call
    monkeypatch.setattr(Client, "_call", lambda *a, **k: seen.append(connection.in_atomic_block) or call(*a, **k))
    opened = make_open_payment()
    verify(opened)
    simulator.fault("duplicate_reference")
    checkout.start_payment(make_payment("JE-TEST0002"))
    checkout.close_payment(opened)

    assert len(seen) >= 6
    assert not any(seen)


def test_verify_refuses_inside_a_transaction(transactional_db, simulator):
    payment = make_open_payment()
    with pytest.raises(RuntimeError), transaction.atomic():
        verify(payment)


# Nudges


def test_nudge_wakes_a_worker_once(payment, queue):
    change(payment, checked_at=None)
    for _ in range(5):
        payment_checks.request_check(fresh(payment))
    assert queue() == [payment.pk]
    assert fresh(payment).next_check_at <= timezone.now()


def test_nudge_right_after_a_look_waits_for_two_seconds(payment, queue):
    looked = verify(payment)

    payment_checks.request_check(looked)

    assert fresh(payment).next_check_at == looked.checked_at + timedelta(seconds=2)
    assert queue() == [payment.pk]


def test_nudge_wakes_a_worker_for_what_waits_for_the_sweep(payment, queue):
    payment_checks.request_check(change(payment, checked_at=None, next_check_at=timezone.now() - timedelta(seconds=30)))
    assert queue() == [payment.pk]


def test_nudge_of_a_settled_payment_is_nothing(payment, simulator, queue):
    simulator.pay(payment.reference)
    payment_checks.request_check(verify(payment))
    assert queue() == []


def test_nudge_after_the_last_look_looks_again(payment, queue):
    payment_checks.request_check(change(payment, next_check_at=None, checked_at=None))
    assert queue() == [payment.pk]


def test_payments_of_a_subject_oldest_first(db):
    first, second = make_payment("JE-1"), make_payment("JE-1")
    make_payment("JE-2")
    assert payment_checks.list_payments_for("JE-1") == [first, second]


def test_task_verifies(payment, simulator):
    simulator.pay(payment.reference)
    change(payment, checked_at=None)
    tasks.verify_payment.call_local(payment.pk)
    assert fresh(payment).state == PaymentState.PAID


# What is kept


def test_observations_tell_what_was_asked_and_answered(payment, simulator):
    simulator.pay(payment.reference)
    verify(payment)

    kept = Observation.objects.filter(payment=payment).first()

    assert kept.question == Question.GET
    assert kept.answer["status"] == "PAID"
    assert Decimal(kept.answer["amount"]) == payment.amount


def test_no_secret_and_no_person_in_logs_or_observations(payment, simulator, caplog, settings):
    caplog.set_level(logging.DEBUG)
    for fault in ["token_revoked", "html_error", "503", "bad_json"]:
        simulator.fault(fault, operation="get", times=3)
        verify(payment)
        simulator.clear_faults()
    simulator.pay(payment.reference)
    verify(payment)

    everything = caplog.text + str(list(Observation.objects.values_list("answer", flat=True)))
    assert settings.SUMUP_API_KEY not in everything
    assert "Bearer" not in everything
    assert "@" not in everything
    assert "1111" not in str(list(Observation.objects.values_list("answer", flat=True)))


# Every fault by name: in the end the truth is known, whatever happened on the way

SHORT = {
    "slow": {"seconds": 0.1},
    "latency": {"seconds": 0.01},
    "paid_after_seconds": {"seconds": 0.1},
    "delay_callbacks": {"seconds": 0.1},
    "reorder_callbacks": {"seconds": 0.1},
}


@pytest.mark.parametrize("fault", sorted(CATALOGUE.keys() - {"refund_fails"}))
def test_every_fault_ends_in_the_truth(db, simulator, fault):
    with time_limits.call_limit(1):
        assert_ends_in_the_truth(simulator, fault)


def assert_ends_in_the_truth(simulator, fault):
    simulator.fault(fault, **{"times": 2} | SHORT.get(fault, {}))
    payment = make_payment()
    for _ in range(4):
        with suppress(NotStarted):
            payment = checkout.start_payment(payment)
            break

    simulator.pay(payment.reference)
    payment = look_until(payment, lambda looked: looked.state == PaymentState.PAID and not looked.problem)

    assert payment.state == PaymentState.PAID
    assert bool(payment.problem) == (fault == "two_successes")
    assert len([each for each in simulator.state()["checkouts"] if each["status"] == "PAID"]) == 1


def look_until(payment, is_known, looks=9):
    for _ in range(looks):
        payment = verify(payment) or fresh(payment)
        if is_known(payment):
            break
        time.sleep(0.02)
    return payment
