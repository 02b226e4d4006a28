"""Abandoned seats, by place and by e-mail address: of holds that ended or were let go, and of unpaid orders.

Whoever abandons many holds for a shorter time and has to show more often that they are a person, until they pay or one
to two hours have passed. The shared cache has the numbers, under keyed hashes, so there is nothing to erase; without a
cache everybody is at step 0, and only the bounds of `purchase_limits`, which count rows, hold.
"""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.text.email_addresses import fold_email

STEP_SEATS = (10, 20, 40)
"""More seats than this lead to the steps 1, 2 and 3: one full basket, two, four."""
DISTRUST_STEP = 2
"""From this step on even proof of being a person takes a place no further than its share."""
MOST_STEP_OF_EMAIL = 1
"""The highest step that an e-mail address alone leads to: nobody has shown that it is theirs."""
HOLD_SHARES = (1, 3 / 4, 1 / 2, 1 / 3)
"""How much of the usual hold is left at each step."""
SHORTEST_HOLD_MINUTES = 5  # minutes: enough to type a name and an address
MEMORY_SECONDS = 60 * 60  # seconds that are looked at together: forgotten after one to two hours


def record_abandoned_seats(seats, *, place=None, email=""):
    """Counts after commit of the transaction that gave the seats back."""
    names = _hash_names(place, email) if seats and settings.RATE_LIMITS else []
    if names:
        transaction.on_commit(partial(_add_seats, seats, names))


def reset_abandonment(*, place=None, email=""):
    """Back to step 0, after commit: somebody has paid."""
    if settings.RATE_LIMITS:
        transaction.on_commit(partial(cache.delete_many, _cache_keys(_hash_names(place, email))))


def get_abandonment_step(place, email=""):
    """0 to 3, whichever of the place and the address has gone further; one look at the cache."""
    places, addresses = _hash_names(place, ""), _hash_names(None, email)
    if not (settings.RATE_LIMITS and places + addresses):
        return 0
    found = cache.get_many(_cache_keys(places + addresses))
    of_places = [_step_of_name(found, name) for name in places]
    of_addresses = [min(_step_of_name(found, name), MOST_STEP_OF_EMAIL) for name in addresses]
    return max(of_places + of_addresses)


def _step_of_name(found, name):
    seats = sum(found.get(key, 0) for key in _cache_keys([name]))
    return sum(seats > each for each in STEP_SEATS)


def hold_minutes_at_step(at_step):
    usual = settings.HOLD_MINUTES
    return min(usual, max(SHORTEST_HOLD_MINUTES, int(usual * HOLD_SHARES[at_step])))


def hold_duration_at_step(at_step):
    return timedelta(minutes=hold_minutes_at_step(at_step))


def _add_seats(seats, names):
    for name in names:
        key = _cache_key(name, _current_span())
        cache.add(key, 0, 2 * MEMORY_SECONDS)
        with suppress(ValueError):  # the cache is down, or has just forgotten
            cache.incr(key, seats)


def _hash_names(place, email):
    return [salted_hmac("ticketing.lapses", each).hexdigest()[:32] for each in (place, fold_email(email)) if each]


def _cache_keys(names):
    return [_cache_key(name, span) for name in names for span in (_current_span(), _current_span() - 1)]


def _cache_key(name, span):
    return f"lapses:{span}:{name}"


def _current_span():
    return int(timezone.now().timestamp()) // MEMORY_SECONDS
