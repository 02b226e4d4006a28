"""The captcha's script in a real browser, under the content policy of the checkout."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import expect

from protection.captcha import challenges, proof_of_work

STATIC = Path(__file__).resolve().parents[2] / "static"
ADDRESS = "https://shop.test/"
BOUND = "basket-of-ana"
POLICY = "; ".join(f"{name} {' '.join(of)}" for name, of in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items())


@pytest.fixture
def visit(chromium):
    """Opens a form with a challenge; `sent` is what came of it, `complaints` what the browser did not like."""
    page = chromium.new_page()
    page.sent, page.complaints = [], []
    page.on("console", lambda message: page.complaints.append(message.text))

    def answer(route):
        path = route.request.url.partition("?")[0].removeprefix(ADDRESS).removeprefix("http://shop.test/")
        if path.startswith("js/"):
            return route.fulfill(content_type="text/javascript", body=(STATIC / path).read_text(encoding="utf-8"))
        if route.request.method == "POST":
            page.sent.append(dict(part.split("=", 1) for part in route.request.post_data.split("&")))
            return route.fulfill(content_type="text/html", body="<h1>Sent</h1>")
        return route.fulfill(content_type="text/html", headers={"content-security-policy": POLICY}, body=form())

    def form():
        box = render_to_string("protection/captcha.html", {"captcha": challenge})
        return (
            f'<main><form method="post">{box}<button>Pay</button></form></main>'
            '<script src="js/captcha.js" defer></script><script src="js/checkout.js" defer></script>'
        )

    challenge = challenges.build_challenge(RequestFactory().get("/"), bound=BOUND)
    page.route("**/*", answer)

    def visit(address=ADDRESS):
        page.goto(address)
        return page

    yield visit
    page.close()


def answer_of(page):
    from urllib.parse import unquote

    return unquote(page.sent[0].get("captcha_answer", ""))


@pytest.mark.browser
def test_the_browser_does_the_work_and_the_server_takes_it(visit):
    page = visit()
    expect(page.get_by_role("status")).to_have_text("Done: you can go on.", timeout=20_000)
    page.get_by_role("button").click()
    expect(page.get_by_role("heading")).to_have_text("Sent")
    assert proof_of_work.check_work_answer(answer_of(page), challenges._challenge_name(BOUND))
    assert page.complaints == []


@pytest.mark.browser
def test_a_form_that_is_sent_early_goes_once_when_the_work_is_done(visit):
    page = visit()
    page.get_by_role("button").dblclick()
    expect(page.get_by_role("heading")).to_have_text("Sent", timeout=20_000)
    assert len(page.sent) == 1
    assert proof_of_work.check_work_answer(answer_of(page), challenges._challenge_name(BOUND))


@pytest.mark.browser
def test_a_browser_that_cannot_sends_the_form_without(visit):
    """Without TLS browsers compute no hashes."""
    page = visit("http://shop.test/")
    expect(page.get_by_role("status")).to_have_text("Your browser could not do it.")
    page.get_by_role("button").click()
    expect(page.get_by_role("heading")).to_have_text("Sent")
    assert answer_of(page) == ""
    assert "captcha_stamp" in page.sent[0]
