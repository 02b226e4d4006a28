"""The password hasher, with at most HASH_SLOTS at work in a process: each takes half a second of a processor.

Whoever finds none free is told to try again at once, because waiting for one would take the thread all the same.
"""

from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.shortcuts import render

from protection.passwords import is_too_long
from protection.privacy import keep_private

PLACES = 2
"""Of a process, below its threads (gunicorn.conf.py): the others go on selling."""
SECONDS = 2
_places = BoundedSemaphore(PLACES)


class Busy(Exception):
    """As many passwords are being hashed as may be."""


@contextmanager
def place():
    """Raises `Busy` when none is free."""
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _places.release()


class BoundedHasher(PBKDF2PasswordHasher):
    """Django's own, with the same hashes. Every way to a hash leads through `encode`."""

    def encode(self, password, salt, iterations=None):
        with place():
            return super().encode(password, salt, iterations)

    def verify(self, password, encoded):
        return not is_too_long(password) and super().verify(password, encoded)


class BusyMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Busy):
            return None
        response = render(request, "protection/busy.html", {"path": request.get_full_path()}, status=503)
        response.headers["Retry-After"] = str(SECONDS)
        return keep_private(response)
