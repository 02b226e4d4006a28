"""Bytes as browsers take them: smaller, where they say that they can read it."""

import gzip

LEVEL = 6


def accepts_gzip(request):
    """Whether the browser says so: `gzip;q=0` says that it does not."""
    for each in request.META.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def pack_once(content):
    """For what is the same for everybody: no secret is in it, so its length may be known."""
    return gzip.compress(content, LEVEL, mtime=0)


def unpack_once(content):
    return gzip.decompress(content)
