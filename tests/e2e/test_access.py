"""Every page that the public sees: usable by everybody, on every screen, and silent about who looks at it."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from events_pages.models import EventPage
from payments.enums import PaymentState, RefundState
from tests import factories
from tests.payments.factories import make_payment, make_refund
from ticketing.domain.admission import ticket_codes
from ticketing.enums import OrderState, TicketState
from ticketing.models import BasketLine, Order, Ticket

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "what is on": "/events/",
    "filtered": "/events/?category=music",
    "nothing found": "/events/?q=nothing+like+it",
    "past events": "/events/archive/",
    "this month": "/events/month/",
    "about": "/about/",
    "terms": "/terms/",
    "privacy": "/privacy/",
    "cookies": "/cookies/",
    "find my tickets": "/tickets/find/",
    "not found": "/no/such/page/",
}
EVENTS = {  # a word that the page says, and the demo's event that is like that
    "Hold these tickets": "Sea Shanties at the Slip",
    "Matinée": "A Midsummer Night’s Dream",
    "Sold out": "Corbière by Lantern",
    "Last few": "Knit Night: the True Jersey",
    "On sale soon": "Saltwater: Surf Films",
    "Postponed": "Pictures under the Stars",
    "Called off": "Stars over Les Landes",
    "Sold elsewhere": "Island Book Weekend",
    "Past": "Harvest Supper",
}
PENDING = {
    "We are checking your payment": PaymentState.OPEN,
    "The card was declined, no money was taken": PaymentState.FAILED,
    "We could not reach SumUp just now": PaymentState.CREATED,
}
SETTLED = [state for state in OrderState if state != OrderState.PENDING_VERIFICATION]
NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 900}
AXE = Axe().axe_script


def faults_of(page, **options):
    """What axe finds wrong, with the first places where it is. A page gets the script once."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(options)", options | {"resultTypes": ["violations"]})["violations"]
    return [(fault["id"], [node["html"][:160] for node in fault["nodes"][:3]]) for fault in found]


def check(visitor):
    """Everything on a wide screen in the light; on a phone in the dark what size and colour can break."""
    page = visitor.page
    assert faults_of(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size(NARROW)
    assert faults_of(page, runOnly=["color-contrast", "target-size", "scrollable-region-focusable"]) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(WIDE)


@pytest.fixture
def reader(visit):
    """Axe is a foreign script: for it alone the content policy stands aside. Other tests have it in force."""
    return visit(bypass_csp=True, reduced_motion="reduce")


def test_axe_sees_what_is_wrong(reader):
    reader.go("/")
    reader.page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [fault for fault, _places in faults_of(reader.page)] == ["image-alt"]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_usable_by_everybody(reader, name):
    reader.go(PAGES[name])
    check(reader)


@pytest.mark.parametrize("word", EVENTS)
def test_event_page_is_usable_in_every_state(reader, word):
    reader.go(EventPage.objects.get(title=EVENTS[word]).url)
    reader.sees(word)
    check(reader)


def test_basket_and_checkout_are_usable_with_and_without_errors(reader):
    reader.go("/tickets/basket/")
    check(reader)
    kind = factories.make_type(price="12.00")
    reader.hold(kind)
    check(reader)
    reader.press("Pay £24.00 at SumUp")
    reader.sees("Please check these before you go on")
    check(reader)
    reader.go("/tickets/basket/")
    check(reader)
    reader.go(f"/tickets/sales/{kind.sale_id}/")
    check(reader)
    BasketLine.objects.filter(ticket_type=kind).update(expires_at=timezone.now() - timedelta(seconds=1))
    reader.go("/tickets/basket/")
    reader.sees("Your hold has ended")
    check(reader)


@pytest.mark.parametrize("words", PENDING)
def test_order_page_is_usable_while_it_waits(reader, words):
    order = factories.make_order(state=OrderState.PENDING_VERIFICATION)
    make_payment(order.reference, state=PENDING[words], next_check_at=None)
    reader.go(order.get_absolute_url())
    reader.sees_heading(words)
    check(reader)


@pytest.mark.parametrize("state", SETTLED)
def test_order_page_is_usable_when_it_is_settled(reader, state):
    reader.go(factories.make_order(state=state).get_absolute_url())
    check(reader)


def test_order_page_is_usable_when_money_goes_back(reader):
    """One ticket of two is void and its money back; more waits for balance; then all is back, too late for seats."""
    order = factories.make_order(state=OrderState.COMPLETED)
    payment = make_payment(order.reference, amount="24.00", state=PaymentState.PAID)
    make_refund(payment, amount="12.00")
    make_refund(payment, amount="5.00", state=RefundState.WAITING, expected_by=timezone.localdate())
    Ticket.objects.filter(line__order=order, number=1).update(state=TicketState.VOID)
    reader.go(order.get_absolute_url())
    reader.sees("A refund of £5.00 is on its way")
    reader.sees("£12.00 went back to you")
    check(reader)
    for state in (OrderState.REQUIRES_MANUAL_REVIEW, OrderState.REFUNDED, OrderState.EXPIRED):
        Order.objects.filter(pk=order.pk).update(state=state)
        reader.go(order.get_absolute_url())
        check(reader)


def test_the_door_is_usable(reader):
    ticket = factories.make_order().lines.get().tickets.first()
    reader.signs_in()
    check(reader)
    reader.go(f"/tickets/scan/{ticket.sale.performance_id}/")
    check(reader)
    for _ in range(2):
        reader.go(f"/tickets/scan/{ticket.sale.performance_id}/")
        reader.scans(ticket_codes.sign_ticket_code(ticket.code))
        expect(reader.page.get_by_role("alert")).to_be_visible()
        check(reader)


def test_looking_around_leaves_no_trace(visitor):
    """No cookie and no request to anybody else before something is in the basket; then the three that it needs."""
    for path in [*PAGES.values(), *(EventPage.objects.get(title=title).url for title in EVENTS.values())]:
        visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    assert visitor.cookies == set()
    assert visitor.other_hosts == set()
    visitor.hold(factories.make_type())
    assert visitor.cookies == {"basket", "basket_until", "csrftoken"}
    assert visitor.other_hosts == set()
