"""`kill -9` at each step of a purchase. Afterwards: one order, the right tickets, at least one mail, clean counters."""

import pytest
from django.contrib.auth import get_user_model

from tests.buyers import Buyer
from tests.faults.purchases import assert_promise_kept, buyer_of, go_to_sumup, make_sale, pay, stubborn
from tests.harness import until
from tests.waking import minutes_until, settled, wake
from ticketing.domain.admission import ticket_codes
from ticketing.enums import CheckInResult
from ticketing.models import CheckIn, Ticket

IN_WEB = [
    "before ticketing.domain.stock.holds.hold_seats",
    "after ticketing.domain.stock.holds.hold_seats",  # held, but the browser never heard of it
    "before ticketing.domain.orders.placement.place_order",
    "after ticketing.domain.orders.placement._write_order",  # inside the transaction
    "before ticketing.domain.orders.placement.start_or_resume_payment",  # ordered; SumUp was never asked
    "before payments.domain.verification.provider_lookup.create_checkout",
    "after payments.domain.verification.provider_lookup.create_checkout",  # SumUp made it, nobody wrote it down
]
IN_WORKER = [
    "before payments.domain.verification.polling.look_up_checkout",
    "after payments.domain.verification.polling.look_up_checkout",  # SumUp said "paid", nobody wrote it down
    "after payments.domain.verification.polling.claim_due_payments",
    "after payments.domain.verification.history_watcher._choose_payments",  # SumUp named the payment, nobody was told
    "before ticketing.domain.orders.fulfilment.settle_order",  # paid is a fact, the order does not know
    "after ticketing.domain.orders.fulfilment.complete_order",  # tickets made, not committed
    "after ticketing.domain.messages.outbox.claim_delivery",  # somebody took the mail upon them
    "before ticketing.domain.messages.outbox.record_delivery_sent",  # sent, nobody wrote it down
]


@pytest.mark.parametrize("point", IN_WEB)
def test_web_dies(stack, point):
    sale, ticket_type = make_sale(f"Web dies {point}")
    stack.crash_next(stack.web, point)
    order = go_to_sumup(stack, sale, ticket_type)
    assert stack.crashed
    pay(stack, order)
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


@pytest.mark.parametrize("point", IN_WORKER)
def test_worker_dies(stack, point):
    """Nobody tells it that somebody paid: it has to ask, at its own pace or by watching."""
    sale, ticket_type = make_sale(f"Worker dies {point}")
    order = go_to_sumup(stack, sale, ticket_type)
    stack.simulator.fault("drop_callbacks", times=None)
    the_other_way = "get" if "watcher" in point else "history"
    stack.simulator.fault("server_error", operation=the_other_way, times=None)
    stack.crash_next(stack.worker, point)
    pay(stack, order)
    until(lambda: wake(stack) or stack.crashed, seconds=60, every=1, what="the crash")
    stack.simulator.clear_faults()
    minutes_until(stack, lambda: settled(order.reference), what="settling")
    assert_promise_kept(stack, sale)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_door_dies(stack, when):
    """The phone got no answer, so the ticket is scanned again: let in once, and never refused without a reason."""
    sale, ticket_type = make_sale(f"Door dies {when}", price="0.00")
    visitor = buyer_of(stack, sale)
    stubborn(visitor, lambda: visitor.buy(sale.pk, {ticket_type.pk: 1}), good=(200,))
    ticket = Ticket.objects.get(sale=sale)
    staff = sign_in(stack, f"door-{when}")
    page = staff.get(f"/tickets/scan/{sale.performance_id}/")
    stack.crash_next(stack.web, f"{when} ticketing.domain.admission.checkin.redeem_ticket")
    code = ticket_codes.sign_ticket_code(ticket.code)
    answer = stubborn(staff, lambda: staff.submit(page, page.path, code=code), good=(200,))
    assert stack.crashed
    expected = CheckInResult.ACCEPTED if when == "before" else CheckInResult.ALREADY_USED
    assert str(expected.label) in answer.text
    assert CheckIn.objects.filter(ticket=ticket, result=CheckInResult.ACCEPTED).count() == 1


def sign_in(stack, name):
    get_user_model().objects.create_superuser(name, f"{name}@example.je", "open sesame")
    staff = Buyer(stack.url)
    page = staff.get("/admin/login/")
    assert staff.submit(page, page.path, username=name, password="open sesame").status == 302
    return staff
