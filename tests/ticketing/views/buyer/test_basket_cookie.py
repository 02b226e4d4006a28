"""The cookie page says what the code does: each cookie that a walk through the site sets, and no other."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events_pages.enums import LegalKind
from events_pages.legal.cookies import CONSENT_COOKIE, COOKIES, Cookie, list_cookies
from events_pages.models import SiteSettings
from tests import factories
from tests.ticketing.views.shop import buy, check_out, hold, order_url

pytestmark = pytest.mark.django_db


class Browser(Client):
    """Remembers every cookie that it was given, as it was given."""

    def request(self, **request):
        response = super().request(**request)
        self.given = getattr(self, "given", []) + [each for each in response.cookies.values() if each.value]
        return response


def facts(cookie):
    """(name, seconds or None, kept from scripts, same site)"""
    return cookie.key, cookie["max-age"] or None, bool(cookie["httponly"]), cookie["samesite"]


@pytest.fixture
def walked(settings):
    """A visitor buys, looks for the tickets and releases others; a person of the staff signs in, scans and edits."""
    password = "spring-tide-at-la-rocque"
    User.objects.create_superuser("admin", "admin@example.je", password)
    settings.REQUIRE_TWO_FACTOR = False
    settings.SELLING, settings.INVITATION_CODES = "invited", ["gorse-lane-1204"]
    page = factories.make_legal_page(LegalKind.COOKIES)
    kind = factories.make_type(price="0.00")
    browser = Browser()
    for path in ("/", "/events/", kind.sale.page.url, page.url, "/nothing/here/", "/tickets/find/", "/tickets/basket/"):
        browser.get(path)
    hold(browser, kind, invitation="gorse-lane-1204")
    order = buy(browser, kind)
    browser.get(order.get_absolute_url())
    browser.post(order_url(order, "order-resend"))
    browser.post("/tickets/find/", {"email": order.buyer_email})
    hold(browser, kind)
    browser.post(reverse("ticketing:extend"))
    check_out(browser, email="nonsense")
    browser.post(reverse("ticketing:release"))
    staff = Browser()
    staff.get("/admin/login/")
    for remember in ({}, {"remember": "on"}):
        who = {"username": "admin", "password": password, "next": "/admin/"}
        assert staff.post("/admin/login/", who | remember).status_code == 302
    staff.get("/admin/")
    staff.get(f"/tickets/scan/{kind.sale.performance_id}/")
    staff.post(f"/tickets/scan/{kind.sale.performance_id}/", {"code": "nonsense"})
    staff.post(reverse("order_desk:resend", args=[order.pk]))
    return [*browser.given, *staff.given]


def test_every_cookie_is_listed_as_it_is_set(walked):
    """Also the other way round: nothing is listed that nobody sets. Only the answer is set by a script."""
    told = {
        (each.name, seconds, each.http_only, each.same_site)
        for each in COOKIES
        if each is not CONSENT_COOKIE
        for seconds in ([each.seconds, None] if each.shorter_at_will else [each.seconds])
    }
    assert {facts(cookie) for cookie in walked} == told


def test_looking_around_sets_none(home):
    browser = Browser()
    event = factories.make_event()
    for path in ("/", "/events/", event.url, "/tickets/find/", "/tickets/basket/", "/tickets/checkout/"):
        browser.get(path)
    assert browser.given == []


def test_the_cookie_page_shows_the_list(client, home):
    text = client.get(factories.make_legal_page(LegalKind.COOKIES).url).text
    for cookie in list_cookies(asks=False):
        assert f"<code>{cookie.name}</code>" in text
        assert str(cookie.life_in_words) in text
    assert "<code>consent</code>" not in text
    assert "data-answer" not in text


def test_the_cookie_page_lets_an_answer_be_changed(client, home):
    own = SiteSettings.for_site(home.get_site())
    own.analytics_name, own.analytics_script = "Plausible", "https://count.example/a.js"
    own.save()
    text = client.get(factories.make_legal_page(LegalKind.COOKIES).url).text
    assert "<code>consent</code>" in text
    assert "6 months" in text
    assert text.count('data-answer="yes"') == text.count('data-answer="no"') == 2
    assert not client.cookies


@pytest.mark.parametrize(
    ("life", "words"),
    [
        (None, "Until you close the browser"),
        (timedelta(hours=12), "12 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=14), "14 days"),
        (timedelta(days=182), "6 months"),
        (timedelta(weeks=52), "1 year"),
    ],
)
def test_a_life_is_said_in_words(life, words):
    assert Cookie("x", "", "", life).life_in_words == words


def test_the_basket_is_forgotten_when_the_list_says(client):
    hold(client, factories.make_type())
    life = COOKIES[0].life
    with time_machine.travel(timezone.now() + life):
        assert client.cookies[COOKIES[0].name]["max-age"] == life.total_seconds()
