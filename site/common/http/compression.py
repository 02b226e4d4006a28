"""Compression of answers: where no proxy does it, a page would take four times as long to come.

A proxy or a content delivery network passes on what is compressed already, and compresses nothing twice. A page that
shows both a secret and what somebody else chose could be guessed by its length (BREACH), so a length is never exact:
Django's compressor adds up to a hundred bytes by chance. Static files have forms of their own beside them (WhiteNoise).
"""

import gzip

from django.http import FileResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_sequence, compress_string

from common.http.middleware import Middleware

KINDS = {
    *("text/html", "text/plain", "text/csv", "text/calendar", "text/xml", "application/xml", "application/json"),
    *("application/ld+json", "application/rss+xml", "application/atom+xml"),
}
SHORTEST = 500  # bytes: below, what is saved is less than what a packet takes anyway
CHANCE = 100  # bytes that a length varies by
BODILESS = {204, 206, 304}
LEVEL = 6


class CompressionMiddleware(Middleware):
    """Around the page cache, which keeps pages compressed and hands them out as they are."""

    def __call__(self, request):
        response = self.get_response(request)
        if not is_compressible(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        return compress_response(response) if accepts_gzip(request) else response


def is_compressible(response):
    return (
        not response.has_header("Content-Encoding")
        and response.get("Content-Type", "").partition(";")[0].strip().lower() in KINDS
        and response.status_code not in BODILESS
        and "no-transform" not in response.get("Cache-Control", "")
        and not isinstance(response, FileResponse)
        and (response.streaming or len(response.content) >= SHORTEST)
    )


def compress_response(response):
    """The ETag becomes a weak one, which compares words and not bytes (RFC 9110, 8.8.1)."""
    if response.streaming:
        response.streaming_content = compress_sequence(response.streaming_content, max_random_bytes=CHANCE)
        del response["Content-Length"]
    else:
        response.content = compress_string(response.content, max_random_bytes=CHANCE)
        response["Content-Length"] = str(len(response.content))
    if response.get("ETag", "").startswith('"'):
        response["ETag"] = f"W/{response['ETag']}"
    response["Content-Encoding"] = "gzip"
    return response


def accepts_gzip(request):
    """`gzip;q=0` says no."""
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
