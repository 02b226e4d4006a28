"""Events of several dates, as people meet them: a run of six nights, a market every week, a festival with a pass."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.letters import attached_tickets, codes_on
from tests.e2e.visitor import numbers

pytestmark = pytest.mark.browser


@pytest.fixture(params=["desktop", "phone without JavaScript"])
def someone(request, visit):
    return visit(**(PHONE if "phone" in request.param else DESKTOP), java_script_enabled="without" not in request.param)


def make_dates(title, *, count, days_apart):
    """Each begins a minute later than the one before, so that its hour tells which it is."""
    first = timezone.localtime(timezone.now() + timedelta(days=20)).replace(hour=19, minute=31, second=0, microsecond=0)
    page = factories.make_event(title, starts_at=first)
    step = timedelta(days=days_apart, minutes=1)
    for number in range(1, count):
        factories.make_performance(page, starts_at=first + number * step)
    return page, list(page.performances.all())


def clock_of(date):
    return f"{timezone.localtime(date.starts_at):%H:%M}"


def no_wider_than_the_window(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_fourth_night_of_a_run_is_chosen_and_the_order_names_it(someone):
    page, nights = make_dates("Six Nights of Puck", count=6, days_apart=1)
    kinds = [factories.make_type(factories.make_sale(performance=night), price="0.00") for night in nights]
    someone.go(page.url)
    choice = someone.page.get_by_role("navigation", name="Choose a date")
    assert no_wider_than_the_window(someone.page)
    link = choice.locator(f"a[href*='/dates/{nights[3].pk}/']")
    link.click()
    expect(someone.page.get_by_role("spinbutton")).to_have_count(1)  # the box of one night alone
    someone.page.get_by_role("spinbutton", name="How many Adult").fill("1")
    someone.press("Hold these tickets")
    someone.sees("Held for you until")
    someone.sees(clock_of(nights[3]))
    someone.check_out()
    someone.sees_heading("You’re going to Six Nights of Puck")
    someone.sees(clock_of(nights[3]))
    assert someone.order.lines.get().ticket_type == kinds[3]


def test_a_weekly_market_is_listed_once_and_found_in_the_month_by_keyboard(someone):
    title = f"Market of {next(numbers)} Stalls"
    _page, weeks = make_dates(title, count=9, days_apart=7)
    someone.go(f"/events/?q={title.replace(' ', '+')}")
    cards = someone.page.locator("article.card", has_text=title)
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("+ 8 more dates")
    month = f"{timezone.localtime(weeks[2].starts_at):%Y-%m}"
    someone.go(f"/events/month/{month}/?fresh={next(numbers)}")  # kept from before, where nobody published a page
    assert no_wider_than_the_window(someone.page)
    wanted = f"/dates/{weeks[2].pk}/"
    link = someone.page.locator(f"a[href$='{wanted}']")
    expect(link).to_be_visible()
    for _ in range(150):
        someone.page.keyboard.press("Tab")
        if link.evaluate("element => element === document.activeElement"):
            break
    expect(link).to_be_focused()
    someone.page.keyboard.press("Enter")
    someone.sees_heading(title)
    assert someone.page.url.endswith(wanted)
    someone.sees(clock_of(weeks[2]))


def test_a_pass_opens_the_door_once_on_each_day_of_the_festival(someone, visit):
    page, days = make_dates("Three Days of Apples", count=3, days_apart=1)
    factories.make_type(factories.make_pass(page), name="Weekend", price="0.00")
    for day in days:
        factories.make_type(factories.make_sale(performance=day), price="8.00")
    someone.go(page.url)
    someone.page.get_by_role("navigation", name="Choose a date").locator("a[href*='/pass/']").click()
    someone.page.get_by_role("spinbutton", name="How many Weekend").fill("1")
    someone.press("Hold these tickets")
    someone.sees("Held for you until")
    someone.check_out()
    someone.sees_heading("You’re going to Three Days of Apples")
    (code,) = codes_on(attached_tickets(someone.letter()))
    steward = visit().signs_in()
    for day in days[:2]:
        for answer in ("Valid ticket", "Already used"):
            steward.go(f"/tickets/scan/{day.pk}/")
            steward.scans(code)
            expect(steward.page.get_by_role("alert")).to_contain_text(answer)
