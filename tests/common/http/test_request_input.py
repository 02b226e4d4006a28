"""Whatever stands in an address, a query or a cookie: an answer in words, never a failure."""

from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import DataError
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from common.http.request_input import is_misread_value, is_too_large, is_unfit_for_database, tidy_query
from tests.architecture.walk.addresses import SEVERAL, routes
from tests.architecture.walk.walking import Browser
from tests.factories import make_event, make_sale

LONG = "9" * 50
UNWELL = "/health/"  # 503 without a worker, once the process is a few minutes old
PARAMETERS = """
p page id ordering parent_page_id collection_id page_type childOf q term sale merchant page_id target_pages[] locale
content_type position mode date_from state month category parish pay since next owner site revision_id user
starts_at ends_at venue categories of date starts doors ends name
"""
postgres = pytest.mark.skipif("postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="walks the site")


def asked(query):
    request = RequestFactory().get("/events/?" + query)
    tidy_query(request)
    return request


def test_a_query_is_tidied_before_anybody_reads_it():
    assert asked("q=Ana%00%E2%80%8B%0B%C2%A0B&page=2").GET.dict() == {"q": "Ana B", "page": "2"}
    plain = RequestFactory().get("/events/?q=jazz")
    before = plain.GET
    tidy_query(plain)
    assert plain.GET is before


def test_numbers_longer_than_ours_are_none():
    assert is_too_large(2**63)
    assert is_too_large(LONG)
    assert not is_too_large(2**63 - 1)
    assert not is_too_large("JE-7K2M9QXT")


def test_what_a_database_says_of_a_value_is_the_senders_to_correct():
    assert is_unfit_for_database(DataError("value too long for type character varying(40)"))
    assert is_unfit_for_database(OverflowError("Python int too large to convert to SQLite INTEGER"))
    assert is_unfit_for_database(ValueError("A string literal cannot contain NUL (0x00) characters."))
    assert not is_unfit_for_database(ValueError("another thing"))
    assert not is_unfit_for_database(KeyError("x"))


def test_a_form_that_lacks_a_field_of_its_scripts_is_the_senders_to_correct():
    with pytest.raises(KeyError) as missing:
        asked("q=jazz").GET["body-count"]
    assert is_unfit_for_database(missing.value)


def test_an_error_that_quotes_what_was_sent_is_the_senders_to_correct():
    request = asked("id=abc&next=-1")
    request.resolver_match = None
    assert is_misread_value(request, ValueError("Field 'id' expected a number but got 'abc'."))
    assert is_misread_value(request, NoReverseMatch("Reverse for '-1' not found."))
    assert not is_misread_value(request, ValueError("Field 'id' expected a number but got 'xyz'."))
    assert not is_misread_value(request, KeyError("abc"))


@pytest.fixture
def admin(admin_user, settings):
    settings.RATE_LIMITS = False
    browser = Browser()
    browser.force_login(admin_user)
    browser.raise_request_exception = False
    return browser


REFUSED = (
    "/events/?q=%ED%A0%80",
    "/admin/login/?next=-1",
    "/admin/choose-external-link/?parent_page_id=-1",
    "/admin/bulk/wagtailcore/page/delete/?id=abc",
    "/admin/bulk/wagtailcore/page/delete/?id=" + LONG,
    "/admin/choose-page/chosen-multiple/?id=abc",
    "/admin/api/main/pages/find/?id=abc",
    "/admin/images/chooser/chosen/abc/",
    "/admin/images/chooser/chosen/%00/",
    f"/tickets/sales/{LONG}/",
    f"/admin/pages/{LONG}/edit/",
)


@pytest.mark.django_db
def test_what_makes_no_sense_is_refused_in_words(admin):
    for path in REFUSED:
        assert admin.get(path).status_code // 100 == 4, path
    page = admin.get("/admin/bulk/wagtailcore/page/delete/?id=abc")
    assert "This cannot be taken" in page.content.decode()


@pytest.mark.django_db
def test_head_is_answered_as_get_is(admin, caplog):
    page = make_event()
    make_sale(page)
    bulk, preview = f"/admin/bulk/wagtailcore/page/delete/?id={page.pk}", f"/admin/pages/{page.pk}/edit/preview/"
    for path in ("/events/", page.url, "/tickets/find/", "/no/such/page/", "/admin/", bulk, preview):
        answer = admin.head(path)
        assert answer.status_code == admin.get(path).status_code, path
        assert not answer.content
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.django_db
def test_a_cookie_that_spells_odd_characters_is_none(client):
    for name in (settings.SESSION_COOKIE_NAME, settings.BASKET_COOKIE_NAME):
        answer = client.get("/admin/", headers={"cookie": f'{name}="\\000aaaaaaaaaaaaaaa"'})
        assert answer.status_code == 302


def addresses():
    """Every address with a number of fifty figures in each of its places, and in its query."""
    query = urlencode(dict.fromkeys(PARAMETERS.split(), LONG))
    for name, wanted in routes():
        for given in SEVERAL.get(name, [{}]):
            values = {each: given[each] if isinstance(given.get(each), str) else int(LONG) for each in wanted}
            try:
                yield f"{reverse(name, kwargs=values)}?{query}"
            except NoReverseMatch:  # takes no number there
                continue


@postgres
@pytest.mark.django_db
def test_no_address_fails_for_a_number_of_fifty_figures(admin, home):
    paths = sorted(path for path in set(addresses()) if not path.startswith(UNWELL))
    failed = [path for path in paths if admin.get(path).status_code >= HTTPStatus.INTERNAL_SERVER_ERROR]
    failed = [path for path in failed if not path.startswith("/health/")]  # it says that no worker runs here
    assert failed == []
    assert len(paths) > 100
