"""Every history of a refund: what SumUp shows, its silence, its errors, late workers. No database, no HTTP."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies as st

from payments.domain.refunds.decision import (
    ACCEPTED_SILENCE,
    BALANCE_PATIENCE,
    BALANCE_WAIT,
    LONG_SILENCE,
    LONGEST_WAIT,
    SHORTEST_WAIT,
    SILENCE,
    UNKNOWN_PATIENCE,
    Done,
    Fail,
    Seen,
    Send,
    Wait,
    answers_refund,
    decide_refund_step,
    is_accepted,
    is_in_progress,
)
from payments.enums import OPEN_REFUND_STATES, EventStatus, MovementKind, RefundState
from payments.models import Payment, Refund
from payments.provider import (
    Busy,
    Conflict,
    Hung,
    MoneyEvent,
    NotAllowed,
    NotEnough,
    NotFound,
    TooHigh,
    Transaction,
    Unauthorised,
)

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
TAKEN = Decimal("20.00")
UNANSWERED = [Hung("no answer"), Busy("503", status=503)]
REFUSALS = [
    NotEnough("balance", permanent=True),
    TooHigh("too much", permanent=True),
    NotAllowed("forbidden", permanent=True),
    Conflict("state", permanent=True),
    Unauthorised("key", permanent=True),
]
UNREAD = [*UNANSWERED, NotFound("404", permanent=True), Unauthorised("key", permanent=True)]
MOST_STEPS_WHEN_WELL = 60


@dataclass
class SumUp:
    """One transaction of £20. What it did it shows at once or within `delay`; what it works on, as pending."""

    now: datetime = NOON
    events: list = field(default_factory=list)  # (shown from, done from, event)

    def transaction(self):
        shown = [self._as_shown(event, done) for at, done, event in self.events if at <= self.now]
        return Transaction("tx", "TX", "SUCCESSFUL", TAKEN, "GBP", events=tuple(shown))

    def look(self, error):
        return Seen(error=error) if error else Seen(self.transaction())

    def send(self, amount, outcome, delay):
        """The error that it answers with, None when it accepts."""
        gone = sum(event.amount for _shown, _done, event in self.events if event.status != EventStatus.FAILED)
        if amount > TAKEN - gone:
            return TooHigh("too much", permanent=True)
        if isinstance(outcome, Exception):
            return outcome
        answer, becomes = outcome
        if becomes == "done":
            self._add(amount, shown=delay, done=delay)
        elif becomes == "worked on":
            self._add(amount, shown=timedelta(), done=600 * delay)
        elif becomes == "failed":
            self._add(amount, shown=timedelta(), done=timedelta(), status=EventStatus.FAILED)
        return answer

    def paid(self):
        done = [event for _shown, done, event in self.events if done <= self.now]
        return sum((event.amount for event in done if event.status != EventStatus.FAILED), Decimal(0))

    def _add(self, amount, *, shown, done, status=EventStatus.REFUNDED):
        event = MoneyEvent(f"event-{len(self.events)}", MovementKind.REFUND, status, amount)
        self.events.append((self.now + shown, self.now + done, event))

    def _as_shown(self, event, done):
        is_over = done <= self.now or event.status == EventStatus.FAILED
        return event if is_over else replace(event, status=EventStatus.PENDING)


ACCEPTS = [(None, "done"), (None, "worked on"), (None, "failed"), (None, "nothing")]
ANSWER_LOST = [(Hung("lost"), "done"), (Hung("lost"), "worked on"), (Busy("503", status=503), "nothing")]
LOOKS = st.none() | st.none() | st.sampled_from(UNREAD)
TURNS = st.tuples(
    st.integers(0, 90) | st.integers(0, 3 * 24 * 3600),  # seconds that the worker is late
    LOOKS,
    st.sampled_from(ACCEPTS) | st.sampled_from(ANSWER_LOST) | st.sampled_from([*UNANSWERED, *REFUSALS]),
    st.integers(0, 55),  # seconds until SumUp shows what it did
    LOOKS,
)
WELL = (0, None, (None, "done"), 0, None)


def make_refund(amount="5.00", *, problem="", **fields):
    payment = Payment(amount=TAKEN, problem=problem)
    defaults = {"state": RefundState.REQUESTED, "created_at": NOON, "events_before": [], "last_error": ""}
    return Refund(payment=payment, amount=Decimal(amount), **defaults | fields)


def decide(refund, seen, now):
    """The step, with what must hold for every step."""
    before = {each.attname: getattr(refund, each.attname) for each in refund._meta.concrete_fields}
    step = decide_refund_step(refund, seen, now)
    assert decide_refund_step(refund, seen, now) == step
    assert {each.attname: getattr(refund, each.attname) for each in refund._meta.concrete_fields} == before
    is_another_s = seen.was_sent and refund.state != RefundState.SENT
    assert isinstance(step, Done) == (refund.state not in OPEN_REFUND_STATES or is_another_s)
    if isinstance(step, Send):
        assert_may_be_sent(refund, step, seen, now)
    elif isinstance(step, Wait):
        assert_waits_within_limits(refund, step, seen, now)
    return step


def assert_may_be_sent(refund, step, seen, now):
    assert not seen.was_sent
    assert seen.transaction
    assert 0 < step.amount <= seen.transaction.left
    assert step.amount == refund.amount or refund.payment.problem
    if refund.state == RefundState.SENT:
        assert not is_accepted(refund)
        assert not is_in_progress(refund, seen.transaction)
        assert now - refund.sent_at >= silence_after(refund, seen.transaction)


def silence_after(refund, transaction):
    if is_accepted(refund):
        return ACCEPTED_SILENCE
    return LONG_SILENCE if 2 * refund.amount <= transaction.left else SILENCE


def assert_waits_within_limits(refund, step, seen, now):
    if step.for_balance:
        assert step.until - now == BALANCE_WAIT
        assert now - refund.created_at < BALANCE_PATIENCE
        return
    assert SHORTEST_WAIT <= step.until - now <= LONGEST_WAIT
    sent = refund.state == RefundState.SENT and not seen.was_sent
    if sent and seen.transaction and not is_in_progress(refund, seen.transaction):
        assert now - refund.sent_at < silence_after(refund, seen.transaction)
    if isinstance(seen.error, NotFound) and refund.state != RefundState.SENT:
        assert now - refund.created_at <= UNKNOWN_PATIENCE


def confirm(refund, seen):
    """As `confirm_refunds` does with rows."""
    for event in seen.transaction.events if seen.transaction else ():
        if refund.state in OPEN_REFUND_STATES and answers_refund(event, refund):
            if event.is_done:
                refund.state, refund.event_id = RefundState.PROVED, event.id
            elif event.status == EventStatus.FAILED and refund.state == RefundState.SENT:
                refund.state = RefundState.FAILED


def write(refund, step):
    """As the one writer does with rows. Returns when it is due again."""
    if isinstance(step, Fail):
        refund.state = RefundState.FAILED
    if not isinstance(step, Wait):
        return None
    if step.error is not None:
        refund.last_error = step.error
    if step.for_balance:
        refund.state = RefundState.WAITING
    return step.until


def take_turn(refund, sumup, look, outcome, delay, second_look):
    seen = sumup.look(look)
    confirm(refund, seen)
    step = decide(refund, seen, sumup.now)
    if isinstance(step, Send):
        refund.amount, refund.sent_at, refund.last_error = step.amount, sumup.now, "cut short"
        refund.events_before = [event.id for event in seen.transaction.events]
        refund.state = RefundState.SENT
        refusal = sumup.send(step.amount, outcome, timedelta(seconds=delay))
        seen = replace(sumup.look(second_look), was_sent=True, refusal=refusal)
        confirm(refund, seen)
        step = decide(refund, seen, sumup.now)
    return write(refund, step)


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(
    amount=st.sampled_from(["5.00", "10.00", "12.00", "20.00", "25.00"]),
    problem=st.sampled_from(["", "other amount"]),
    turns=st.lists(TURNS, max_size=12),
)
def test_whatever_happened_nobody_is_paid_twice_and_every_refund_ends(amount, problem, turns):
    """Never sent again while it may still come, never done without proof, never beyond a limit, always at an end."""
    refund, sumup = make_refund(amount, problem=problem), SumUp()
    due = sumup.now
    for late, *turn in [*turns, *[WELL] * MOST_STEPS_WHEN_WELL]:
        sumup.now = max(sumup.now, due) + timedelta(seconds=late)
        due = take_turn(refund, sumup, *turn)
        if due is None:
            break
    assert refund.state not in OPEN_REFUND_STATES, "it ends when SumUp is well again"
    assert sumup.paid() <= min(refund.amount, TAKEN)
    if refund.state == RefundState.PROVED:
        assert sumup.paid() == refund.amount


@pytest.mark.parametrize("look", UNREAD)
def test_what_sumup_accepted_stays_accepted_when_it_cannot_be_read(look):
    """A day later a person decides. It is never sent again, however often SumUp could not be read meanwhile."""
    refund, sumup = make_refund(), SumUp()
    due = take_turn(refund, sumup, None, (None, "nothing"), 0, look)
    assert is_accepted(refund)
    while due and sumup.now < NOON + ACCEPTED_SILENCE:
        sumup.now = due
        due = take_turn(refund, sumup, look, (None, "done"), 0, None)
    take_turn(refund, sumup, None, (None, "done"), 0, None)
    assert (refund.state, sumup.events) == (RefundState.FAILED, [])


@pytest.mark.parametrize("look", [look for look in UNREAD if look.permanent])
def test_what_sumup_accepted_and_never_shows_again_comes_to_a_person(look):
    """The account was closed, or the key is gone for good: it does not wait for ever without a word."""
    refund, sumup = make_refund(), SumUp()
    due = take_turn(refund, sumup, None, (None, "nothing"), 0, look)
    while due:
        sumup.now = due
        due = take_turn(refund, sumup, look, (None, "done"), 0, None)
    assert refund.state == RefundState.FAILED
    assert ACCEPTED_SILENCE < sumup.now - NOON <= ACCEPTED_SILENCE + UNKNOWN_PATIENCE + 2 * LONGEST_WAIT
    assert sumup.events == []


@pytest.mark.parametrize("state", [RefundState.WAITING, RefundState.REQUESTED])
def test_a_refund_that_somebody_else_went_on_with_is_left_to_them(state):
    """A worker that outlived its lease comes back with SumUp's refusal."""
    seen = Seen(SumUp().transaction(), was_sent=True, refusal=NotAllowed("forbidden", permanent=True))
    assert decide(make_refund(state=state), seen, NOON) == Done()


def test_everything_of_a_payment_that_differs_is_what_sumup_took():
    seen = Seen(SumUp().transaction())
    assert decide_refund_step(make_refund("25.00", problem="other amount"), seen, NOON) == Send(TAKEN)
    assert isinstance(decide_refund_step(make_refund("25.00"), seen, NOON), Fail)
