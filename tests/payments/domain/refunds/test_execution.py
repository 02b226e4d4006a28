"""Sending money back, whatever SumUp, the network and our own processes do."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import hypothesis
import pytest
import time_machine
from django.utils import timezone
from django.utils.timezone import localdate
from hypothesis import strategies as st

from payments.domain.refunds import amounts, confirmation, estimates, execution, requests
from payments.domain.refunds.requests import RefundRefused
from payments.domain.verification import payment_checks
from payments.enums import MovementKind, Question, RefundOrigin, RefundState
from payments.models import Alert, Movement, Observation, Refund, WorkerCycle
from payments.signals import payment_changed
from payments.sumup.client import Client
from tests.payments.factories import fresh, make_open_payment, make_payment
from tests.simulator import SimulatorRefusal

PART = Decimal("5.00")
ELSEWHERE = ["dashboard", "charge back"]
FAULTS = [
    None,
    *ELSEWHERE,
    ("lost_answer", {"operation": "refund"}),
    ("drop", {"operation": "refund"}),
    ("server_error", {"operation": "transaction", "times": 4}),
    ("refund_fails", {}),
    ("refund_refused", {}),
    ("refund_pending", {"seconds": 60}),
]


@pytest.fixture
def payment(db, simulator):
    """£24.50, paid and known to be."""
    payment = make_open_payment()
    simulator.pay(payment.reference)
    return fresh(payment_checks.verify_payment(payment.pk, min_gap=timedelta()))


def ask(payment, amount=PART, **fields):
    return requests.request_refund(payment=payment, amount=amount, reason="The singer is ill", **fields)


def go_on(refund, *, after=timedelta()):
    """Its next turn, whenever that would be."""
    Refund.objects.filter(pk=refund.pk, next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    with time_machine.travel(timezone.now() + after):
        execution.execute_refund(refund.pk)
    return reread(refund)


def reread(refund):
    return Refund.objects.get(pk=refund.pk)


def given_back(simulator):
    """Pounds that really left, by the simulator's own books."""
    return [
        Decimal(str(event["amount"]))
        for transaction in simulator.state()["transactions"]
        for event in transaction["transaction_events"]
        if event["event_type"] in {"REFUND", "CHARGE_BACK"} and event["status"] != "FAILED"
    ]


def test_it_works(payment, simulator, django_capture_on_commit_callbacks):
    heard = []
    payment_changed.connect(lambda subject, **_: heard.append(subject), weak=False, dispatch_uid="test")
    with django_capture_on_commit_callbacks(execute=True):
        refund = ask(payment, payment.amount)
        assert (refund.state, requests.refundable_amount(payment)) == (RefundState.REQUESTED, 0)
        done = go_on(refund)
    payment_changed.disconnect(dispatch_uid="test")

    assert (done.state, done.next_attempt_at, done.attempts) == (RefundState.PROVED, None, 1)
    assert done.event_id
    assert done.proved_at
    assert given_back(simulator) == [Decimal("24.5")]
    assert set(heard) == {payment.subject}
    questions = Observation.objects.filter(payment=payment).values_list("question", flat=True)
    assert [each for each in questions if each != Question.CREATE][:3] == ["transaction", "refund", "transaction"]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "more than nothing"), ("-1", "more than nothing"), ("24.51", "Only £24.50 is left")],
)
def test_never_more_than_was_paid(payment, amount, words):
    with pytest.raises(RefundRefused, match=words):
        ask(payment, Decimal(amount))
    assert not Refund.objects.exists()


def test_an_unpaid_payment_gives_nothing_back(simulator, db):
    with pytest.raises(RefundRefused, match="not paid"):
        ask(make_open_payment())


def test_parts_add_up_to_the_whole_and_no_further(payment, simulator):
    for part in ("10.00", "10.00", "4.50"):
        assert go_on(ask(payment, Decimal(part))).state == RefundState.PROVED
    with pytest.raises(RefundRefused, match="Nothing is left"):
        ask(payment, Decimal("0.01"))
    assert sum(given_back(simulator)) == payment.amount


