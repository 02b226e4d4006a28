"""Every Tuesday but one goes on sale, one Tuesday is called off, and every calendar, phone, door and mailbox knows."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.calendars import read_entries
from tests.e2e.conftest import PHONE
from tests.e2e.letters import attached_tickets, codes_on, letters_to
from tests.harness import until
from ticketing.enums import OrderState

pytestmark = pytest.mark.browser

WEEK = timedelta(days=7)


def next_tuesday():
    """In ten days or more, at half past seven in the evening."""
    day = timezone.localtime() + timedelta(days=10)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return day.replace(hour=19, minute=30, second=0, microsecond=0)


def on_clock(moment):
    """The same hour by the island's clocks, also when they change on the way."""
    return timezone.make_aware(moment.replace(tzinfo=None))


def put_every_tuesday_on_sale(organiser, page, *, first, left_out):
    """Three more dates, not on the day `left_out`, with the tickets of the first."""
    organiser.go(f"/admin/dates/{page.pk}/")
    organiser.press("Add a series", role="link")
    fields = organiser.page
    fields.get_by_label("First date, with its start").fill(f"{first:%d %b %Y %H:%M}")
    fields.get_by_label("Or how many times").fill("3")
    fields.get_by_label("But not on").fill(f"{left_out:%d/%m/%Y}")
    expect(fields.get_by_label("With the same tickets as")).not_to_have_value("")
    fields.get_by_label("Sell at once").check()
    organiser.press("Show the dates")
    organiser.sees("3 dates.")
    organiser.press("Add the ticked dates")
    expect(fields.get_by_role("listitem").filter(has_text="0 sold of")).to_have_count(4)


def call_off(organiser, date, *, why):
    organiser.go(f"/admin/dates/date/{date.pk}/change/")
    organiser.page.get_by_role("radio", name="Called off").check()
    organiser.page.get_by_label("What visitors read about it").fill(why)
    organiser.press("Show what will happen")
    organiser.sees("1 order, at 1 address")
    organiser.press("Do it")
    organiser.press("Send")
    organiser.sees("It is being sent")


def buy(buyer, page, date):
    """Two tickets, paid on SumUp's page. Gives the code of the first, as it is on paper."""
    buyer.go(f"{page.url}dates/{date.pk}/")
    buyer.page.get_by_role("spinbutton", name="How many Adult").fill("2")
    buyer.press("Hold these tickets")
    buyer.sees(f"{date.starts_at:%-d %B %Y}")
    buyer.check_out()
    buyer.pays()
    buyer.comes_back()
    buyer.sees_heading("You’re going to Tuesday Tales!", within=40)
    return codes_on(attached_tickets(buyer.letter()))[0]


def read_statuses(calendar):
    """{day: STATUS}"""
    return {entry.start.date(): str(entry["STATUS"]) for entry in read_entries(calendar)}


def letters_about(words, buyer):
    return [letter for letter in letters_to(buyer.email, buyer.shop) if words in letter["Subject"].lower()]


def test_a_tuesday_is_called_off(visit):
    first, why = next_tuesday(), "Gale warning."
    page = factories.make_event("Tuesday Tales", starts_at=first)
    factories.make_type(factories.make_sale(performance=page.performances.get()), price="9.00")
    organiser, buyer = visit().signs_in(), visit(**PHONE)

    put_every_tuesday_on_sale(organiser, page, first=first + WEEK, left_out=first + 3 * WEEK)
    dates = list(page.performances.all())
    assert [date.starts_at for date in dates] == [on_clock(first + number * WEEK) for number in (0, 1, 2, 4)]
    gone = dates[2]
    code = buy(buyer, page, gone)
    call_off(organiser, gone, why=why)

    expected = {date.starts_at.date(): "CANCELLED" if date == gone else "CONFIRMED" for date in dates}
    for calendar in (f"{page.url}calendar.ics", "/events/calendar.ics?q=Tuesday+Tales"):
        assert read_statuses(buyer.context.request.get(calendar).body()) == expected

    [letter] = until(lambda: letters_about("called off", buyer), seconds=40, what="the mail that says so")
    assert why in letter.get_body(["plain"]).get_content()
    [file] = [part for part in letter.iter_attachments() if part.get_content_type() == "text/calendar"]
    assert read_statuses(file.get_payload(decode=True)) == {gone.starts_at.date(): "CANCELLED"}
    until(lambda: buyer.order.state == OrderState.REFUNDED, seconds=60, what="the money's way back")
    buyer.go(buyer.order.get_absolute_url())
    buyer.sees("£18.00 went back to you")
    buyer.go(f"{page.url}dates/{gone.pk}/")
    buyer.sees(why)
    expect(buyer.page.get_by_role("button", name="Hold these tickets")).to_have_count(0)

    organiser.go(f"/tickets/scan/{gone.pk}/")
    organiser.scans(code)
    expect(organiser.page.get_by_role("alert")).to_contain_text("called off")
