"""One fault of each sort, end to end: the buyer gets the tickets, or a person is asked to look.

Here are those that need real processes: a page that waits, a connection that breaks off, callbacks. Every fault at
every step is in `tests/matrix`.
"""

import pytest

from payments.domain.verification import payment_checks
from payments.enums import Severity
from payments.models import Alert
from tests.faults.purchases import assert_promise_kept, go_to_sumup, mails_to, make_sale, pay
from tests.waking import minutes_until, settled
from ticketing.domain.stock import allocation
from ticketing.enums import OrderState
from ticketing.models import Ticket

CREATE, GET = {"operation": "create"}, {"operation": "get"}
PASSING = [
    ("slow", CREATE | {"seconds": 2}),
    ("lost_answer", CREATE),
    ("drop", GET | {"times": 4}),
    ("paid_after_looks", {"looks": 3}),
    ("double_callbacks", {}),
]
NEEDS_A_PERSON = [("two_successes", {})]


def titled(name, script):
    return f"{name} {script.get('operation', '')}"


@pytest.mark.parametrize(("name", "script"), PASSING, ids=[titled(*each) for each in PASSING])
def test_a_passing_fault_delays_the_tickets_at_most(stack, name, script):
    sale, ticket_type = make_sale(titled(name, script))
    stack.simulator.fault(name, **script)
    order = go_to_sumup(stack, sale, ticket_type)
    pay(stack, order)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


@pytest.mark.parametrize(("name", "script"), NEEDS_A_PERSON, ids=[each[0] for each in NEEDS_A_PERSON])
def test_money_that_is_not_what_was_asked_goes_to_a_person(stack, name, script):
    sale, ticket_type = make_sale(titled(name, script))
    order = go_to_sumup(stack, sale, ticket_type)
    stack.simulator.fault(name, **script)
    pay(stack, order)
    order = minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert order.state == OrderState.REQUIRES_MANUAL_REVIEW
    assert payment_checks.list_payments_for(order.reference)[-1].problem
    assert not Ticket.objects.filter(line__order=order).exists()
    assert not any(mail for mail in mails_to(stack, order) if "application/pdf" in mail.read_text(errors="replace"))
    alert = Alert.objects.get(key__startswith=f"review:{order.reference}:", severity=Severity.CRITICAL)
    minutes_until(stack, lambda: Alert.objects.get(pk=alert.pk).sent_at, what="the alert's mail")
    assert allocation.audit_counters() == []
