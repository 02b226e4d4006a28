"""The database goes away in the middle of everything and comes back after recovery."""

import time

from django.db import connection

from tests import factories, services
from tests.faults.purchases import (
    assert_money_back_once,
    assert_promise_kept,
    buy_at_once,
    go_to_sumup,
    make_sale,
    pay,
    refunded,
)
from tests.harness import Stack, until
from tests.waking import bury, minutes_until, settled, wake
from ticketing.domain.orders import refunds


def test_the_database_crashes_under_a_purchase_and_a_refund(server, tmp_path):
    """SumUp is just being asked for the refund, and whether somebody paid, when every connection breaks off."""
    with (
        services.redis() as redis_url,
        Stack(tmp_path, database_url=server.url, redis_url=redis_url, crashable=True) as stack,
    ):
        factories.make_home()
        factories.make_legal_page()
        going = buy_at_once(stack, "Going back")
        sale, ticket_type = make_sale("Being paid")
        coming = go_to_sumup(stack, sale, ticket_type)
        for operation in ("refund", "get"):
            stack.simulator.fault("slow", operation=operation, seconds=2)
        refunds.request_order_refund(going, by=None, reason="The singer is ill")
        pay(stack, coming)
        wake(stack)
        until(lambda: not stack.simulator.faults(), what="both questions")
        server.crash()
        connection.close()
        time.sleep(2)
        server.start()
        bury()
        minutes_until(stack, lambda: settled(coming.reference) and refunded(going), most=30, what="an end")
        assert_promise_kept(stack, sale)
        assert_money_back_once(stack, going)
