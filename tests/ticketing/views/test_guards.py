"""Who sent it."""

import pytest
from django.test import RequestFactory

from ticketing.views.guards import sent_from_elsewhere


def request(**meta):
    return RequestFactory().post("/", headers=meta.pop("headers", None), **meta)


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
