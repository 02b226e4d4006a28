"""The same shop with JavaScript off: what a script does nicely, a form does as well."""

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.browser


@pytest.fixture
def visitor(visit):
    return visit(java_script_enabled=False)


def test_a_form_that_lacks_something_says_what_and_keeps_the_rest(visitor):
    visitor.hold(factories.make_type(price="0.00"))
    visitor.page.get_by_label("Your name").fill("Ana Vautier")
    visitor.press("Get the free tickets")
    visitor.sees("Please check these before you go on")
    visitor.sees("Tell us where to send your tickets.")
    visitor.sees("Tick the box to accept the terms before you order.")
    expect(visitor.page.get_by_label("Your name")).to_have_value("Ana Vautier")


def test_a_doubtful_address_is_asked_about_once(visitor):
    visitor.hold(factories.make_type(price="0.00"))
    visitor.email = "ana@gmial.com"
    visitor.check_out()
    visitor.sees("Did you mean ana@gmail.com?")
    visitor.check_out()
    visitor.sees_heading("You’re going to Sea Shanties!")


def test_the_number_of_tickets_is_changed_in_the_basket(visitor):
    kind = factories.make_type(price="12.00")
    visitor.hold(kind, tickets=1)
    visitor.go("/tickets/basket/")
    visitor.page.get_by_role("spinbutton", name="How many Adult").fill("3")
    visitor.press("Change Adult")
    visitor.sees("£36.00")
    kind.refresh_from_db()
    assert kind.allocated == 3
    visitor.press("Remove Adult")
    visitor.sees("There is nothing in it yet")


def test_more_than_one_may_buy_is_refused_in_words(visitor):
    kind = factories.make_type(factories.make_sale(max_per_order=4))
    visitor.go(kind.sale.page.url)
    visitor.page.get_by_role("spinbutton", name="How many Adult").fill("40")
    visitor.press("Hold these tickets")
    visitor.sees("Nothing was changed.")
    assert "csrftoken" not in visitor.cookies


def test_events_are_searched_and_filtered(visitor):
    factories.make_event("Concertina Weekend")
    visitor.go("/events/")
    visitor.page.get_by_role("main").get_by_role("searchbox").fill("concertina")
    visitor.page.get_by_role("main").get_by_role("searchbox").press("Enter")
    visitor.sees("Concertina Weekend")
    visitor.sees("1 event.")
