"""The outermost layer: every request gets a name, is counted, and is an occasion to look after the worker."""

import re
import secrets
import time

from django.conf import settings

from config import lines
from operations import requests, watchdog

HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9-]{8,64}")


class ObservingMiddleware:
    """Microseconds, and no question to anybody: a page from the cache comes through here too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        name = name_of(request)
        named = lines.request_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            lines.request_id.reset(named)
        response.headers[HEADER] = name
        requests.count(request, response, time.perf_counter() - began)
        if settings.WATCHDOG:
            watchdog.glance()
        return response


def name_of(request):
    """What the platform's router calls it, if that is nothing strange."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if SANE.fullmatch(given) else secrets.token_hex(8)
