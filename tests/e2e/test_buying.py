"""Somebody buys two tickets: on a desktop and on a phone, with JavaScript and without."""

import pytest

from tests import factories
from tests.e2e.letters import attached_tickets, codes_on
from ticketing.domain import codes
from ticketing.models import Ticket

pytestmark = pytest.mark.browser


def test_two_tickets_from_the_event_page_to_the_inbox(shop, any_visitor):
    kind = factories.make_type(price="12.00")
    any_visitor.hold(kind.sale.page, tickets=2)
    any_visitor.check_out()
    any_visitor.sees_sumup("£24.00")
    shop.simulator.fault("paid_after_looks", looks=2)
    any_visitor.pays()
    any_visitor.comes_back()
    any_visitor.sees("Please do not pay again.")
    any_visitor.sees_heading("You’re going to Sea Shanties!", within=30_000)

    issued = [codes.sign(ticket.code) for ticket in Ticket.objects.filter(sale=kind.sale).order_by("number")]
    assert len(issued) == 2
    letter = any_visitor.letter()
    assert codes_on(attached_tickets(letter)) == issued
