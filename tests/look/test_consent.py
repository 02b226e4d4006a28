"""The question about counting visits, in a real browser with the real pages and their content policy."""

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import expect

from events_pages.enums import LegalKind
from events_pages.legal.cookies import CONSENT_COOKIE
from tests import factories
from tests.events_pages.legal.test_consent import SCRIPT, count_visits
from tests.harness import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
SITE = "http://testserver"


@pytest.fixture
def come(client, home, chromium):
    """`come(path)`: somebody's browser on that page. `asked` lists the scripts that other hosts were asked for."""
    count_visits(home)
    paths = (home.url, factories.make_index().url, factories.make_legal_page(LegalKind.COOKIES).url)
    served = {SITE + path: client.get(path) for path in paths}
    context, asked = chromium.new_context(), []

    def answer(route):
        url = route.request.url
        if not url.startswith(SITE):
            asked.append(url)
            return route.fulfill(content_type="text/javascript", body="window.counted = (window.counted || 0) + 1")
        if url not in served:
            return route.fulfill(path=finders.find(url.removeprefix(f"{SITE}/static/")))
        return route.fulfill(headers=dict(served[url].headers), body=served[url].content)

    def come(path="/"):
        page = context.new_page()
        page.asked, page.broken = asked, []
        page.on("console", lambda message: page.broken.append(message.text))
        page.route("**/*", answer)
        page.goto(SITE + path)
        return page

    yield come
    context.close()


def press(page, answer, within=".consent"):
    page.locator(f'{within} [data-answer="{answer}"]').click()


def kept(page):
    return {cookie["name"]: cookie for cookie in page.context.cookies()}


def test_nothing_is_loaded_before_yes(come):
    page = come()
    expect(page.get_by_role("region", name="May we count your visit?")).to_be_visible()
    assert (page.asked, kept(page)) == ([], {})


def test_no_is_kept_and_nothing_is_ever_loaded(come):
    page = come()
    press(page, "no")
    expect(page.locator(".consent")).to_be_hidden()
    page.goto(f"{SITE}/events/")
    expect(page.locator(".consent")).to_be_hidden()
    assert page.asked == []
    assert kept(page)["consent"]["value"] == "no"


def test_yes_loads_it_here_and_on_every_page_after(come):
    page = come()
    press(page, "yes")
    until(lambda: page.evaluate("window.counted") == 1)
    page.goto(f"{SITE}/events/")
    until(lambda: page.evaluate("window.counted") == 1)
    cookie = kept(page)[CONSENT_COOKIE.name]
    assert page.asked == [SCRIPT, SCRIPT]
    assert [words for words in page.broken if "Content Security Policy" in words] == []
    assert (cookie["value"], cookie["sameSite"], cookie["httpOnly"]) == ("yes", "Lax", CONSENT_COOKIE.http_only)
    assert abs(cookie["expires"] - page.evaluate("Date.now()") / 1000 - CONSENT_COOKIE.seconds) < 60


def test_the_answer_is_changed_on_the_cookie_page(come):
    page = come()
    press(page, "yes")
    until(lambda: page.evaluate("window.counted") == 1)
    page.get_by_role("contentinfo").get_by_role("link", name="Cookies").click()
    choice = page.get_by_role("region", name="Counting visits: your answer")
    expect(choice).to_contain_text("You said yes: Plausible counts your visits.")
    until(lambda: page.evaluate("window.counted") == 1)
    del page.asked[:]
    press(page, "no", within="[data-choice]")
    expect(choice).to_contain_text("You said no: nothing is loaded.")
    until(lambda: page.evaluate("window.counted") is None)
    assert page.asked == []
    press(page, "yes", within="[data-choice]")
    until(lambda: page.evaluate("window.counted") == 1)


def test_the_keyboard_comes_to_both_answers_first(come):
    page = come()
    labels = []
    for _ in range(4):
        page.keyboard.press("Tab")
        labels.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert labels[1:] == ["About cookies", "Yes, count it", "No, do not"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert kept(page)["consent"]["value"] == "no"
