"""Whatever the provider is seen to say, in whatever order: money stays money, and looking ends."""

from copy import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.states import ALLOWED
from payments.domain.verification.decision import decide_payment_step
from payments.domain.verification.provider_lookup import LookupResult
from payments.enums import CheckoutStatus, MerchantStatus, PaymentState, TransactionStatus
from payments.models import MerchantAccount, Payment
from payments.provider import Busy, Checkout, NotAllowed, NotFound, Transaction, Unauthorised, Unreachable

BEGAN = datetime(2026, 7, 1, 12, tzinfo=UTC)
DEADLINE = BEGAN + timedelta(minutes=15)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AMOUNT = Decimal("24.50")


def make_payment(state=PaymentState.CREATED, **fields):
    return Payment(
        pk=1,
        subject="JE-TEST0001",
        reference="JE-TEST0001-ABCDEF",
        merchant=MerchantAccount(merchant_code="MDEMO001", status=fields.pop("status", MerchantStatus.CONNECTED)),
        amount=AMOUNT,
        currency="GBP",
        created_at=BEGAN,
        deadline=DEADLINE,
        state=state,
        **fields,
    )


def make_checkout(status=CheckoutStatus.PENDING, *, attempts=(), amount=AMOUNT):
    paid = {"transaction_id": "t-1", "transaction_code": "T1"} if status == CheckoutStatus.PAID else {}
    tries = tuple(Transaction(f"t-{n}", f"T{n}", word, amount, "GBP", BEGAN) for n, word in enumerate(attempts, 1))
    return Checkout("c-1", "JE-TEST0001-ABCDEF", "MDEMO001", amount, "GBP", status, attempts=tries, **paid)


def paid(amount=AMOUNT):
    attempts = [TransactionStatus.SUCCESSFUL]
    return LookupResult(checkout=make_checkout(CheckoutStatus.PAID, attempts=attempts, amount=amount))


def take_step(payment, seen, now, **options):
    """The payment after the step, which itself changed nothing."""
    before = copy(payment.__dict__)
    step = decide_payment_step(payment, seen, now, **options)
    assert payment.__dict__ == before
    assert step.state is None or step.state in ALLOWED[Payment][payment.state]
    for name, value in step.changes.items():
        setattr(payment, name, value)
    payment.state = step.state or payment.state
    return step


errors = st.builds(
    lambda kind, permanent, wait: kind("no", permanent=permanent, retry_after=wait),
    st.sampled_from([Busy, NotAllowed, NotFound, Unauthorised, Unreachable]),
    st.booleans(),
    st.none() | st.integers(0, 100_000),
)
unpaid = st.builds(
    make_checkout,
    st.sampled_from([CheckoutStatus.PENDING, CheckoutStatus.FAILED, CheckoutStatus.EXPIRED]),
    attempts=st.lists(st.just(TransactionStatus.FAILED), max_size=2),
)
silent = st.builds(lambda error: LookupResult(error=error), errors)
answers = st.one_of(
    silent,
    st.just(LookupResult(taken=True)),
    st.just(LookupResult(closed=True)),
    st.builds(
        lambda checkout, closed: LookupResult(checkout=checkout, closed=closed or checkout.status == "EXPIRED"),
        unpaid,
        st.booleans(),
    ),
    st.builds(paid, st.sampled_from([AMOUNT, Decimal("1.00")])),
)
gaps = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=30))
histories = st.lists(st.tuples(gaps, answers), min_size=1, max_size=12)
starts = st.sampled_from([PaymentState.CREATED, PaymentState.OPEN, PaymentState.FAILED, PaymentState.BY_HAND])


def replay(history, state):
    payment, now = make_payment(state, paid_at=BEGAN), BEGAN
    for gap, seen in history:
        now += gap
        before = copy(payment)
        yield before, seen, now, take_step(payment, seen, now), payment


@given(histories, starts)
def test_paid_is_final_and_every_paid_answer_ends_there(history, state):
    for before, seen, _now, _step, after in replay(history, state):
        if before.state == PaymentState.PAID or seen.is_paid:
            assert after.state == PaymentState.PAID
            assert after.next_check_at is None
        if before.state == PaymentState.PAID and not before.problem:
            assert (after.paid_at, after.transaction_id, after.problem) == (before.paid_at, before.transaction_id, "")


@given(histories, starts)
def test_no_answer_without_a_word_moves_a_payment(history, state):
    for before, seen, _now, step, after in replay(history, state):
        if seen.error or seen.taken:
            assert step.state is None
            assert (after.closed_at, after.checkout_id) == (before.closed_at, before.checkout_id)
        assert after.checks == before.checks + 1


@given(histories, starts)
def test_the_next_check_is_neither_past_nor_far(history, state):
    for _before, _seen, now, _step, after in replay(history, state):
        assert after.next_check_at is None or now <= after.next_check_at <= now + HOUR


@given(histories, starts)
def test_no_payment_is_given_up_in_silence(history, state):
    """Nobody looks any more: then it is paid, closed for good, a person's, or staff are told why."""
    for _before, _seen, now, _step, after in replay(history, state):
        if after.next_check_at is None:
            settled = after.state in {PaymentState.PAID, PaymentState.BY_HAND}
            assert settled or after.closed_at or (after.problem and now - DEADLINE >= DAY)


@given(histories, starts, answers)
def test_the_same_answer_twice_changes_nothing_but_the_looks(history, state, last):
    *_, (_before, _seen, now, _step, payment) = replay([*history, (timedelta(0), last)], state)
    again = take_step(payment, last, now)
    assert again.state is None
    assert not again.changes.keys() & {"paid_at", "transaction_id", "hosted_url"}


def test_looking_ends_a_day_after_the_deadline():
    payment = make_payment(PaymentState.OPEN, checkout_id="c-1")
    take_step(payment, LookupResult(checkout=make_checkout()), DEADLINE + DAY)
    assert payment.next_check_at is None
    assert payment.problem


def test_a_pause_does_not_count_for_that_day():
    payment = make_payment(PaymentState.OPEN, checkout_id="c-1")
    now = DEADLINE + DAY
    take_step(payment, LookupResult(checkout=make_checkout()), now, was_paused=True)
    assert (payment.next_check_at, payment.problem) == (now + HOUR, "")


def test_a_checkout_that_turns_up_after_the_end_is_looked_at_now():
    payment = make_payment(PaymentState.EXPIRED, closed_at=DEADLINE)
    now = DEADLINE + HOUR
    take_step(payment, LookupResult(checkout=make_checkout()), now)
    assert (payment.checkout_id, payment.closed_at, payment.next_check_at) == ("c-1", None, now)


@pytest.mark.parametrize("state", sorted(set(PaymentState) - {PaymentState.PAID}))
def test_money_of_another_amount_is_money_and_a_problem(state):
    payment = make_payment(state)
    take_step(payment, paid(Decimal("1.00")), BEGAN + HOUR)
    assert payment.state == PaymentState.PAID
    assert payment.problem
