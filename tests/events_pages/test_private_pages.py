"""A page behind a password, a sign-in or a group is named nowhere to a stranger; neither is a draft.

Every public address there is gets walked. A new one with a part that nobody here knows how to fill fails the walk.
"""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import Page, PageViewRestriction

from events_pages.enums import LegalKind
from events_pages.models import EventPage, FeaturedEvent, LegalPage, StandardPage
from tests import factories
from tests.ticketing.views.shop import hold

pytestmark = pytest.mark.django_db

PASSWORD = "lighthouse"
TITLE, SUMMARY, BARN, SEAT = "Members only night", "Hush among friends", "The Hidden Barn", "Inner circle"
WHEN = datetime(2031, 11, 7, 19, 30, tzinfo=UTC)
TELLING = (TITLE, SUMMARY, BARN, SEAT, "members-only-night", "November 2031", "2031-11", "20311107", "secret-poster")
RESTRICTED_TYPES = (PageViewRestriction.PASSWORD, PageViewRestriction.LOGIN, PageViewRestriction.GROUPS)
FILLED = {
    "provider": "mailgun",
    "key": "nobody",
    "reference": "JE-22222222",
    "token": "nobody",
    "ticket_id": 1,
    "path": "images/nothing.png",
    "version": "2026-01",
    "kind": "terms",
    "restriction_id": 1,
    "part": 1,
    "place": "events",
}
FOLLOWED_ELSEWHERE = ("wagtail_serve", "wagtaildocs_serve")  # the pages of the tree, and documents
MONTH = "?month=2031-11"
TYPED = ("November 2031", "2031-11")  # what they ask for themselves
QUERIES = ("", "?q=members", "?q=hidden+barn", MONTH, "?parish=st_helier", "?category=music", "archive/", "?access=1")
FEEDS = ("calendar.ics", "feed.rss")


@pytest.fixture
def secret(home):
    """A page with a sale that other pages show off in every way an editor has."""
    poster = factories.make_poster("A picture", name="secret-poster.png")
    secret = factories.make_event(
        TITLE, summary=SUMMARY, starts_at=WHEN, venue=factories.make_venue(BARN), poster=poster, poster_alt=SUMMARY
    )
    sale = factories.make_type(factories.make_sale(secret), name=SEAT, price="0").sale
    offer = [("ticket_offer", {"sale": sale})]
    event = factories.make_event("Open to all", body=offer)
    home.refresh_from_db()
    home.featured_events = [FeaturedEvent(event=secret), FeaturedEvent(event=event)]
    home.body = offer
    home.save()
    home.add_child(instance=StandardPage(title="About", slug="about", body=offer))
    factories.make_legal_page()
    return secret


def restrict(page, kind=PageViewRestriction.PASSWORD):
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind, password=PASSWORD)
    if kind == PageViewRestriction.GROUPS:
        restriction.groups.add(Group.objects.get_or_create(name="Members")[0])
    return restriction


def close_itself(page):
    restrict(page)


def close_with_its_list(page):
    restrict(page.get_parent())


def take_down(page):
    page.unpublish()


def turn_into_a_draft(page):
    """With changes that nobody has published."""
    page.unpublish()
    page.title = f"{TITLE}, again"
    page.save_revision()


WAYS = (close_itself, close_with_its_list, take_down, turn_into_a_draft)


def admit(client, restriction):
    """What a member does: types the password, or signs in."""
    if restriction.restriction_type == PageViewRestriction.PASSWORD:
        address = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, restriction.page_id])
        client.post(address, {"password": PASSWORD, "return_url": "/"})
        return
    user = User.objects.create_user("member")
    user.groups.set(Group.objects.filter(name="Members"))
    client.force_login(user)


def patterns(resolver, before=""):
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, address)
        elif not address.startswith("admin/"):
            yield pattern, address


def fill(pattern, address, known):
    """The address with its parts filled in. A part that is not known fails: say above what stands there."""
    if pattern.name in FOLLOWED_ELSEWHERE:
        return None
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(known[part[1]]), address)


def addresses(secret):
    sale = secret.sales.get()
    restriction = PageViewRestriction.objects.first()
    known = FILLED | {
        "sale_id": sale.pk,
        "performance_id": sale.performance_id,
        "page_id": secret.pk,
        "page_view_restriction_id": restriction.pk if restriction else 1,
    }
    found = [fill(pattern, address, known) for pattern, address in patterns(get_resolver())]
    kinds = [f"/legal/{kind}/" for kind in LegalKind.values]
    pages = [page.url for page in Page.objects.live().filter(depth__gt=1).exclude(pk=secret.pk)]
    queries = [*QUERIES, f"?venue={secret.venue_id}", f"?organiser={secret.organiser_id}"]
    lists = [f"/events/{query}" for query in queries]
    feeds = [f"/events/{feed}{query}" for query in queries for feed in FEEDS if query != "archive/"]
    own = [f"{secret.url}calendar.ics", f"{secret.url}dates/{secret.performances.get().pk}/calendar.ics"]
    return [*filter(None, found), *kinds, *pages, *lists, *feeds, *own, "/nowhere/"]


