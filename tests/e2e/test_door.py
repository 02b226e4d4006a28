"""The code that the buyer was sent, at the door: green once, amber with the time ever after."""

import colorsys
import re
import time

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.e2e.letters import attached_tickets, codes_on
from ticketing.domain.admission import ticket_codes
from ticketing.enums import CheckInResult, TicketState
from ticketing.models import CheckIn, Ticket

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def steward(request, visit):
    return visit(java_script_enabled=request.param).signs_in()


def scan(steward, code):
    """Returns the answer that fills the screen."""
    steward.scans(code)
    return steward.page.get_by_role("alert")


def colour(answer):
    """Its background by name, as a person would say it."""
    painted = answer.evaluate("element => getComputedStyle(element).backgroundColor")
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", painted)[:3])
    hue = 360 * colorsys.rgb_to_hsv(red, green, blue)[0]
    return "green" if 80 < hue < 190 else "amber" if 20 < hue < 70 else "red"


def test_the_code_in_the_mail_opens_the_door_once(visit, steward):
    kind = factories.make_type(price="0.00")
    buyer = visit()
    buyer.hold(kind, tickets=2)
    buyer.check_out()
    first, second = codes_on(attached_tickets(buyer.letter()))

    steward.go(f"/tickets/scan/{kind.sale.performance_id}/")
    for number, code in enumerate((first, second), start=1):
        answer = scan(steward, code)
        expect(answer).to_contain_text(f"Adult, {number} of 2")
        expect(answer).to_contain_text("Valid ticket")
        assert colour(answer) == "green"
    answer = scan(steward, first)
    expect(answer).to_contain_text("Already used")
    expect(answer).to_contain_text(re.compile(r"Already used at \d\d:\d\d"))
    assert colour(answer) == "amber"
    results = CheckIn.objects.filter(performance=kind.sale.performance).order_by("pk").values_list("result", flat=True)
    assert list(results) == [CheckInResult.ACCEPTED, CheckInResult.ACCEPTED, CheckInResult.ALREADY_USED]


def test_a_code_that_was_altered_is_red(steward):
    order = factories.make_order()
    ticket = order.lines.get().tickets.first()
    genuine = ticket_codes.sign_ticket_code(ticket.code)
    altered = genuine[:-1] + ("A" if genuine[-1] != "A" else "B")
    steward.go(f"/tickets/scan/{ticket.sale.performance_id}/")
    answer = scan(steward, altered)
    expect(answer).to_contain_text("Not one of our tickets")
    assert colour(answer) == "red"


def test_a_ticket_of_another_event_is_red(steward):
    ticket = factories.make_order().lines.get().tickets.first()
    other = factories.make_sale(factories.make_event("Another night"))
    steward.go(f"/tickets/scan/{other.performance_id}/")
    answer = scan(steward, ticket_codes.sign_ticket_code(ticket.code))
    expect(answer).to_contain_text("Other event or date")
    assert colour(answer) == "red"


def test_a_ticket_scanned_while_the_last_one_is_checked_gets_its_own_answer(visit):
    """On a slow network nobody may walk in on the green of the person before."""
    good = factories.make_order(quantity=2).lines.get()
    first, second = good.tickets.order_by("number")
    Ticket.objects.filter(pk=second.pk).update(state=TicketState.VOID)
    steward = visit().signs_in()
    steward.go(f"/tickets/scan/{good.sale.performance_id}/")
    steward.page.route("**/tickets/scan/**", slowly)
    scan(steward, ticket_codes.sign_ticket_code(first.code))
    answer = scan(steward, ticket_codes.sign_ticket_code(second.code))
    expect(answer).to_contain_text("Ticket is void")
    assert colour(answer) == "red"


def slowly(route):
    time.sleep(0.5)
    route.continue_()
