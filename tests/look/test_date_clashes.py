"""What else is on, said below the date while it is chosen, in a real browser."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

SATURDAY = datetime(2027, 7, 3, 18, 30, tzinfo=UTC)


@pytest.fixture
def browser_page(chromium, live_server, admin_client):
    context = chromium.new_context(base_url=live_server.url, locale="en-GB")
    cookie = admin_client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_it_follows_what_is_typed_and_chosen(browser_page, home):
    mine = factories.make_event("Sea Shanties")
    factories.make_event("Ballet", starts_at=SATURDAY)
    elsewhere = factories.make_venue("Barn", parish="trinity")
    browser_page.goto(reverse("dates:add", args=[mine.pk]))
    told = browser_page.locator("[data-date-clashes]")
    starts = browser_page.locator("[name=starts_at]")
    starts.fill("3 July 2027 19:00")
    starts.press("Tab")
    expect(told).to_contain_text("Opera House, St Helier: Ballet, Sat 3 July")
    browser_page.locator("[name=venue]").select_option(str(elsewhere.pk))
    expect(told).to_contain_text("No other public event is on there then.")
    starts.fill("31/2/2027 19:00")
    starts.press("Tab")
    expect(told).to_contain_text("February 2027 has 28 days.")
