"""The outermost middleware: request ids, request metrics, and the watchdog's occasion to look."""

import re
import secrets
import time

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver

from common.logs import log_format
from operations.monitoring import metrics
from operations.worker import watchdog

HEADER = "X-Request-Id"
PLAIN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class ObservingMiddleware:
    """Asks neither database nor cache: cached pages come through here too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        name = choose_request_id(request)
        log_format.request_id.set(name)
        response = self.get_response(request)
        response.headers[HEADER] = name
        metrics.count_request(request, response, time.perf_counter() - began)
        if settings.WATCHDOG:
            watchdog.watch_worker_in_background()
        return response


@receiver(request_finished)
def clear_request_id(**_):
    """Not earlier: Django logs some refusals after every middleware, and a streamed answer goes on."""
    log_format.request_id.set("")


def choose_request_id(request):
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if PLAIN_ID.fullmatch(given) else secrets.token_hex(8)
