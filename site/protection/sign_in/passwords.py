"""Password validators, besides Django's, and the hasher, with at most HASH_SLOTS at work in a process.

Each hash takes half a second of a processor. Whoever finds no slot free is told to try again at once, because waiting
for one would take the thread all the same.
"""

from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.http.browser_policy import keep_private

LONGEST = 128
"""Characters. Nobody types more, and nothing longer is ever hashed."""
FEWEST_DIFFERENT = 5
"""Characters that differ: `aaaaaaaaaaaa` is long, and on no list."""


def is_too_long(password):
    return len(password) > LONGEST


class MaximumLengthValidator:
    def validate(self, password, user=None):
        if is_too_long(password):
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self):
        words = ngettext(
            "Your password may have at most %(count)d character.",
            "Your password may have at most %(count)d characters.",
            LONGEST,
        )
        return words % {"count": LONGEST}


class RepetitionValidator:
    def validate(self, password, user=None):
        if len(set(password)) < FEWEST_DIFFERENT:
            raise ValidationError(
                _("This password repeats very few characters, so it is guessed quickly."), code="password_repeats"
            )

    def get_help_text(self):
        words = ngettext(
            "Your password must have at least %(count)d different character.",
            "Your password must have at least %(count)d different characters.",
            FEWEST_DIFFERENT,
        )
        return words % {"count": FEWEST_DIFFERENT}


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
