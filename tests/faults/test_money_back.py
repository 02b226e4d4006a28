"""`kill -9`, a lost queue and a second worker while money goes back, tokens are renewed and alerts are sent.

Afterwards: one refund at SumUp, tickets void once, the buyer and staff told at least once.
"""

from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from payments.domain.monitoring import alerts
from payments.enums import MerchantStatus, Severity
from payments.models import Alert, MerchantAccount
from tests.faults.purchases import assert_money_back_once, buy_at_once, order_at_once, refunded, sumup_of
from tests.harness import until
from tests.payments.factories import make_connected
from tests.waking import bury, minutes_until, settled, wake
from ticketing.domain.orders import refunds

REASON = "The singer is ill"
REFUNDING = [
    "before payments.domain.refunds.execution._send_refund",  # written down as sent, SumUp never heard of it
    "after payments.domain.refunds.execution._send_refund",  # SumUp did it, nobody wrote it down
    "after payments.domain.refunds.confirmation._confirm_refund",  # proved, not committed
    "after ticketing.domain.orders.refunds._apply_refund",  # tickets void, not committed
]


def die_at(stack, point):
    """The worker, at the next opportunity; what it had in its hands is free again."""
    until(lambda: wake(stack) or stack.crashed, seconds=60, every=1, what=f"the crash {point}")
    bury()


@pytest.mark.parametrize("point", REFUNDING)
def test_worker_dies_while_money_goes_back(stack, point):
    order = buy_at_once(stack, f"Money back {point}")
    stack.crash_next(stack.worker, point)
    refunds.request_order_refund(order, by=None, reason=REASON)
    die_at(stack, point)
    minutes_until(stack, lambda: refunded(order), what="the refund")
    assert_money_back_once(stack, order)


def test_a_flushed_redis_delays_a_refund_at_most(stack):
    queue = redis.Redis.from_url(stack.environment["REDIS_URL"])
    order = buy_at_once(stack, "Flushed refund")
    refunds.request_order_refund(order, by=None, reason=REASON)
    wake(stack)
    queue.flushall()
    minutes_until(stack, lambda: refunded(order), what="the refund")
    assert_money_back_once(stack, order)


def test_two_workers_refund_once(stack):
    second = stack.another_worker("second-worker").start()
    try:
        orders = [buy_at_once(stack, f"Two workers refund {number}") for number in range(4)]
        for order in orders:
            refunds.request_order_refund(order, by=None, reason=REASON)
        for _ in range(3):
            wake(stack)
        minutes_until(stack, lambda: all(map(refunded, orders)), what="all refunds")
        for order in orders:
            assert_money_back_once(stack, order)
    finally:
        second.stop()


def test_worker_dies_with_a_new_token_in_its_hand(stack):
    """SumUp gave it and nobody wrote it down: the old refresh token is asked again, the sale goes on."""
    with sumup_of(stack):
        merchant = make_connected(stack.simulator)
    order, payment = order_at_once(stack, "New token", merchant=merchant)
    MerchantAccount.objects.filter(pk=merchant.pk).update(token_expires_at=timezone.now() - timedelta(minutes=1))
    stack.simulator.expire_tokens()
    point = "before payments.domain.merchants.credentials._write_under_lease"
    stack.crash_next(stack.worker, point)
    stack.simulator.pay(payment.reference)
    die_at(stack, point)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    order.refresh_from_db()
    merchant.refresh_from_db()
    assert merchant.status == MerchantStatus.CONNECTED
    assert merchant.token_expires_at > timezone.now()
    refunds.request_order_refund(order, by=None, reason=REASON)
    minutes_until(stack, lambda: refunded(order), what="the refund")
    assert_money_back_once(stack, order)


@pytest.mark.parametrize(
    "point",
    [
        "after payments.domain.monitoring.alerts.claim_due_alerts",
        "before payments.domain.monitoring.alerts.record_alerts_sent",
    ],
)
def test_worker_dies_over_an_alert(stack, point):
    title = f"Somebody has to know, {point.split()[0]}"
    stack.crash_next(stack.worker, point)
    alerts.raise_alert(f"test:{point}", title, severity=Severity.CRITICAL)
    die_at(stack, point)
    minutes_until(stack, lambda: Alert.objects.get(key=f"test:{point}").sent_at, what="the alert")
    assert [mail for mail in stack.mail if title in mail.read_text(errors="replace")]
