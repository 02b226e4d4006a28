"""Staff give the money back; the buyer sees it without being asked for anything."""

import pytest

from tests import factories
from tests.harness import until
from ticketing.enums import OrderState

pytestmark = pytest.mark.browser


def test_a_refund_from_the_admin_reaches_the_buyer(visitor, visit):
    visitor.hold(factories.make_type(price="12.00"))
    visitor.check_out()
    visitor.pays()
    visitor.comes_back()
    visitor.sees_heading("You’re going to Sea Shanties!", within=40)
    staff = visit().signs_in()
    staff.go(f"/admin/orders/inspect/{visitor.order.pk}/")
    staff.press("Refund…", role="link")
    staff.page.get_by_label("Reason").fill("Bought for the wrong day.")
    staff.press("Show what will happen")
    staff.press("Refund £24.00")
    staff.sees("£24.00 is on its way back")
    until(lambda: visitor.order.state == OrderState.REFUNDED, seconds=40, what="the proof of the refund")
    visitor.go(visitor.order.get_absolute_url())
    visitor.sees_heading("Your order was refunded")
    visitor.sees("£24.00 went back to you")
