"""Seats that came back unpaid, by place and by e-mail address: from holds that ended or were let go, and from orders.

Whoever does it again and again holds for a shorter time and works harder to show that they are a person. A payment
forgives, and so does time. Known by keyed hashes in the shared cache, so nothing is left to erase; a cache that is down
remembers nothing, and the bounds of `velocity`, which are counted in rows, stand without it.
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
"""Seats: beyond a full basket somebody dithers, beyond two it is a habit, beyond four nobody means to buy."""
DISTRUST_STEP = 2
"""From this step on a place has the benefit of the doubt no longer: proof takes it no further than its share."""
MOST_STEP_OF_EMAIL = 1
"""The step that an e-mail address alone leads to: nobody has shown that it is theirs."""
HOLD_SHARES = (1, 3 / 4, 1 / 2, 1 / 3)
"""How much of the usual hold is left at each step."""
SHORTEST_HOLD_MINUTES = 5  # minutes: enough to type a name and an address
MEMORY_SECONDS = 60 * 60  # seconds that are looked at together: forgotten after one to two hours


def record_abandoned_seats(seats, *, place=None, email=""):
    """Remembers seats that came back, once the transaction that gave them back is committed."""
    names = _hash_names(place, email) if seats and settings.RATE_LIMITS else []
    if names:
        transaction.on_commit(partial(_add_seats, seats, names))


def forgive_abandonment(*, place=None, email=""):
    """Somebody has paid: nothing is held against the place and the address, once that is committed."""
    if settings.RATE_LIMITS:
        transaction.on_commit(partial(cache.delete_many, _cache_keys(_hash_names(place, email))))


def get_abandonment_step(place, email=""):
    """How far the place or the address has gone, 0 to 3; one look at the cache."""
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
    """How long a hold lasts that starts at this step, in whole minutes."""
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
