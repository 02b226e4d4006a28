"""Whole pages are kept for everybody, for a minute, and forgotten the moment anything on them changes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache, caches
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from events_pages.enums import LegalKind
from events_pages.models import EventPage, LegalPage, SiteSettings, Venue
from events_pages.public import content_version, page_cache
from tests import factories

pytestmark = pytest.mark.django_db

EMPTY_FORM = "/events/?category=&parish=&q=&page=1"
NOON = datetime(2027, 3, 1, 12, 0, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _memory_cache(settings):
    """As with Redis: the cache is not in the database."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"}
    settings.CACHES = settings.CACHES | {"default": memory}
    caches["default"].clear()


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def page(home):
    return factories.make_event("Sea Shanties", starts_at=timezone.now() + timedelta(days=30))


@pytest.fixture
def get(client, page):
    return lambda path=None, **more: client.get(path or page.get_url(), **more)


def rename(page, title):
    """Behind Wagtail's back: nothing is purged."""
    EventPage.objects.filter(pk=page.pk).update(title=title)


def shows(response, words):
    return words in response.content.decode()


@pytest.fixture
def run_commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_warm_page_takes_one_look_at_the_cache_and_no_query(get, django_assert_num_queries, monkeypatch):
    first = get()
    looks = []
    get_many = cache.get_many
    monkeypatch.setattr(type(caches["default"]), "get_many", lambda self, keys: looks.append(keys) or get_many_of(keys))

    def get_many_of(keys):
        monkeypatch.undo()
        return get_many(keys)

    with django_assert_num_queries(0):
        second = get()

    assert len(looks) == 1
    assert second.content == first.content
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/", "/events/", "/events/archive/", "/events/?month=2027-03", EMPTY_FORM, "/terms/", "/sitemap.xml"]
)
def test_every_public_page_is_kept(get, home, path, django_assert_num_queries):
    home.add_child(instance=LegalPage(title="Terms", slug="terms", kind=LegalKind.TERMS, version="1"))
    get(path)

    with django_assert_num_queries(0):
        assert get(path).status_code == 200


def test_page_is_kept_until_purged(get, page):
    get()
    rename(page, "Other Words")
    assert shows(get(), "Sea Shanties")

    content_version.purge_pages()

    assert shows(get(), "Other Words")


def test_page_is_asked_afresh_when_the_minute_turns(get, page, clock):
    get()
    rename(page, "Other Words")

    clock.move_to(NOON.replace(second=59), tick=False)
    assert shows(get(), "Sea Shanties")
    clock.move_to(NOON.replace(minute=1, second=0), tick=False)
    assert shows(get(), "Other Words")


def test_page_begun_before_a_purge_is_never_served_after_it(get, page, monkeypatch):
    serve = EventPage.serve

    def slow_serve(self, request, *args, **kwargs):
        response = serve(self, request, *args, **kwargs).render()
        content_version.purge_pages()
        return response

    monkeypatch.setattr(EventPage, "serve", slow_serve)
    get()
    monkeypatch.setattr(EventPage, "serve", serve)
    rename(page, "Other Words")

    assert shows(get(), "Other Words")


@pytest.mark.parametrize("action", ["publish", "unpublish", "move", "delete"])
def test_purged_by_what_editors_do_to_pages(get, page, run_commits, action):
    other = factories.make_event("Another Event", starts_at=timezone.now() + timedelta(days=3))
    factories.make_home().refresh_from_db()
    assert shows(get("/events/"), "Another Event")
    other.refresh_from_db()
    with run_commits():
        if action == "publish":
            other.title = "Another Name"
            other.save_revision().publish()
        elif action == "move":
            other.move(factories.make_home(), pos="last-child")
        else:
            getattr(other, action)()

    assert not shows(get("/events/"), "Another Event")


def test_purged_by_a_change_of_venue_and_of_site_settings(get, page, home, run_commits):
    assert shows(get(), "Opera House")

    with run_commits():
        venue = Venue.objects.get(name="Opera House")
        venue.name = "The Old Barn"
        venue.save()
    assert shows(get(), "The Old Barn")

    with run_commits():
        settings = SiteSettings.for_site(home.get_site())
        settings.organisation_name = "Island Nights"
        settings.save()
    assert shows(get(), 'content="Island Nights"')


def test_signed_in_visitors_neither_fill_nor_see_kept_pages(get, page, client):
    client.force_login(User.objects.create_superuser("admin", "", "admin"))
    get()
    rename(page, "Other Words")
    assert shows(get(), "Other Words")

    client.logout()
    client.cookies.clear()
    get()
    rename(page, "Third Words")
    client.force_login(User.objects.get())

    assert shows(get(), "Third Words")


