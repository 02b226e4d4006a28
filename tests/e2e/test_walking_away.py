"""People close the page, lose the way, or come back when the time is over. Nothing of theirs is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from payments.models import Payment
from tests import factories
from tests.e2e.letters import attached_tickets, codes_on
from tests.harness import until
from tests.waking import wake
from ticketing.models import BasketLine, Order

pytestmark = pytest.mark.browser
LATE = timedelta(minutes=1)


def test_who_closes_the_browser_after_paying_still_gets_the_mail(shop, visitor):
    """And no callback arrives either: the server asks by itself."""
    shop.simulator.fault("drop_callbacks", times=None)
    visitor.hold(factories.make_type(price="12.00"))
    visitor.check_out()
    visitor.sees_sumup("£24.00")
    visitor.pays()
    visitor.leave()
    assert len(codes_on(attached_tickets(visitor.letter(within=75)))) == 2


def test_who_leaves_sumup_unpaid_goes_on_with_the_same_payment(visitor):
    visitor.hold(factories.make_type(price="12.00"))
    visitor.check_out()
    visitor.sees_sumup("£24.00")
    visitor.go("/tickets/checkout/")
    visitor.sees("This basket has been ordered")
    visitor.press("Go to your order", role="link")
    visitor.sees_heading("We are checking your payment")
    visitor.press("Continue to payment")
    visitor.sees_sumup("£24.00")
    visitor.pays()
    visitor.comes_back()
    visitor.sees_heading("You’re going to Sea Shanties!", within=40)
    assert Payment.objects.filter(subject=visitor.order.reference).count() == 1


@pytest.mark.parametrize("javascript", [True, False])
def test_a_hold_that_ended_is_offered_again_with_what_was_typed(shop, visit, javascript):
    visitor = visit(java_script_enabled=javascript)
    kind = factories.make_type(price="0.00")
    visitor.hold(kind)
    end_hold(shop, kind)
    visitor.check_out()
    visitor.sees("Your hold has ended")
    visitor.press("Take the same seats again")
    visitor.sees("Held for you until")
    expect(visitor.page.get_by_label("Your name")).to_have_value("Ana Vautier")
    expect(visitor.page.get_by_label("Your e-mail")).to_have_value(visitor.email)
    visitor.check_out()
    visitor.sees_heading("You’re going to Sea Shanties!")


def test_the_end_of_a_hold_is_announced_and_throws_away_nothing(visitor):
    visitor.page.clock.install()
    visitor.hold(factories.make_type())
    visitor.page.get_by_label("Your name").fill("Ana Vautier")
    news = visitor.page.locator("[data-hold-news]")
    expect(news).to_be_empty()
    for minutes, words in ((10, "five more minutes"), (3, "two more minutes"), (2, "Your hold has ended")):
        visitor.page.clock.run_for(minutes * 60_000 + 1_000)
        expect(news).to_contain_text(words)
    expect(visitor.page.get_by_label("Your name")).to_have_value("Ana Vautier")


def test_a_hold_is_extended_three_times(visitor):
    kind = factories.make_type()
    visitor.hold(kind)
    for left in (2, 1, 0):
        BasketLine.objects.filter(ticket_type=kind).update(expires_at=timezone.now() + LATE)
        with visitor.page.expect_navigation():
            visitor.press("I need more time")
        expect(visitor.page.get_by_role("button", name="I need more time")).to_have_count(1 if left else 0)
        line = BasketLine.objects.get(ticket_type=kind)
        assert line.expires_at > timezone.now() + timedelta(minutes=14)
    visitor.sees("It was extended three times: that is all.")


def test_seats_that_somebody_else_took_meanwhile_are_not_taken_again(shop, visit):
    kind = factories.make_type(factories.make_sale(capacity=2), price="0.00")
    slow, quick = visit(), visit()
    slow.hold(kind, tickets=2)
    end_hold(shop, kind)
    quick.hold(kind, tickets=2)
    slow.go("/tickets/basket/")
    slow.press("Take the same seats again")
    slow.sees("Nothing was changed.")
    kind.refresh_from_db()
    assert kind.allocated == 2


def test_an_order_that_was_never_paid_says_so(shop, visitor):
    visitor.hold(factories.make_type(price="12.00"))
    visitor.check_out()
    visitor.sees_sumup("£24.00")
    over(visitor.order)
    shop.simulator.clock(3600)
    visitor.go(visitor.order.get_absolute_url())
    wake(shop)
    visitor.sees_heading("The time to pay is over", within=40)
    shop.simulator.clock(0)
    visitor.press("Take the same seats again", role="link")
    expect(visitor.page.get_by_role("spinbutton", name="How many Adult")).to_be_visible()


def end_hold(shop, kind):
    """Its time passes, and the worker puts the seats back on sale."""
    held = BasketLine.objects.filter(ticket_type=kind, expires_at__isnull=False)
    held.update(expires_at=timezone.now() - LATE)
    wake(shop)
    until(lambda: not held.exists(), what="the end of the hold")


def over(order):
    past = timezone.now() - LATE
    Order.objects.filter(pk=order.pk).update(deadline=past)
    Payment.objects.filter(subject=order.reference).update(deadline=past)
