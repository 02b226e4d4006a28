"""Enter, Back, a second tab, a browser without cookies: what only a browser shows."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_in_a_quantity_holds_the_tickets(visit, javascript):
    visitor = visit(java_script_enabled=javascript)
    kind = factories.make_type()
    factories.make_type(kind.sale, name="Members only", access_code="GORSE")
    visitor.go(kind.sale.page.url)
    quantity = visitor.page.get_by_role("spinbutton", name="How many Adult")
    quantity.fill("2")
    quantity.press("Enter")
    visitor.sees("Held for you until")
    visitor.go(kind.sale.page.url)
    visitor.page.get_by_text("Have a code?").click()
    code = visitor.page.get_by_label("Code", exact=True)
    code.fill("gorse")
    code.press("Enter")
    expect(visitor.page.get_by_role("spinbutton", name="How many Members only")).to_be_visible()


def test_a_browser_that_keeps_no_cookie_is_told_and_holds_nothing(visitor):
    def without_cookies(route):
        answer = route.fetch(max_redirects=0)
        visitor.context.clear_cookies()  # fetching has kept them
        route.fulfill(response=answer, headers={k: v for k, v in answer.headers.items() if k != "set-cookie"})

    visitor.page.route("**/hold/", without_cookies)
    kind = factories.make_type()
    visitor.go(kind.sale.page.url)
    visitor.page.get_by_role("spinbutton", name="How many Adult").fill("2")
    visitor.press("Hold these tickets")
    visitor.sees_heading("Your browser keeps no cookies")
    kind.refresh_from_db()
    assert kind.allocated == 0


def test_a_tab_that_was_left_behind_says_what_became_of_its_seats(visitor):
    visitor.hold(factories.make_type(price="0.00"))
    expect(visitor.page).not_to_have_url(re.compile("key="))  # a script takes it away once the page is there
    other = visitor.context.new_page()
    other.goto("/tickets/basket/")
    other.get_by_role("button", name="Release my tickets").click()
    expect(other.get_by_role("main")).to_contain_text("There is nothing in it yet")
    visitor.page.bring_to_front()
    visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visitor.sees("There is nothing to check out")


def test_back_after_the_order_leads_to_the_order(visitor):
    visitor.hold(factories.make_type(price="0.00"))
    visitor.check_out()
    visitor.sees_heading("You’re going to")
    visitor.page.go_back()
    visitor.sees("This basket has been ordered")
