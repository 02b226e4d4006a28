"""SumUp's page says no, and the same page says yes a minute later."""

import pytest

from payments.models import Payment
from tests import factories
from ticketing.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def declined(visitor):
    """On SumUp's page, after a card was refused."""
    visitor.hold(factories.make_type(price="12.00"))
    visitor.check_out()
    visitor.sees_sumup("£24.00")
    visitor.press("Decline")
    visitor.sees_heading("Payment declined")
    return visitor


def test_another_card_on_the_same_page_brings_the_tickets(declined):
    declined.press("Try again", role="link")
    declined.pays()
    declined.comes_back()
    declined.sees_heading("You’re going to Sea Shanties!", within=40)
    assert Payment.objects.filter(subject=declined.order.reference).count() == 1
    assert Ticket.objects.filter(line__order=declined.order).count() == 2


def test_the_order_page_says_it_and_leads_back(declined):
    declined.go(declined.order.get_absolute_url())
    declined.sees_heading("The card was declined, no money was taken", within=40)
    declined.sees("Your tickets are held until")
    declined.press("Try again at SumUp")
    declined.press("Try again", role="link")
    declined.pays()
    declined.comes_back()
    declined.sees_heading("You’re going to Sea Shanties!", within=40)
    assert Payment.objects.filter(subject=declined.order.reference).count() == 1


def test_who_gives_up_releases_the_tickets(declined):
    declined.go(declined.order.get_absolute_url())
    declined.sees_heading("The card was declined", within=40)
    declined.press("Release my tickets")
    declined.sees_heading("Your tickets are released")
    line = declined.order.lines.select_related("ticket_type").get()
    assert line.ticket_type.allocated == 0
