"""The outermost layer: every request gets a name, is counted, and is an occasion to look after the worker."""

import re
import secrets
import time

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver

from common.logs import log_format
from operations.monitoring import request_metrics
from operations.worker import watchdog

HEADER = "X-Request-Id"
PLAIN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class ObservingMiddleware:
    """Microseconds, and no question to anybody: a page from the cache comes through here too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        name = choose_request_id(request)
        log_format.request_id.set(name)
        response = self.get_response(request)
        response.headers[HEADER] = name
        request_metrics.count_request(request, response, time.perf_counter() - began)
        if settings.WATCHDOG:
            watchdog.check_worker_in_background()
        return response


@receiver(request_finished)
def clear_request_id(**_):
    """Not before: Django logs a refusal after every middleware, and a long answer may still be on its way."""
    log_format.request_id.set("")


def choose_request_id(request):
    """What the platform's router calls it, if that is nothing strange."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if PLAIN_ID.fullmatch(given) else secrets.token_hex(8)
