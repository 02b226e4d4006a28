"""Where a request came from, whatever somebody claims."""

import pytest
from django.test import RequestFactory

from common.http.network_addresses import client_address, home_network, neighbour_network


def address(settings, hops, forwarded=None, own="10.1.2.3"):
    settings.PROXY_HOPS = hops
    headers = {"x-forwarded-for": forwarded} if forwarded is not None else None
    return client_address(RequestFactory().post("/", headers=headers, REMOTE_ADDR=own))


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, None, "10.1.2.3"),
        (0, "6.6.6.6", "10.1.2.3"),
        (1, None, "10.1.2.3"),
        (1, "", "10.1.2.3"),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6,,9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 8.8.8.8", "9.9.9.9"),
        (2, "9.9.9.9", "9.9.9.9"),
        (3, "7.7.7.7, 6.6.6.6, 9.9.9.9, 8.8.8.8, 10.0.0.1", "9.9.9.9"),
    ],
)
def test_only_what_our_own_proxies_wrote_counts(settings, hops, forwarded, expected):
    assert address(settings, hops, forwarded) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("9.9.9.9:4711", "9.9.9.9"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
        ("[::ffff:9.9.9.9]:80", "9.9.9.9"),
        ("fe80::1%eth0", None),
        ("unknown", None),
        ("9.9.9", None),
        ("9.9.9.9 8.8.8.8", None),
        ("٩.9.9.9", None),
        ("<script>", None),
        ("6.6.6.6, rubbish", None),
        ("[", None),
        ("1" * 5000, None),
    ],
)
def test_one_spelling_or_none(settings, written, expected):
    assert address(settings, 1, written) == expected


@pytest.mark.parametrize("own", ["", "unix:", "@"])
def test_nobody_can_say(settings, own):
    assert address(settings, 0, own=own) is None


@pytest.mark.parametrize(
    ("one", "place"),
    [("9.9.9.9", "9.9.9.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::1", "::"), (None, None)],
)
def test_a_household_is_one_place(one, place):
    assert home_network(one) == place


@pytest.mark.parametrize(
    ("place", "around"),
    [
        ("203.0.113.7", "203.0.113.0"),
        ("203.0.113.255", "203.0.113.0"),
        ("203.0.114.7", "203.0.114.0"),
        ("2001:db8:5:6::", "2001:db8:5::"),
        ("2001:db8:5:ffff::", "2001:db8:5::"),
        ("2001:db8:6::", "2001:db8:6::"),
        (None, None),
    ],
)
def test_what_lies_around_a_place(place, around):
    assert neighbour_network(place) == around