@pytest.mark.parametrize("fault", ["too_many_requests", "server_error", "drop", "token_revoked"])
def test_an_answer_that_may_be_lost_is_followed_by_looks_and_one_more_sending(payment, simulator, fault):
    """SumUp did nothing; that is known only when it kept silent for a while."""
    simulator.fault(fault, operation="refund")
    refund = go_on(ask(payment))
    assert (refund.state, given_back(simulator)) == (RefundState.SENT, [])
    assert go_on(refund, after=timedelta(minutes=14)).attempts == 1
    refund = go_on(refund, after=timedelta(minutes=16))
    assert (refund.state, refund.attempts, given_back(simulator)) == (RefundState.PROVED, 2, [PART])


def test_what_cannot_be_done_twice_is_sent_again_after_a_minute(payment, simulator):
    simulator.fault("drop", operation="refund")
    refund = go_on(ask(payment, payment.amount))
    refund = go_on(refund, after=timedelta(seconds=61))
    assert (refund.state, refund.attempts) == (RefundState.PROVED, 2)


def test_what_sumup_said_yes_to_is_never_sent_again(payment, simulator, monkeypatch):
    """A day without proof, and a person decides."""
    monkeypatch.setattr(Client, "refund", lambda *args, **kwargs: None)
    refund = go_on(ask(payment))
    refund = go_on(refund, after=timedelta(hours=23))
    assert (refund.state, refund.attempts) == (RefundState.SENT, 1)
    refund = go_on(refund, after=timedelta(hours=25))
    assert (refund.state, refund.attempts) == (RefundState.FAILED, 1)
    assert "ask SumUp" in refund.last_error
    assert Alert.objects.filter(key__startswith="refund-failed").exists()


@pytest.mark.parametrize("fault", ["lost_answer", "bad_json", "empty_body"])
def test_what_was_done_without_an_answer_is_not_done_twice(payment, simulator, fault):
    simulator.fault(fault, operation="refund")
    refund = go_on(ask(payment))
    assert (refund.state, refund.attempts, given_back(simulator)) == (RefundState.PROVED, 1, [PART])


@pytest.mark.parametrize(
    "fault", ["drop", "server_error", "bad_json", "html_error", "transactions_404", "token_revoked"]
)
@pytest.mark.parametrize("look", [1, 2])
def test_a_look_that_fails_delays_and_never_doubles(payment, simulator, fault, look):
    """The first look is before the sending, the second after it."""
    refund = ask(payment)
    if look == 2:
        simulator.fault("latency", operation="refund", seconds=0)
        simulator.fault("lost_answer", operation="refund")
        refunding_send(simulator, fault)
    else:
        simulator.fault(fault, operation="transaction", times=4)
    refund = go_on(refund)
    assert refund.state in {RefundState.REQUESTED, RefundState.SENT}
    simulator.clear_faults()
    refund = go_on(refund)
    assert (refund.state, given_back(simulator)) == (RefundState.PROVED, [PART])


def refunding_send(simulator, fault):
    """Scripts the fault for the looks after the sending."""
    send = execution._send_refund

    def send_and_break(refund):
        execution._send_refund = send
        error = send(refund)
        simulator.fault(fault, operation="transaction", times=4)
        return error

    execution._send_refund = send_and_break


def test_a_2xx_that_failed_is_a_failure_and_can_be_tried_again(payment, simulator):
    simulator.fault("refund_fails")
    refund = go_on(ask(payment))
    assert refund.state == RefundState.FAILED
    assert "failed" in refund.last_error
    assert Alert.objects.filter(key__startswith="refund-failed").count() == 1
    assert requests.refundable_amount(payment) == payment.amount

    requests.retry_refund(refund, by=None)
    assert go_on(refund).state == RefundState.PROVED
    assert given_back(simulator) == [PART]


