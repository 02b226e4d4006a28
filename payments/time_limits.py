"""Time limits for calls to the provider: a short one in web requests, set by a middleware, a longer one elsewhere."""

import time
from contextlib import contextmanager
from contextvars import ContextVar

from common.http.middleware import Middleware

REQUEST_SECONDS = 2.5  # seconds of wall clock from a request's first call on, all its calls together
CALL_SECONDS = 15  # seconds of wall clock, each call of a worker or a command

_request = ContextVar("the clock of this web request", default=None)
_a_call = ContextVar("seconds for each call here", default=None)


class Clock:
    """Starts when it is first looked at."""

    def __init__(self):
        self.ends = None

    def seconds_left(self):
        if self.ends is None:
            self.ends = time.monotonic() + REQUEST_SECONDS
        return self.ends - time.monotonic()


@contextmanager
def request_limit():
    """All calls inside share REQUEST_SECONDS."""
    token = _request.set(Clock())
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def call_limit(seconds):
    token = _a_call.set(seconds)
    try:
        yield
    finally:
        _a_call.reset(token)


def is_in_request():
    return _request.get() is not None


def seconds_left():
    """For the call that begins now; zero or less when the request has used them up."""
    clock = _request.get()
    return clock.seconds_left() if clock else _a_call.get() or CALL_SECONDS


class ProviderTimeMiddleware(Middleware):
    """SumUp may not keep a thread of the web's for longer than `REQUEST_SECONDS`."""

    def __call__(self, request):
        with request_limit():
            return self.get_response(request)
