"""What is typed into the admin's date fields stays typed, with Wagtail's picker and its autosave in a real browser."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from playwright.sync_api import expect

from events_pages.models import EventPage
from tests import factories
from tests.harness import until

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

STARTS = datetime(2027, 10, 30, 19, tzinfo=UTC)


@pytest.fixture
def editor(chromium, live_server, admin_client):
    context = chromium.new_context(base_url=live_server.url, locale="en-GB", timezone_id="Asia/Tokyo")
    cookie = admin_client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def type_into(editor, name, text):
    """As people do: into the field, where the picker opens, and on to the next."""
    field = editor.locator(f"[name={name}]")
    field.fill(text)
    expect(editor.locator(".xdsoft_datetimepicker:visible")).to_have_count(1)
    field.press("Tab")
    expect(editor.locator(".xdsoft_datetimepicker:visible")).to_have_count(0)
    return field


def date_of(event):
    return EventPage.objects.get(pk=event.pk).performances.get()


def test_a_date_as_people_write_it_stays_and_is_saved_by_itself(editor, home):
    event = factories.make_event(starts_at=STARTS, live=False)  # whose first date is still on its own form
    editor.goto(f"/admin/pages/{event.pk}/edit/")
    editor.wait_for_timeout(2_500)  # what is typed earlier, Wagtail takes for what was there
    starts = type_into(editor, "starts_at", "12 Dec 2026 7.37pm")
    expect(starts).to_have_value("12 Dec 2026 7.37pm")
    kept = datetime(2026, 12, 12, 19, 37, tzinfo=UTC)
    until(lambda: date_of(event).starts_at == kept, what="autosave")
    expect(starts).to_have_value("12 Dec 2026 7.37pm")
    drafts = event.revisions.count()

    for nonsense in ("next tuesdayish", "12/13/2026 19:30"):
        ends = type_into(editor, "ends_at", nonsense)
        editor.wait_for_timeout(2_000)  # four times what autosave waits for
        expect(ends).to_have_value(nonsense)
    assert date_of(event).said_end is None
    editor.get_by_role("button", name="Save draft").click()
    expect(editor.locator("#panel-child-content-when-section")).to_contain_text(
        "There is no month 13: write the day first"
    )
    expect(editor.locator("[name=ends_at]")).to_have_value("12/13/2026 19:30")
    assert event.revisions.count() == drafts


def test_the_picker_still_picks_and_the_hour_that_comes_twice_is_explained(editor, home):
    sale = factories.make_sale(factories.make_event(starts_at=STARTS))
    editor.goto(f"/admin/snippets/ticketing/eventsale/edit/{sale.pk}/")
    editor.locator("[name=closes_at]").fill("2027-10-30 20:00")
    editor.locator(".xdsoft_datetimepicker:visible .xdsoft_time", has_text="20:15").click()
    expect(editor.locator("[name=closes_at]")).to_have_value("2027-10-30 20:15")
    editor.locator("[name=closes_at]").blur()
    type_into(editor, "closes_at", "31 Oct 2027 1.30am")
    editor.get_by_role("button", name="Save").first.click()
    editor.goto(f"/admin/snippets/ticketing/eventsale/edit/{sale.pk}/")
    expect(editor.locator("[name=closes_at]")).to_have_value("2027-10-31 01:30 BST")
    expect(editor.get_by_role("main")).to_contain_text("The clocks go back that night and 01:30 comes twice.")