@pytest.mark.parametrize(("fault", "words"), [("refund_refused", "refused"), ("forbidden", "does not allow")])
def test_what_sumup_refuses_fails_with_words(payment, simulator, fault, words):
    simulator.fault(fault, operation="refund")
    refund = go_on(ask(payment))
    assert (refund.state, refund.next_attempt_at) == (RefundState.FAILED, None)
    assert words in refund.last_error
    requests.cancel_refund(refund, by=None)
    with pytest.raises(RefundRefused):
        requests.retry_refund(reread(refund), by=None)


def test_a_slow_processor_is_waited_for(payment, simulator):
    simulator.fault("refund_pending", seconds=3600)
    refund = go_on(ask(payment))
    assert refund.state == RefundState.SENT
    refund = go_on(refund, after=timedelta(minutes=10))
    assert (refund.state, refund.attempts) == (RefundState.SENT, 1)
    simulator.clock(3601)
    assert go_on(refund).state == RefundState.PROVED
    assert given_back(simulator) == [PART]


def test_without_balance_it_waits_for_the_next_sale(payment, simulator):
    simulator.settings(balance={"MDEMO001": 1})
    refund = go_on(ask(payment))
    assert refund.state == RefundState.WAITING
    assert refund.expected_by.weekday() < 5
    assert refund.next_attempt_at > timezone.now() + timedelta(hours=23)
    assert execution.execute_due_refunds() == 0

    another = make_open_payment("JE-TEST0002")
    simulator.pay(another.reference)
    payment_checks.verify_payment(another.pk, min_gap=timedelta())
    assert execution.execute_due_refunds() == 1
    assert reread(refund).state == RefundState.PROVED
    assert [cycle.items for cycle in WorkerCycle.objects.order_by("pk")] == [0, 1]


def test_what_waited_for_a_month_is_for_a_person(payment, simulator):
    simulator.settings(balance={"MDEMO001": 1})
    refund = go_on(ask(payment))
    assert go_on(refund, after=timedelta(days=31)).state == RefundState.FAILED


def test_waiting_can_be_cut_short_or_cancelled(payment, simulator):
    simulator.settings(balance={"MDEMO001": 1})
    first, second = go_on(ask(payment)), go_on(ask(payment))
    simulator.settings(balance={"MDEMO001": 100})
    requests.retry_refund(first, by=None)
    requests.cancel_refund(second, by=None)
    execution.execute_due_refunds()
    assert [reread(each).state for each in (first, second)] == [RefundState.PROVED, RefundState.CANCELLED]
    with pytest.raises(RefundRefused):
        requests.cancel_refund(first, by=None)


# Elsewhere


@pytest.mark.parametrize("amount", [None, 5])
def test_a_refund_in_the_dashboard_is_mirrored_once(payment, simulator, amount):
    simulator.refund(payment.reference, **({"amount": amount} if amount else {}))
    assert len(confirmation.fetch_refunds(payment)) == 1
    assert confirmation.fetch_refunds(payment) == []
    mirrored = Refund.objects.get()
    assert (mirrored.state, mirrored.origin) == (RefundState.PROVED, RefundOrigin.DASHBOARD)
    assert mirrored.amount == (amount or payment.amount)
    assert amounts.unrefunded_amounts([payment]) == {payment.pk: payment.amount - mirrored.amount}


def test_a_charge_back_is_mirrored(payment, simulator):
    simulator.chargeback(payment.reference)
    confirmation.fetch_refunds(payment)
    assert Refund.objects.get().origin == RefundOrigin.CHARGE_BACK
    assert requests.refundable_amount(payment) == 0


