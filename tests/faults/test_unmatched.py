"""The walk through SumUp's own list: by workers that die on the way, by two at once, and at the very end over
everything that was bought, refunded and broken on this stack."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.domain.reconciliation import runs
from payments.domain.verification import payment_checks
from payments.enums import DiscrepancyKind, DiscrepancyState
from payments.models import Discrepancy, MerchantAccount, Movement, ReconciliationRun
from payments.money import ZERO
from tests.faults.purchases import assert_money_back_once, buy_at_once, refunded, sumup_of
from tests.harness import until
from tests.waking import NIGHTLY, SWEEPS, minutes_until, wake
from ticketing.models import Order

WALKING = [
    "after payments.domain.reconciliation.movements._record_items",  # SumUp's list is read, nothing is compared
    "before payments.domain.reconciliation.recheck.recheck_refunds",  # money went back, nobody looked at it
    "before payments.domain.reconciliation.discrepancies.record_findings",  # compared, nothing written down
]


def night(stack):
    wake(stack, sweeps=SWEEPS + NIGHTLY)


def refund_in_the_dashboard(stack, order):
    [payment] = payment_checks.list_payments_for(order.reference)
    stack.simulator.refund(payment.reference)


@pytest.mark.parametrize("point", WALKING)
def test_worker_dies_on_its_walk(stack, point):
    """Somebody refunded at SumUp: the next walk finds it as if the first had never begun."""
    order = buy_at_once(stack, f"Walk {point}")
    refund_in_the_dashboard(stack, order)
    stack.crash_next(stack.worker, point)
    until(lambda: night(stack) or stack.crashed, seconds=60, every=1, what=f"the crash {point}")
    night(stack)
    minutes_until(stack, lambda: refunded(order), what="the refund")
    assert_money_back_once(stack, order)


def test_two_workers_walk_at_once(stack):
    second = stack.another_worker("second-worker").start()
    try:
        orders = [buy_at_once(stack, f"Two walk {number}") for number in range(3)]
        for order in orders:
            refund_in_the_dashboard(stack, order)
        for _ in range(3):
            night(stack)
        minutes_until(stack, lambda: all(map(refunded, orders)), what="all refunds")
        for order in orders:
            assert_money_back_once(stack, order)
    finally:
        second.stop()


def test_nothing_is_unmatched_after_all_that_was_broken(stack):
    """The last test of this folder on purpose: the accounts of everything before it."""
    today = timezone.localdate()
    with sumup_of(stack):
        for merchant in MerchantAccount.objects.all():
            for day in (today - timedelta(days=1), today):
                runs.reconcile_day(merchant, day)
    reports = ReconciliationRun.objects.all()
    assert [(run.unmatched, run.error) for run in reports if run.unmatched != ZERO or not run.finished_at] == []
    said = Discrepancy.objects.filter(state=DiscrepancyState.OPEN).exclude(kind=DiscrepancyKind.DOUBLE)
    assert [row.sentence for row in said] == []
    sold = {each["id"] for each in stack.simulator.state()["transactions"] if each["status"] != "FAILED"}
    assert sold <= set(Movement.objects.values_list("transaction_id", flat=True))
    assert Order.objects.exists() or not sold
