"""Answers that have counted already, in the shared cache. While that is down, every answer is new."""

from hashlib import sha256

from django.core.cache import caches


def is_new(answer, *, seconds):
    """Marks it as used. True for the first to come with it; `seconds` is how long it could be used again."""
    return caches["limits"].add(_key(answer), 1, seconds) or not was_used(answer)


def was_used(answer):
    return caches["limits"].get(_key(answer)) is not None


def _key(answer):
    return f"captcha:used:{sha256(answer.encode()).hexdigest()}"
