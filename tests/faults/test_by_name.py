"""Every fault that the simulator can be told, end to end: the buyer gets the tickets, or a person is asked to look."""

import pytest

from payments.domain import verification
from payments.enums import Severity
from payments.models import Alert
from tests.faults.purchases import assert_promise_kept, go_to_sumup, mails_to, make_sale, pay
from tests.waking import minutes_until, settled
from ticketing.domain import allocation
from ticketing.enums import OrderState
from ticketing.models import Ticket

CREATE, GET = {"operation": "create"}, {"operation": "get"}
PASSING = [
    ("slow", CREATE | {"seconds": 2}),
    ("slow", GET | {"seconds": 2, "times": 2}),
    ("latency", {"seconds": 0.3}),
    ("too_many_requests", CREATE | {"times": 2}),
    ("too_many_requests", GET | {"times": 4}),
    ("server_error", CREATE | {"status": 503, "times": 2}),
    ("server_error", GET | {"times": 4}),
    ("drop", CREATE | {"times": 2}),
    ("drop", GET | {"times": 4}),
    ("html_error", CREATE),
    ("html_error", GET | {"times": 2}),
    ("token_revoked", CREATE),
    ("token_revoked", GET | {"times": 2}),
    ("forbidden", CREATE),
    ("duplicate_reference", CREATE),
    ("transactions_404", {"operation": "transaction", "times": 3}),
    ("lost_answer", CREATE),
    ("lost_answer", GET | {"times": 2}),
    ("bad_json", CREATE),
    ("bad_json", GET | {"times": 2}),
    ("empty_body", CREATE),
    ("empty_body", GET | {"times": 2}),
    ("paid_after_looks", {"looks": 3}),
    ("paid_after_seconds", {"seconds": 4}),
    ("drop_callbacks", {"times": None}),
    ("delay_callbacks", {"seconds": 3}),
    ("double_callbacks", {}),
    ("reorder_callbacks", {"seconds": 3}),
]
NEEDS_A_PERSON = [
    ("wrong_amount", GET | {"times": None}),
    ("wrong_currency", GET | {"times": None}),
    ("wrong_merchant", GET | {"times": None}),
    ("wrong_reference", GET | {"times": None}),
    ("two_successes", {}),
]


@pytest.fixture
def sumup(stack):
    """Without a fault before and after."""
    stack.simulator.clear_faults()
    yield stack.simulator
    stack.simulator.clear_faults()


def titled(name, script):
    return f"{name} {script.get('operation', '')}"


@pytest.mark.parametrize(("name", "script"), PASSING, ids=[titled(*each) for each in PASSING])
def test_a_passing_fault_delays_the_tickets_at_most(stack, sumup, name, script):
    sale, ticket_type = make_sale(titled(name, script))
    sumup.fault(name, **script)
    order = go_to_sumup(stack, sale, ticket_type)
    pay(stack, order)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


@pytest.mark.parametrize(("name", "script"), NEEDS_A_PERSON, ids=[each[0] for each in NEEDS_A_PERSON])
def test_money_that_is_not_what_was_asked_goes_to_a_person(stack, sumup, name, script):
    sale, ticket_type = make_sale(titled(name, script))
    order = go_to_sumup(stack, sale, ticket_type)
    sumup.fault(name, **script)
    pay(stack, order)
    order = minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert verification.payments_of(order.reference)[-1].problem
    assert not Ticket.objects.filter(line__order=order).exists()
    assert not mails_to(stack, order)
    assert Alert.objects.get(key__startswith=f"review:{order.reference}:", severity=Severity.CRITICAL).sent_at
    assert allocation.audit() == []
