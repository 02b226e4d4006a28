"""Somebody buys: with a card, for nothing, from two organisers, or without ever touching a mouse."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.e2e.letters import attached_tickets, codes_on
from ticketing.domain.admission import ticket_codes
from ticketing.models import Ticket

pytestmark = pytest.mark.browser


def printed_codes(kind):
    return [
        ticket_codes.sign_ticket_code(ticket.code)
        for ticket in Ticket.objects.filter(sale=kind.sale).order_by("number")
    ]


def test_two_tickets_from_the_event_page_to_the_inbox(shop, any_visitor):
    kind = factories.make_type(price="12.00")
    any_visitor.hold(kind, tickets=2)
    any_visitor.check_out()
    any_visitor.sees_sumup("£24.00")
    shop.simulator.fault("drop_callbacks", times=None)
    shop.simulator.fault("paid_after_looks", looks=2)
    any_visitor.pays()
    any_visitor.comes_back()
    any_visitor.sees("Please do not pay again.")
    any_visitor.sees_heading("You’re going to Sea Shanties!", within=40)

    assert len(printed_codes(kind)) == 2
    assert codes_on(attached_tickets(any_visitor.letter())) == printed_codes(kind)


def test_free_tickets_need_no_card(visitor):
    kind = factories.make_type(price="0.00")
    visitor.hold(kind, tickets=3)
    visitor.check_out()
    visitor.sees_heading("You’re going to Sea Shanties!")
    assert visitor.other_hosts == set()
    assert codes_on(attached_tickets(visitor.letter())) == printed_codes(kind)


def test_two_organisers_are_ordered_one_after_the_other(visitor):
    players = factories.make_merchant("MPLAYERS", "St Ouen Players")
    paid = factories.make_type(factories.make_sale(factories.make_event("Sea Shanties")), price="12.00")
    free = factories.make_type(factories.make_sale(factories.make_event("Prologue"), merchant=players), price="0.00")
    visitor.hold(paid, tickets=2)
    visitor.hold(free, tickets=1)
    visitor.go("/tickets/basket/")
    visitor.sees("Your tickets come from different organisers. You pay them one after the other")
    visitor.press("Check out the first order", role="link")
    visitor.check_out()
    visitor.sees_sumup("£24.00")
    visitor.pays()
    visitor.comes_back()
    visitor.sees_heading("You’re going to Sea Shanties!", within=40)
    visitor.press("Check out the next order", role="link")
    visitor.check_out()
    visitor.sees_heading("You’re going to Prologue!")


def test_the_keyboard_is_enough(visitor):
    kind = factories.make_type(price="12.00")
    visitor.go(kind.sale.page.url)
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the main part")).to_be_focused()
    visitor.tabs_to("spinbutton", "How many Adult").types("2")
    visitor.tabs_to("button", "Hold these tickets").types("\n")
    visitor.sees("Held for you until")
    visitor.tabs_to("textbox", "Your name").types("Ana Vautier")
    visitor.tabs_to("textbox", "Your e-mail").types(visitor.email)
    visitor.tabs_to("checkbox", "I accept the terms").types(" ")
    visitor.tabs_to("button", "Pay £24.00 at SumUp").types("\n")
    visitor.sees_sumup("£24.00")


def test_tickets_are_released_on_request(visitor):
    kind = factories.make_type()
    visitor.hold(kind)
    visitor.press("Release my tickets")
    visitor.sees("There is nothing in it yet")
    kind.refresh_from_db()
    assert kind.allocated == 0


def test_a_lost_order_is_found_by_mail(visitor):
    order = factories.make_order(buyer_email=visitor.email)
    visitor.go("/tickets/find/")
    visitor.page.get_by_label("The e-mail you bought with").fill(visitor.email)
    visitor.press("Send me the links")
    visitor.sees_heading("Look in your inbox")
    text = visitor.letter().get_body(("plain",)).get_content()
    [link] = [word for word in text.split() if order.reference in word and word.startswith("http")]
    visitor.go(link)
    visitor.sees_heading("You’re going to Sea Shanties!")