def test_private_page_is_never_kept(get, page, client, run_commits):
    get()
    with run_commits():
        PageViewRestriction.objects.create(
            page=page, restriction_type=PageViewRestriction.PASSWORD, password="lighthouse"
        )
    asked = get()
    assert not shows(asked, page.summary)
    client.post(asked.context["action_url"], {"password": "lighthouse", "return_url": page.get_url()})
    assert shows(get(), page.summary)

    client.cookies.clear()

    assert not shows(get(), page.summary)


def test_page_for_a_group_is_not_shown_to_strangers(get, page, client, run_commits):
    get()
    with run_commits():
        restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
        restriction.groups.add(Group.objects.create(name="Stewards"))

    assert get().status_code == 302


def test_head_answers_from_the_kept_page_without_a_body(get, page, client, django_assert_num_queries):
    full = get()

    with django_assert_num_queries(0):
        head = client.head(page.get_url())

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(full.content))


def test_head_does_not_fill_the_cache(page, client, django_assert_num_queries):
    client.head(page.get_url())

    assert "Sea Shanties" in client.get(page.get_url()).content.decode()


def test_missing_page_is_not_kept(get, page):
    assert get("/events/ghost/").status_code == 404
    EventPage.objects.filter(pk=page.pk).update(slug="ghost", url_path="/home/events/ghost/")

    assert get("/events/ghost/").status_code == 200


