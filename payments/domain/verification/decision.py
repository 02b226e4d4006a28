"""Decision about a payment: what an answer of the provider changes, without reading or writing anything."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.domain.states import ALLOWED
from payments.domain.verification.acceptance import find_problem
from payments.domain.verification.check_schedule import HOURLY, next_check_time
from payments.enums import PaymentState
from payments.models import Payment

LONGEST_CODE = 32


@dataclass(frozen=True)
class PaymentStep:
    """`state` is where the payment goes, None when it stays; `changes` are the other columns, written with it."""

    state: str | None
    changes: dict


def decide_payment_step(payment, seen, now, *, was_paused=False):
    """The step that the answer `seen` argues for; the same answer twice changes nothing but the number of looks.

    Paid is final, and money counts whatever the state was before. `was_paused`: within the last day nobody could ask.
    Reads and writes no row.
    """
    changes = {"checks": payment.checks + 1, "checked_at": now, **_adopt_checkout(payment, seen)}
    if seen.is_paid:
        changes |= _take_money(payment, seen.checkout, now)
    elif payment.state == PaymentState.PAID:
        changes["next_check_at"] = None
    else:
        if seen.closed and payment.closed_at is None:
            changes |= {"closed_at": now, "problem": ""}
        changes |= _plan_next_check(payment, seen, changes, now, was_paused=was_paused)
    return PaymentStep(_next_state(payment, seen), changes)


def _next_state(payment, seen):
    if seen.error or seen.taken:
        return None
    if seen.is_paid:
        state = PaymentState.PAID
    elif seen.checkout and seen.checkout.was_declined:
        state = PaymentState.FAILED
    else:
        state = PaymentState.EXPIRED if seen.closed else PaymentState.OPEN
    return state if state in ALLOWED[Payment][payment.state] else None


def _adopt_checkout(payment, seen):
    changes = {}
    if seen.checkout and not payment.checkout_id:
        changes["checkout_id"] = seen.checkout.id
        if payment.closed_at and not seen.closed:  # it can still be paid: to be deactivated next
            changes["closed_at"] = None
    if seen.checkout and seen.checkout.hosted_url not in {"", payment.hosted_url}:
        changes["hosted_url"] = seen.checkout.hosted_url
    return changes


def _take_money(payment, checkout, now):
    changes = {"next_check_at": None}
    is_new = payment.state != PaymentState.PAID
    if not is_new and not payment.problem:  # accepted once is accepted for good
        return changes
    if is_new:
        changes |= {"paid_at": now, "transacted_at": _find_time_of(checkout)}
    problem = find_problem(payment, checkout)
    if is_new or problem != payment.problem:
        changes |= {
            "problem": problem,
            "transaction_id": checkout.transaction_id,
            "transaction_code": checkout.transaction_code[:LONGEST_CODE],
        }
    return changes


def _find_time_of(checkout):
    return next((each.timestamp for each in checkout.attempts if each.id == checkout.transaction_id), None)


def _plan_next_check(payment, seen, changes, now, *, was_paused):
    closed_at = changes.get("closed_at", payment.closed_at)
    if "checkout_id" in changes and payment.state == PaymentState.EXPIRED and closed_at is None:
        return {"next_check_at": now}
    when = next_check_time(payment, checks=changes["checks"], closed_at=closed_at, error=seen.error, now=now)
    if when is None and closed_at is None and was_paused:
        when = now + HOURLY  # the day that the provider has begins with the end of the pause
    if when or closed_at or payment.state == PaymentState.BY_HAND:
        return {"next_check_at": when}
    return {"next_check_at": None, "problem": _("SumUp gave no final answer for a day after the deadline.")}
