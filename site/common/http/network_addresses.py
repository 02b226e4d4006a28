"""Network addresses that requests come from, as far as nobody could have made them up."""

from ipaddress import ip_address, ip_network

from django.conf import settings

IPV6_HOME_PREFIX = 64  # a household or a phone has this whole network: a limit per single address would limit nothing
NEIGHBOUR_PREFIXES = {4: 24, 6: 48}  # what one customer of a provider may have many places in


def client_address(request):
    """None when nobody can say.

    PROXY_HOPS proxies of ours stand in front and each adds, on the right of X-Forwarded-For, who spoke to it. So the
    entry that many places from the right counts, and what a visitor wrote further left never does. Without proxies the
    header is anybody's, and the connection itself counts.
    """
    hops = settings.PROXY_HOPS
    forwarded = request.headers.get("X-Forwarded-For", "").split(",") if hops else []
    if any(entry.strip() for entry in forwarded):
        return parse_address(forwarded[-hops:][0])
    return parse_address(request.META.get("REMOTE_ADDR", ""))


def parse_address(text):
    """In its one canonical spelling, without brackets or a port; None for what is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if getattr(address, "scope_id", None):
        return None  # means something on one machine only
    return str(getattr(address, "ipv4_mapped", None) or address)


def home_network(address):
    """What counts as one place: an IPv4 address, or the IPv6 network of a household. None stays None."""
    if address is None or ":" not in address:
        return address
    return str(ip_network((address, IPV6_HOME_PREFIX), strict=False).network_address)


def neighbour_network(address):
    """The network around a place: 256 IPv4 addresses, or all that a hosting customer gets of IPv6. None stays None."""
    if address is None:
        return None
    length = NEIGHBOUR_PREFIXES[ip_address(address).version]
    return str(ip_network((address, length), strict=False).network_address)
