"""SumUp answers nobody for a while: the page says so, waits, and goes on to the payment by itself."""

import time

import pytest

from tests import factories

pytestmark = pytest.mark.browser


def test_the_page_leads_on_to_sumup_as_soon_as_it_answers(any_visitor):
    any_visitor.shop.simulator.fault("hang")
    any_visitor.hold(factories.make_type(price="12.00"))
    any_visitor.check_out()
    any_visitor.sees_heading("We could not reach SumUp just now")
    any_visitor.sees("We keep trying.")
    time.sleep(6)  # it reloads itself meanwhile, and stays
    any_visitor.sees("Nothing is paid and your tickets are safe")
    any_visitor.shop.simulator.clear_faults()
    any_visitor.page.get_by_role("button", name="Pay £24.00").wait_for(timeout=40_000)
    any_visitor.pays()
    any_visitor.comes_back()
    any_visitor.sees_heading("You’re going to Sea Shanties!", within=40)
