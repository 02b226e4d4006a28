"""Addresses that open something by themselves: the list is whole, and their tokens are in no line."""

import re

import pytest
from django.urls import URLPattern, get_resolver

from common.logs.redaction import PLACES, hide_tokens

SECRET = {"token", "key", "uidb64"}
KNOWN = {
    "action", "action_name", "app_label", "app_name", "content_type_app_name", "content_type_model_name", "filter_spec",
    "kind", "model_name", "object_id", "path", "pk", "place", "provider", "reference", "slug", "version",
}  # fmt: skip
"""Words in addresses that let nobody in: whoever follows such a link is asked who they are, or the page is public."""

TOKEN = "aB3_-xYz0123456789aB3_-xYz012345"


def addresses(resolver, before=""):
    for each in resolver.url_patterns:
        route = before + str(each.pattern).replace("^", "").replace("$", "")
        if isinstance(each, URLPattern):
            yield route, each.pattern.converters
        else:
            yield from addresses(each, route)


ADDRESSES = list(addresses(get_resolver()))


def test_every_word_in_an_address_is_known_to_be_a_token_or_not():
    """A new one fails here until somebody says which: in SECRET, with its place in PLACES, or in KNOWN."""
    words = {name for route, _ in ADDRESSES for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", route) if kind != "int"}
    words -= {
        "order_id",
        "refund_id",
        "sale_id",
        "revision_id_a",
        "revision_id_b",
    }  # figures, by a pattern of their own
    assert words - KNOWN - SECRET == set()
    assert words >= SECRET


@pytest.mark.parametrize("route", sorted({route for route, _ in ADDRESSES if re.search(r"[<:](token|key)>", route)}))
def test_no_token_of_an_address_is_written_down(route):
    path = "/" + re.sub(r"<(?:\w+:)?(token|key)>", TOKEN, route)
    path = re.sub(r"<[^>]+>", "1", path)
    shown = hide_tokens(f"Not Found: {path}")
    assert TOKEN in path
    assert TOKEN not in shown
    assert shown == f"Not Found: {path.replace(TOKEN, '-')}"


def test_every_place_is_one_of_the_site():
    for place in PLACES:
        found = re.compile(re.escape(place).replace(r"\*", "<[^>]+>") + r"<(\w+:)?(token|key)>")
        assert any(found.match(route) for route, _ in ADDRESSES), place


@pytest.mark.parametrize(
    "line",
    [
        "https://t.je/tickets/orders/JE-1/{}/tickets.pdf",
        "//tickets//orders//JE-1//{}/",
        "/TICKETS/Orders/JE-1/{}",
        "/tickets/orders/JE-1/aB3_-xY {}/",
        "{{'tried': [], 'path': 'tickets/orders/JE-1/{}/'}}",
        "/admin/login/?next=%2Ftickets%2Forders%2FJE-1%2F{}%2F",
        "/admin/login/?next=/tickets/orders/JE-1/{}/",
        "Referer checking failed - https://t.je/tickets/my-data/1.abc.{}/ does not match",
        "/payments/sumup/connect/return/?state=x&code={}",
        "https://bucket/x?X-Amz-Credential={}&X-Amz-Signature={}",
    ],
)
def test_a_token_is_hidden_wherever_it_stands(line):
    assert TOKEN not in hide_tokens(line.format(TOKEN, TOKEN))


@pytest.mark.parametrize(
    "line",
    ["order.placed order=JE-AB12CD34 key=merchant", "/tickets/my-data/", "/tickets/orders/JE-1", "/events/?page=2"],
)
def test_what_opens_nothing_stays(line):
    assert hide_tokens(line) == line
