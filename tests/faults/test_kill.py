"""`kill -9` at each step of a purchase. Afterwards: one order, the right tickets, at least one mail, clean counters."""

import pytest

from tests.faults.purchases import assert_promise_kept, go_to_sumup, make_sale, pay
from tests.harness import until
from tests.waking import minutes_until, settled, wake

IN_WEB = [
    "before ticketing.domain.basket.hold",
    "after ticketing.domain.basket.hold",  # held, but the browser never heard of it
    "before ticketing.domain.orders.place_order",
    "after ticketing.domain.orders._write_order",  # inside the transaction
    "before ticketing.domain.orders.pay_url",  # ordered; SumUp was never asked
    "before payments.domain.looking.create",
    "after payments.domain.looking.create",  # SumUp made the checkout, nobody wrote it down
]
IN_WORKER = [
    "before payments.domain.polling.look",
    "after payments.domain.polling.look",  # SumUp said "paid", nobody wrote it down
    "after payments.domain.polling.claim_due",
    "before ticketing.domain.fulfilment.settle",  # paid is a fact, the order does not know
    "after ticketing.domain.fulfilment.complete",  # tickets made, not committed
    "after ticketing.domain.deliveries.claim",  # somebody took the mail upon them
    "before ticketing.domain.deliveries.record_sent",  # sent, nobody wrote it down
]


@pytest.mark.parametrize("point", IN_WEB)
def test_web_dies(stack, point):
    stack.web.restart(CRASH_AT=point)
    sale, ticket_type = make_sale(f"Web dies {point}")
    stack.crash_next()
    order = go_to_sumup(stack, sale, ticket_type)
    assert stack.crashed
    pay(stack, order)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


@pytest.mark.parametrize("point", IN_WORKER)
def test_worker_dies(stack, point):
    stack.web.restart(CRASH_AT="")
    stack.worker.restart(CRASH_AT=point)
    sale, ticket_type = make_sale(f"Worker dies {point}")
    order = go_to_sumup(stack, sale, ticket_type)
    pay(stack, order)
    stack.crash_next()
    until(lambda: wake(stack) or stack.crashed, seconds=60, every=2, what="the crash")
    until(lambda: not stack.worker.program.running, what="the worker's end")
    stack.worker.start(CRASH_AT="")  # as the platform does
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)
