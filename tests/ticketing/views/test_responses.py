"""Who sent it."""

import pytest
from django.test import RequestFactory

from protection.visitors import maintenance
from tests import factories
from ticketing.views.responses import is_from_other_site


def request(**meta):
    return RequestFactory().post("/", headers=meta.pop("headers", None), **meta)


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"origin": "http://testserver"}, False),
        ({"origin": "http://testserver:81"}, True),
        ({"origin": "http://testserver.evil.example"}, True),
        ({"origin": "http://["}, True),
        ({"origin": "null"}, True),
        ({"origin": "testserver"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://testserver", "sec-fetch-site": "cross-site"}, True),
    ],
)
def test_what_counts_as_another_site(headers, elsewhere):
    assert is_from_other_site(request(headers=headers)) is elsewhere


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", [429, 503])
def test_a_refusal_tells_nobody_the_address_of_an_order_either(client, refusal):
    """Whoever has it has the tickets, and a script on the next page may count visits."""
    order = factories.make_order()
    if refusal == 503:
        maintenance.begin_maintenance("Back at ten.")
    for _ in range(11):
        response = client.post(f"{order.get_absolute_url()}resend/")
    assert response.status_code == refusal
    told = {name: response.headers[name] for name in ("Referrer-Policy", "Cache-Control", "X-Robots-Tag")}
    assert told == {
        "Referrer-Policy": "strict-origin",
        "Cache-Control": "no-store, private",
        "X-Robots-Tag": "noindex, nofollow",
    }