def test_what_the_dashboard_took_is_not_sent_again(payment, simulator):
    refund = ask(payment, payment.amount)
    simulator.refund(payment.reference, amount=10)
    refund = go_on(refund)
    assert (refund.state, given_back(simulator)) == (RefundState.FAILED, [10])
    assert "£14.50" in refund.last_error


def test_the_same_amount_in_the_dashboard_before_ours_does_not_prove_ours(payment, simulator):
    refund = ask(payment)
    simulator.refund(payment.reference, amount=5)
    assert go_on(refund).state == RefundState.PROVED
    assert given_back(simulator) == [PART, PART]
    assert Refund.objects.filter(state=RefundState.PROVED).count() == 2


def test_one_at_a_time(payment, simulator):
    """While an answer is missing, nobody else may send for the same transaction."""
    simulator.fault("lost_answer", operation="refund")
    refunding_send(simulator, "drop")
    first = go_on(ask(payment))
    simulator.clear_faults()
    assert first.state == RefundState.SENT
    second = ask(payment, Decimal("6.00"))
    simulator.fault("refund_pending", seconds=1, times=1)
    execution.execute_refund(second.pk)
    assert reread(first).state == RefundState.PROVED
    assert go_on(second, after=timedelta(seconds=2)).state in {RefundState.SENT, RefundState.PROVED}


def test_money_that_differs_goes_back_whole(payment, simulator):
    """The acceptance check found another amount: "everything" is what SumUp really took."""
    type(payment).objects.filter(pk=payment.pk).update(problem="The amount differs", amount=Decimal("30.00"))
    payment = fresh(payment)
    Observation.objects.all().delete()
    refund = go_on(ask(payment, requests.refundable_amount(payment)))
    assert (refund.state, refund.amount) == (RefundState.PROVED, Decimal("24.50"))
    assert amounts.unrefunded_amounts([payment]) == {payment.pk: 0}


def test_a_sale_that_is_not_ours_can_be_refunded(payment, simulator):
    sale = simulator.sale(8)
    options = {"amount": Decimal(8), "currency": "GBP", "reason": "Sold by mistake", "by": None}
    refund = requests.request_refund_of_unmatched(merchant=payment.merchant, transaction_id=sale["id"], **options)
    with pytest.raises(RefundRefused, match="on its way"):
        requests.request_refund_of_unmatched(merchant=payment.merchant, transaction_id=sale["id"], **options)
    with pytest.raises(RefundRefused, match="payment of ours"):
        requests.request_refund_of_unmatched(
            merchant=payment.merchant, transaction_id=payment.transaction_id, **options
        )
    assert go_on(refund).state == RefundState.PROVED


# Our own processes


