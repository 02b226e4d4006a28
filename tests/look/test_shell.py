"""The script of the shell in a real browser, and the pages that must stand when nothing else does."""

import json
import time
from io import BytesIO
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from PIL import Image
from playwright.sync_api import expect
from wagtail.models import Site

from events_pages.models import SiteSettings

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "js" / "site.js"
ADDRESS = "http://shop.test/"


@pytest.fixture
def open_page(chromium):
    """A page with the shell's script; `asked` lists what the script fetched."""
    context = chromium.new_context()
    page = context.new_page()
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(content_type="application/json", body=json.dumps({"count": 2}))

    def open_page(markup, cookies=()):
        page.route("**/*", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=markup))
        page.route("**/status.json", answer)
        context.add_cookies([{"name": name, "value": value, "url": ADDRESS} for name, value in cookies])
        page.goto(ADDRESS)
        page.add_script_tag(path=SCRIPT)
        return page, asked

    yield open_page
    context.close()


def stepper(**values):
    return render_to_string(
        "includes/stepper.html", {"id": "adult", "name": "adult", "label": "Adult, £12.00", **values}
    )


@pytest.mark.browser
def test_stepper_counts_between_its_limits(open_page):
    page, _ = open_page(stepper(value=0, max=2))
    add, remove = page.get_by_label("Add one Adult, £12.00"), page.get_by_label("Remove one Adult, £12.00")
    expect(remove).to_be_disabled()
    add.click()
    add.click()
    expect(page.get_by_label("How many Adult, £12.00")).to_have_value("2")
    expect(add).to_be_disabled()
    remove.click()
    expect(page.get_by_label("How many Adult, £12.00")).to_have_value("1")


@pytest.mark.browser
def test_stepper_tells_the_page_of_every_change(open_page):
    page, _ = open_page(stepper(value=0, max=2) + "<output></output>")
    page.evaluate("addEventListener('change', e => document.querySelector('output').value = e.target.value)")
    page.get_by_label("Add one").click()
    expect(page.locator("output")).to_have_text("1")


@pytest.mark.browser
def test_basket_count_shows_what_the_server_says(open_page):
    header = render_to_string("includes/header.html")
    page, asked = open_page(header, cookies=[("basket_until", str(int(time.time()) + 600))])
    expect(page.locator("[data-basket-count]")).to_have_text("2")
    assert asked == [f"{ADDRESS}tickets/basket/status.json"]


@pytest.mark.browser
@pytest.mark.parametrize("cookies", [[], [("basket_until", "1")], [("basket_until", "soon")]])
def test_basket_count_asks_nothing_without_a_hold(open_page, cookies):
    page, asked = open_page(render_to_string("includes/header.html"), cookies=cookies)
    page.wait_for_timeout(100)
    expect(page.locator("[data-basket-count]")).to_be_empty()
    assert asked == []


def test_server_error_page_needs_no_context_and_no_database():
    page = render_to_string("500.html")
    assert "do not pay again" in page
    assert "tokens.css" in page


def test_shell_of_a_public_page_carries_no_token():
    page = render_to_string("404.html")
    assert "csrfmiddlewaretoken" not in page
    assert 'lang="en-GB"' in page
    assert page.count("<main") == 1


@pytest.mark.django_db
def test_staff_sign_in_to_the_site_by_its_name(client, home):
    SiteSettings.objects.update_or_create(site=Site.objects.get(), defaults={"organisation_name": "Island Evenings"})
    page = client.get("/admin/login/").text
    assert "Sign in to Island Evenings" in page
    assert "<title>Sign in - Island Evenings</title>" in " ".join(page.split())


def test_a_browser_that_asks_at_the_root_gets_the_mark(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200
    with Image.open(BytesIO(b"".join(answer.streaming_content))) as mark:
        assert mark.format == "ICO"
