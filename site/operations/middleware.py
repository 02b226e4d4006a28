"""The outermost layer: every request gets a name, is counted, and is an occasion to look after the worker."""

import re
import secrets
import time

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver

from common.logs import log_format
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
        log_format.request_id.set(name)
        response = self.get_response(request)
        response.headers[HEADER] = name
        requests.count(request, response, time.perf_counter() - began)
        if settings.WATCHDOG:
            watchdog.glance()
        return response


@receiver(request_finished)
def forget_the_name(**_):
    """Not before: Django logs a refusal after every middleware, and a long answer may still be on its way."""
    log_format.request_id.set("")


def name_of(request):
    """What the platform's router calls it, if that is nothing strange."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if SANE.fullmatch(given) else secrets.token_hex(8)
