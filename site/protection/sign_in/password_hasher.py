"""The password hasher, with at most HASH_SLOTS at work in a process: each takes half a second of a processor.

Whoever finds none free is told to try again at once, because waiting for one would take the thread all the same.
"""

from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.shortcuts import render

from common.http.browser_policy import keep_private
from protection.sign_in.passwords import is_too_long

HASH_SLOTS = 2
"""Of a process, below its threads (gunicorn.conf.py): the others go on selling."""
SECONDS = 2
_slots = BoundedSemaphore(HASH_SLOTS)


class HashingBusy(Exception):
    """As many passwords are being hashed as may be."""


@contextmanager
def reserve_hash_slot():
    """Raises `HashingBusy` when none is free."""
    if not _slots.acquire(blocking=False):
        raise HashingBusy
    try:
        yield
    finally:
        _slots.release()


class BoundedHasher(PBKDF2PasswordHasher):
    """Django's own, with the same hashes. Every way to a hash leads through `encode`."""

    def encode(self, password, salt, iterations=None):
        with reserve_hash_slot():
            return super().encode(password, salt, iterations)

    def verify(self, password, encoded):
        return not is_too_long(password) and super().verify(password, encoded)


class BusyMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, HashingBusy):
            return None
        response = render(request, "protection/busy.html", {"path": request.get_full_path()}, status=503)
        response.headers["Retry-After"] = str(SECONDS)
        return keep_private(response)