def test_hosts_and_schemes_are_kept_apart(get, page, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    get(headers={"host": "one.example"})
    rename(page, "Other Words")

    assert shows(get(headers={"host": "one.example"}), "Sea Shanties")
    assert shows(get(headers={"host": "two.example"}), "Other Words")
    assert shows(get(headers={"host": "one.example"}, secure=True), "Other Words")


def test_unknown_query_is_served_but_not_kept(get, page):
    path = f"{page.get_url()}?x=1"
    get(path)
    rename(page, "Other Words")

    assert shows(get(path), "Other Words")


@pytest.mark.parametrize("query", ["utm_source=paper&utm_medium=print", "fbclid=IwAR0abc"])
def test_links_from_advertisers_share_the_kept_page(get, page, query):
    get()
    rename(page, "Other Words")

    assert shows(get(f"{page.get_url()}?{query}"), "Sea Shanties")


def test_long_and_repeated_values_are_not_kept(rf):
    def key(query):
        return page_cache.page_key(rf.get(f"/events/?{query}"))

    assert key("category=" + "x" * 41) is None
    assert key("category=a&category=b") is None
    assert key("category=a") is not None
    assert key("category=a&page=2") == key("page=2&category=a")
    assert key("category=&page=1") == key("")


def test_only_plain_answers_that_ask_for_it_are_kept(rf):
    request = rf.get("/")

    def kept(response):
        return page_cache.is_for_everybody(request, response)

    with_cookie = page_cache.mark_cacheable(HttpResponse("x"))
    with_cookie.set_cookie("basket", "1")
    assert kept(page_cache.mark_cacheable(HttpResponse("x")))
    assert not kept(HttpResponse("x"))
    assert not kept(with_cookie)
    assert not kept(page_cache.mark_cacheable(HttpResponse("x", status=500)))
    assert not kept(page_cache.mark_cacheable(HttpResponse("x", headers={"Vary": "Accept, Cookie"})))
    assert not kept(page_cache.mark_cacheable(HttpResponse("x", headers={"Cache-Control": "private"})))
    assert not kept(page_cache.mark_cacheable(StreamingHttpResponse([b"x"])))


def test_preview_never_meets_the_cache(page, get):
    get()
    page.title = "Draft Words"

    assert shows(page.make_preview_request(), "Draft Words")
    assert shows(get(), "Sea Shanties")


def test_posts_pass_by(client, page):
    assert client.post(page.get_url(), {"a": "b"}).status_code in (200, 405)
    assert page_cache.page_key(client.post(page.get_url()).wsgi_request) is None


def test_the_foot_of_the_page_says_what_the_settings_say(client, page):
    own = SiteSettings.for_site(page.get_site())
    own.footer_text = "Run from a barn in St Ouen."
    own.save()
    factories.make_legal_page(LegalKind.PRIVACY)
    text = client.get("/tickets/find/").content.decode()
    assert "Run from a barn in St Ouen." in text
    assert "/privacy" in text


def test_the_foot_of_the_page_is_read_once_until_an_edit(
    client, page, django_assert_num_queries, django_capture_on_commit_callbacks
):
    client.get("/tickets/find/")
    with django_assert_num_queries(0):
        client.get("/tickets/find/")
    with django_capture_on_commit_callbacks(execute=True):
        own = SiteSettings.for_site(page.get_site())
        own.footer_text = "New words"
        own.save()
    assert "New words" in client.get("/tickets/find/").content.decode()


def test_cache_is_not_asked_where_no_page_is_ever_kept(rf):
    assert page_cache.page_key(rf.get("/tickets/checkout/")) is None
    assert page_cache.page_key(rf.get("/events/")) is not None


def test_a_legal_page_is_found_in_the_transaction_that_makes_it(home):
    assert LegalPage.current(LegalKind.TERMS) is None
    terms = factories.make_legal_page(LegalKind.TERMS)
    assert LegalPage.current(LegalKind.TERMS) == terms


def kept_pages():
    return set(caches["default"]._cache)


STRANGE = [
    "/?page={n}",
    "/?month=20{n:02}-01",
    "/events/?q=word{n}",
    "/events/?page={n}",
    "/events/?category=word{n}",
    "/events/?month=20{n:02}-02",
    "/events/?parish=st-{n}",
    "/events/?x={n}",
    "/events/word-{n}/",
    "/word-{n}/",
    "/legal/word-{n}/",
    "/sitemap.xml?page={n}",
]


def test_hundreds_of_strange_addresses_fill_nothing(client, page, settings):
    settings.ALLOWED_HOSTS = ["*"]
    for path in ("/", "/events/", "/sitemap.xml", "/robots.txt", "/ghost/", "/tickets/find/", page.get_url()):
        client.get(path)
    before = kept_pages()
    for number in range(2, 18):
        for path in STRANGE:
            client.get(path.format(n=number))
        client.get(page.get_url(), headers={"host": f"testserver:{number}"})
        client.get("/tickets/find/", headers={"host": f"host-{number}.example"})
    assert kept_pages() == before


def test_a_page_by_a_strange_host_is_shown_to_nobody_else(client, page, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    client.get(page.get_url(), headers={"host": "testserver:1337"})
    client.get(page.get_url(), headers={"host": "TESTSERVER"})
    assert not {"1337", "TESTSERVER"} & set(client.get(page.get_url()).text.replace(":", "/").split("/"))


def test_a_list_is_kept_by_what_it_was_asked_for(get, page, django_assert_num_queries):
    path = f"/events/?parish={page.venue.parish}"
    get(path)
    with django_assert_num_queries(0):
        assert shows(get(path), "Sea Shanties")
    assert not shows(get("/events/?parish=sark"), "No events")


def test_a_process_keeps_no_more_than_it_has_room_for(get, page, monkeypatch, clock):
    monkeypatch.setattr(page_cache, "MOST_KEPT", 1)
    monkeypatch.setattr(page_cache, "_room", page_cache.RoomInMinute())
    monkeypatch.setattr(page_cache, "_room_for_choices", page_cache.RoomInMinute())
    get("/")
    get()
    rename(page, "Other Words")
    assert shows(get(), "Other Words")

    clock.move_to(NOON.replace(minute=1), tick=False)
    get()
    rename(page, "Third Words")
    assert shows(get(), "Other Words")


def test_whoever_asks_for_everything_takes_no_room_from_the_pages_that_all_read(
    get, page, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(page_cache, "MOST_KEPT", 1)
    monkeypatch.setattr(page_cache, "_room", page_cache.RoomInMinute())
    monkeypatch.setattr(page_cache, "_room_for_choices", page_cache.RoomInMinute())
    for choice in (f"parish={page.venue.parish}", f"month={page.schedule.starts_at:%Y-%m}"):
        assert shows(get(f"/events/?{choice}"), "Sea Shanties")
    get()
    with django_assert_num_queries(0):
        assert get().status_code == 200


def test_a_very_long_page_is_not_kept(rf):
    assert not page_cache.is_for_everybody(
        rf.get("/"), page_cache.mark_cacheable(HttpResponse("x" * (page_cache.LARGEST + 1)))
    )


def who_may_keep(response):
    return response.headers["Cache-Control"]


def test_nobody_else_keeps_a_page_unless_the_settings_say_so(get):
    assert [who_may_keep(get()), who_may_keep(get())] == ["private, max-age=0"] * 2


@pytest.mark.parametrize(
    ("seconds", "at", "kept"), [(60, 10, 50), (20, 10, 20), (20, 50, 10), (60, 0, 60), (60, 59, 1)]
)
def test_a_delivery_network_keeps_pages_no_longer_than_the_minute(get, settings, clock, seconds, at, kept):
    """Sales open and close on the minute, and it hears of no purge."""
    settings.CDN_PAGE_SECONDS = seconds
    clock.move_to(NOON.replace(second=at), tick=False)
    made, again = get(), get()
    assert [who_may_keep(made), who_may_keep(again)] == [f"public, max-age=0, s-maxage={kept}"] * 2


def test_no_delivery_network_keeps_what_is_not_for_everybody(get, client, page, settings):
    settings.CDN_PAGE_SECONDS = 60
    assert who_may_keep(get("/events/?q=shanties")) == "private, max-age=0"
    assert who_may_keep(get("/nothing/here/")) == "private, max-age=0"
    assert who_may_keep(get("/events")) == "private, max-age=0"
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    assert "s-maxage" not in who_may_keep(get())
    client.force_login(User.objects.create_superuser("alice"))
    assert "s-maxage" not in who_may_keep(get())
    assert "s-maxage" not in who_may_keep(get("/"))
