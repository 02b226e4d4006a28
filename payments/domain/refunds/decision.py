"""The next step of a refund, decided from its row, from what SumUp shows and from the time. Writes and asks nothing.

SumUp knows no idempotency and its answer proves nothing (contract notes 3.3, 5.3): only the events of the transaction
do, and `confirmation` writes those into the row before this is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from payments.enums import OPEN_REFUND_STATES, MovementKind, RefundState
from payments.money import format_money
from payments.provider import NotAllowed, NotEnough, NotFound, ProviderError, TooHigh, Transaction, Unauthorised

SILENCE = timedelta(seconds=60)  # of SumUp after a sending without an answer, when it has not enough left to pay twice
LONG_SILENCE = timedelta(minutes=15)  # when it has
ACCEPTED_SILENCE = timedelta(days=1)  # how long SumUp may work on what it accepted
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
NO_CREDENTIAL_WAIT = timedelta(minutes=15)
BALANCE_WAIT = timedelta(days=1)
BALANCE_PATIENCE = timedelta(days=30)
UNKNOWN_PATIENCE = timedelta(days=1)  # with a transaction that SumUp does not find


@dataclass(frozen=True)
class Seen:
    """What SumUp showed: its transaction, or the error that came instead.

    `was_sent`: the refund was sent a moment before, and `refusal` is SumUp's answer to that, None when it accepted.
    """

    transaction: Transaction | None = None
    error: ProviderError | None = None
    was_sent: bool = False
    refusal: ProviderError | None = None


@dataclass(frozen=True)
class Send:
    """Ask SumUp for `amount` (pounds) to go back."""

    amount: Decimal


@dataclass(frozen=True)
class Wait:
    """Look again at `until` (aware). `error` None leaves the last error of the row as it is."""

    until: datetime
    error: str | None = None
    for_balance: bool = False


@dataclass(frozen=True)
class Fail:
    """A person has to decide; `reason` is fit for staff."""

    reason: str


@dataclass(frozen=True)
class Done:
    """Nothing is left to do."""


def decide_refund_step(refund, seen, now):
    """`Send`, `Wait`, `Fail` or `Done`.

    What was sent and brought no answer is sent again only when SumUp has shown nothing of it for so long that it never
    heard of it. What SumUp accepted is never sent again: without proof after a day a person decides, after two when
    SumUp does not let us look.
    """
    if refund.state not in OPEN_REFUND_STATES:
        return Done()
    if seen.was_sent and refund.state != RefundState.SENT:
        return Done()  # somebody else went on with it meanwhile
    if seen.transaction is None:
        return _decide_unanswered(refund, seen, now)
    if seen.was_sent:
        return _decide_after_sending(refund, seen, now)
    return _decide_sending(refund, seen.transaction, now)


def answers_refund(event, refund):
    """Whether this event is SumUp's answer to this refund: of its amount, and not there before it was sent."""
    return (
        event.kind == MovementKind.REFUND
        and event.amount == refund.amount
        and refund.sent_at is not None
        and event.id not in refund.events_before
    )


def is_in_progress(refund, transaction):
    return any(event.is_on_its_way and answers_refund(event, refund) for event in transaction.events)


def is_accepted(refund):
    return refund.state == RefundState.SENT and not refund.last_error


def _decide_unanswered(refund, seen, now):
    until = _next_look(refund, now, seen.error)
    if seen.was_sent and seen.refusal is None:
        return Wait(until, error="")
    if is_accepted(refund):
        if seen.error.permanent and now - refund.sent_at > ACCEPTED_SILENCE + UNKNOWN_PATIENCE:
            return Fail(_nothing_shown())
        return Wait(until)  # an error would make it look like one that SumUp never accepted
    unknown = isinstance(seen.error, NotFound) and refund.state != RefundState.SENT
    if unknown and now - refund.created_at > UNKNOWN_PATIENCE:
        return Fail(_("SumUp does not know this transaction."))
    return Wait(until, error=str(seen.error))


def _decide_sending(refund, transaction, now):
    if refund.state == RefundState.SENT and _may_still_come(refund, transaction, now):
        return Wait(_next_look(refund, now))
    if is_accepted(refund):
        return Fail(_nothing_shown())
    if refund.amount <= transaction.left:
        return Send(refund.amount)
    # Of a payment that differs from what was asked, "everything" is whatever SumUp really took.
    if transaction.left and refund.payment and refund.payment.problem:
        return Send(transaction.left)
    return Fail(_too_little_left(transaction))


def _decide_after_sending(refund, seen, now):
    error = seen.refusal
    if error is None:
        return Wait(_next_look(refund, now), error="")
    if not error.permanent or isinstance(error, Unauthorised) or is_in_progress(refund, seen.transaction):
        return Wait(_next_look(refund, now, error), error=str(error))
    if isinstance(error, NotEnough) and now - refund.created_at < BALANCE_PATIENCE:
        return Wait(now + BALANCE_WAIT, error=str(error), for_balance=True)
    return Fail(_describe_refusal(error, seen.transaction))


def _may_still_come(refund, transaction, now):
    if is_in_progress(refund, transaction):
        return True
    if is_accepted(refund):
        return now - refund.sent_at < ACCEPTED_SILENCE
    is_enough_for_two = 2 * refund.amount <= transaction.left
    return now - refund.sent_at < (LONG_SILENCE if is_enough_for_two else SILENCE)


def _next_look(refund, now, error=None):
    # After seconds at first, then minutes, then hours.
    pause = min(max(now - (refund.sent_at or refund.created_at), SHORTEST_WAIT), LONGEST_WAIT)
    return now + (max(pause, NO_CREDENTIAL_WAIT) if isinstance(error, Unauthorised) else pause)


def _describe_refusal(error, transaction):
    if isinstance(error, TooHigh):
        return _too_little_left(transaction)
    if isinstance(error, NotAllowed):
        return _("SumUp does not allow refunds for this account: %(words)s") % {"words": error}
    return _("SumUp refused the refund: %(words)s") % {"words": error}


def _nothing_shown():
    return _("SumUp accepted this refund a day ago and shows nothing of it. Please ask SumUp.")


def _too_little_left(transaction):
    return _("SumUp has only %(left)s of this payment left.") % {"left": format_money(transaction.left)}
