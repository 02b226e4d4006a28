"""Answers that have counted already, in the shared cache. While that is down, every answer is new."""

from hashlib import sha256

from django.core.cache import caches


def claim_answer(answer, *, seconds):
    """Marks it as used. True for the first to come with it; `seconds` is how long it could be used again."""
    return caches["limits"].add(_cache_key(answer), 1, seconds) or not is_answer_used(answer)


def is_answer_used(answer):
    return caches["limits"].get(_cache_key(answer)) is not None


def _cache_key(answer):
    return f"captcha:used:{sha256(answer.encode()).hexdigest()}"
