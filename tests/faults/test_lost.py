"""What is lost on the way: the signal, the queue, the provider. The rows are the queue, so nothing is lost for good."""

import redis

from payments.models import Payment
from tests import factories
from tests.buyers import Buyer, crowd
from tests.faults.purchases import assert_promise_kept, go_to_sumup, make_sale, on_its_way, pay, stubborn
from tests.harness import until
from tests.waking import minutes_until, settled, wake
from ticketing.models import Order


def test_a_flushed_redis_costs_a_minute(stack):
    sale, ticket_type = make_sale("Redis is flushed")
    order = go_to_sumup(stack, sale, ticket_type)
    redis.Redis.from_url(stack.environment["REDIS_URL"]).flushall()
    pay(stack, order)
    redis.Redis.from_url(stack.environment["REDIS_URL"]).flushall()
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


def test_two_workers_and_every_wake_up_at_once_make_one_order(stack):
    """Two workers, both sweeping, the callback, and the buyer reloading the order page in eight tabs."""
    second = stack.another_worker("second-worker").start()
    try:
        sale, ticket_type = make_sale("Two workers")
        order = go_to_sumup(stack, sale, ticket_type, quantity=4)
        stack.simulator.fault("double_callbacks")
        pay(stack, order)
        for _ in range(3):
            wake(stack)
        crowd(16, lambda _: Buyer(stack.url).get(order.get_absolute_url()).status, at_once=8)
        minutes_until(stack, lambda: settled(order.reference), what="settling")
        assert_promise_kept(stack, sale, quantity=4)
    finally:
        second.stop()


def test_sumup_is_away_while_somebody_checks_out(stack):
    """They are told, keep their seats, and pay when it is back; their order is the same."""
    sale, ticket_type = make_sale("SumUp is away")
    buyer = Buyer(stack.url, email=f"buyer{sale.pk}@example.je")
    stack.sumup.kill_hard()
    assert buyer.hold(sale.pk, {ticket_type.pk: 2}).status == 303
    ordered = buyer.check_out()
    assert ordered.location.startswith("/tickets/orders/")
    assert "We could not reach SumUp" in buyer.get(ordered.location).text
    stack.sumup.start()
    order = Order.objects.get(buyer_email=buyer.email)
    until(lambda: on_its_way(buyer, order), seconds=60, every=1, what="the way to SumUp's page")
    pay(stack, order)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


def test_the_worker_is_away_and_nobody_comes_back(stack):
    """The buyer pays and closes the browser; callbacks are lost; the worker comes back much later."""
    sale, ticket_type = make_sale("Worker is away")
    order = go_to_sumup(stack, sale, ticket_type)
    stack.worker.kill_hard()
    stack.simulator.fault("drop_callbacks", times=None)
    pay(stack, order)
    stack.simulator.clear_faults()
    assert Payment.objects.get(subject=order.reference).paid_at is None
    stack.worker.start()
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


def test_without_the_signal_the_sweep_settles(make_stack):
    """The receiver is taken out of every process: nothing may depend on it."""
    with make_stack(crashable=True, WITHOUT_RECEIVER="true") as deaf:
        factories.make_home()
        sale, ticket_type = make_sale("The signal is lost")
        order = go_to_sumup(deaf, sale, ticket_type)
        pay(deaf, order)
        minutes_until(deaf, lambda: settled(order.reference), what="settling")
        assert_promise_kept(deaf, sale)


def test_a_free_order_needs_neither_sumup_nor_the_signal(stack):
    sale, ticket_type = make_sale("Free", price="0.00")
    buyer = Buyer(stack.url, email=f"buyer{sale.pk}@example.je")
    stubborn(buyer, lambda: buyer.buy(sale.pk, {ticket_type.pk: 2}), good=(200,))
    order = Order.objects.get(buyer_email=buyer.email)
    minutes_until(stack, lambda: settled(order.reference), what="the mail")
    assert order.lines.count() == 1
