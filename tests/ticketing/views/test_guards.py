"""Who sent it, and from where."""

import pytest
from django.test import RequestFactory

from config.addresses import client_address
from ticketing.views.guards import sent_from_elsewhere


def request(**meta):
    return RequestFactory().post("/", headers=meta.pop("headers", None), **meta)


def test_the_address_is_the_connections_own():
    assert client_address(request(REMOTE_ADDR="10.1.2.3", headers={"x-forwarded-for": "1.1.1.1"})) == "10.1.2.3"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [("9.9.9.9", "9.9.9.9"), ("6.6.6.6, 9.9.9.9", "9.9.9.9"), ("2001:db8::1", "2001:db8::1"), ("rubbish", None)],
)
def test_behind_the_router_its_last_word_counts(settings, forwarded, expected):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client_address(request(headers={"x-forwarded-for": forwarded})) == expected


def test_no_address_is_none():
    assert client_address(request(REMOTE_ADDR="")) is None


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"origin": "http://testserver"}, False),
        ({"origin": "http://testserver:81"}, True),
        ({"origin": "http://testserver.evil.example"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://testserver", "sec-fetch-site": "cross-site"}, True),
    ],
)
def test_what_counts_as_another_site(headers, elsewhere):
    assert sent_from_elsewhere(request(headers=headers)) is elsewhere