@pytest.mark.parametrize("step", ["_read_and_confirm", "decide_refund_step", "_mark_sent", "_send_refund", "_apply"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_dies_between_two_steps_sends_once(payment, simulator, monkeypatch, step, when):
    real = getattr(execution, step)

    def die(*args):
        if when == "after":
            real(*args)
        raise SystemExit

    refund = ask(payment)
    with monkeypatch.context() as patch:
        patch.setattr(execution, step, die)
        with pytest.raises(SystemExit):
            execution.execute_refund(refund.pk)
    for minutes in (4, 20):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            execution.execute_due_refunds()
    assert (reread(refund).state, given_back(simulator)) == (RefundState.PROVED, [PART])


def test_a_worker_that_outlived_its_lease_does_not_send(payment, simulator, monkeypatch):
    refund = ask(payment)
    look = execution._read_and_confirm

    def look_for_ages(claimed):
        monkeypatch.setattr(execution, "_read_and_confirm", look)
        seen = look(claimed)
        go_on(refund)
        return seen

    monkeypatch.setattr(execution, "_read_and_confirm", look_for_ages)
    execution.execute_refund(refund.pk)
    assert (reread(refund).state, given_back(simulator)) == (RefundState.PROVED, [PART])


def test_proving_is_idempotent(payment, simulator):
    go_on(ask(payment))
    seen = confirmation.fetch_transaction(payment.merchant, payment.transaction_id)
    assert confirmation.confirm_refunds(seen, merchant=payment.merchant, payment=payment) == []
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("payout_in_days", "amount", "lost"),
    [(None, "24.50", "0.00"), (1, "24.50", "0.00"), (0, "24.50", "0.61"), (-3, "12.25", "0.31"), (-3, "99.00", "0.61")],
)
def test_the_fee_is_lost_once_the_money_was_paid_out(db, payout_in_days, amount, lost):
    payment = make_payment()
    assert estimates.fee_lost_by_refund(payment, Decimal(amount)) is None
    day = None if payout_in_days is None else localdate() + timedelta(days=payout_in_days)
    make_movement(payment, fee=Decimal("0.61"), payout_date=day)
    assert estimates.fee_lost_by_refund(payment, Decimal(amount)) == Decimal(lost)


def test_shortfall_is_what_the_balance_lacks(db):
    payment = make_payment()
    assert estimates.balance_shortfall(payment.merchant, Decimal(100)) == 0, "SumUp's list was never read"
    make_movement(payment, sumup_id="old", payout_date=localdate() - timedelta(days=1))
    make_movement(payment, sumup_id="new", fee=Decimal("0.50"), payout_date=localdate() + timedelta(days=1))
    make_movement(payment, sumup_id="back", kind=MovementKind.REFUND, amount=Decimal("4.00"))
    assert estimates.balance_shortfall(payment.merchant, Decimal("20.00")) == 0
    assert estimates.balance_shortfall(payment.merchant, Decimal("25.00")) == Decimal("5.00")


def make_movement(payment, **fields):
    defaults = {"kind": MovementKind.PAYMENT, "sumup_id": "tx", "amount": payment.amount, "at": timezone.now()}
    Movement.objects.create(merchant=payment.merchant, payment=payment, currency="GBP", **defaults | fields)


def test_a_transaction_that_sumup_never_knew_is_given_up(payment, simulator):
    simulator.fault("transactions_404", times=None)
    refund = go_on(ask(payment))
    assert refund.state == RefundState.REQUESTED
    assert go_on(refund, after=timedelta(hours=25)).state == RefundState.FAILED


@hypothesis.settings(max_examples=8, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(steps=st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(FAULTS)), min_size=1, max_size=5))
@hypothesis.example(steps=[(1, None), (2450, "charge back")])
def test_whatever_happens_our_books_are_sumups_books(payment, simulator, steps):
    """Random parts, each with a fault: we never ask for more than was paid, and our books are SumUp's to the penny.

    A bank asks nobody: its charge back may come on top of what was refunded already.
    """
    Refund.objects.all().delete()
    simulator.reset()
    another = make_open_payment(f"JE-{timezone.now():%f}")
    simulator.pay(another.reference)
    another = fresh(payment_checks.verify_payment(another.pk, min_gap=timedelta()))
    for pence, fault in steps:
        if fault in ELSEWHERE:
            with suppress(SimulatorRefusal):
                act = simulator.refund if fault == "dashboard" else simulator.chargeback
                act(another.reference, amount=pence / 100)
            continue
        if fault:
            name, script = fault
            simulator.fault(name, **script)
        with suppress(RefundRefused):
            go_on(ask(another, Decimal(pence) / 100))
    simulator.clear_faults()
    for hours in (1, 2, 26, 27):
        Refund.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            execution.execute_due_refunds()
    confirmation.fetch_refunds(another)
    assert not Refund.objects.filter(next_attempt_at__isnull=False).exists()
    proved = Refund.objects.filter(state=RefundState.PROVED)
    assert sum(proved.values_list("amount", flat=True)) == sum(given_back(simulator))
    refunded = proved.exclude(origin=RefundOrigin.CHARGE_BACK)
    assert sum(refunded.values_list("amount", flat=True)) <= another.amount