def told(response):
    """All that a stranger can read in an answer."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers}{response.cookies}{content.decode(errors='replace')}"


@pytest.mark.parametrize("close", WAYS)
@pytest.mark.parametrize("verb", ["get", "head", "post"])
def test_no_public_address_names_it_to_a_stranger(client, secret, close, verb):
    close(secret)
    quantity = {f"qty-{secret.sales.get().ticket_types.get().pk}": "1"}
    walked = addresses(secret)
    for address in walked:
        answer = getattr(client, verb)(address, *([quantity] if verb == "post" else []))
        words = told(answer).replace(escape(address), "")  # what they typed themselves
        typed = TYPED if MONTH in address else ()
        assert not [word for word in TELLING if word in words and word not in typed], (verb, address)
    assert len(walked) > 50


def test_the_walk_finds_what_is_public(client, secret):
    found = [address for address in addresses(secret) if TITLE in told(client.get(address))]
    sale = secret.sales.get()
    shown = {"/", "/about/", "/events/", "/events/?q=members", "/events/?month=2031-11", f"/tickets/sales/{sale.pk}/"}
    shown |= {f"/events/?venue={secret.venue_id}", "/events/calendar.ics?q=members", "/events/feed.rss?month=2031-11"}
    assert shown <= set(found)
    assert secret.url in client.get("/sitemap.xml").text


def test_its_own_address_says_nothing_of_it(client, secret):
    restrict(secret)
    words = client.get(secret.url).text.replace(secret.url, "")
    assert not [word for word in TELLING if word in words]


def test_an_alias_of_it_is_as_private(client, secret):
    alias = secret.create_alias(update_slug=f"{secret.slug}-again")
    assert alias.url in client.get("/sitemap.xml").text
    PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.LOGIN)
    assert EventPage.objects.live().public().filter(title=TITLE).count() == 0
    assert alias.url not in client.get("/sitemap.xml", {"x": 1}).text


@pytest.mark.parametrize("kind", RESTRICTED_TYPES)
def test_whoever_passed_sees_it_and_what_other_pages_show_of_it(client, secret, kind):
    restriction = restrict(secret, kind)
    admit(client, restriction)
    box = reverse("ticketing:sale", args=[secret.sales.get().pk])
    for address in (secret.url, box, "/", "/about/"):
        assert TITLE in client.get(address).text


@pytest.mark.parametrize("kind", [PageViewRestriction.GROUPS, PageViewRestriction.PASSWORD])
def test_who_is_signed_in_but_not_admitted_is_a_stranger(client, secret, kind):
    restrict(secret, kind)
    client.force_login(User.objects.create_user("somebody"))
    box = reverse("ticketing:sale", args=[secret.sales.get().pk])
    assert client.get(box).status_code == 404
    assert TITLE not in client.get("/").text


def test_what_a_member_is_shown_is_not_kept_for_strangers(client, secret):
    admit(client, restrict(secret))
    assert TITLE in client.get("/about/").text
    client.cookies.clear()
    assert TITLE not in client.get("/about/").text
    assert SUMMARY not in client.get(secret.url).text


def test_a_basket_alone_admits_nobody(client, secret):
    hold(client, factories.make_type(factories.make_sale(factories.make_event("Another")), price="0"))
    restrict(secret)
    assert TITLE not in client.get("/about/").text


def test_a_preview_is_for_editors(client, secret):
    restrict(secret)
    for name in ("wagtailadmin_pages:view_draft", "wagtailadmin_pages:preview_on_edit", "wagtailadmin_pages:edit"):
        answer = client.get(reverse(name, args=[secret.pk]))
        assert answer.status_code == 302
        assert TITLE not in told(answer)
    client.force_login(User.objects.create_user("somebody"))
    assert TITLE not in told(client.get(reverse("wagtailadmin_pages:view_draft", args=[secret.pk])))


def test_an_editor_sees_the_buy_box_in_the_preview_of_the_page_itself(secret):
    secret.body = [("ticket_offer", {"sale": secret.sales.get()})]
    restrict(secret)
    assert secret.make_preview_request().render().content.decode().count("Hold these tickets") == 2


def test_a_button_that_leads_to_a_draft_is_left_out(client, secret):
    about = StandardPage.objects.get()
    about.body = [("call_to_action", {"title": "Come", "text": "", "label": "This way", "page": secret, "address": ""})]
    about.save()
    assert secret.url in client.get("/about/").text
    secret.unpublish()
    assert secret.url not in client.get("/about/", {"x": 1}).text


@pytest.mark.parametrize("kind", [LegalKind.TERMS, LegalKind.PRIVACY])
def test_a_private_legal_text_is_not_in_force_and_not_in_the_foot(client, home, kind):
    text = factories.make_legal_page(kind, version="2020-01")
    old = factories.make_legal_page(kind, version="2019-01")
    LegalPage.objects.filter(pk=old.pk).update(effective_from=timezone.datetime(2019, 1, 1))
    restrict(text)
    assert LegalPage.in_force(kind, on=timezone.localdate()) == old
    assert text.url not in client.get("/").text
    assert text.url not in client.get(old.url).text
    assert client.get(f"/legal/{kind}/").url == old.url
    assert client.get(f"/legal/{kind}/2020-01/").status_code == 404
    assert client.get(f"/legal/{kind}/2019-01/").url == old.url


def test_a_private_page_is_not_in_the_menu(client, home):
    page = home.add_child(instance=StandardPage(title="For stewards", slug="stewards", show_in_menus=True))
    restrict(page)
    assert "For stewards" not in client.get("/").text
