"""The shared caches, on Redis. A cache that is down counts as empty and fails no request."""

import logging
import time
from functools import wraps

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TooSlow

from common.sealed_values import SealedValues, Unsealed

logger = logging.getLogger(__name__)

REST = 1  # second in which a process does not ask again what has just not answered: each question may wait that long
_asks_again_at = {}  # server: from when on


def forgive_outage(method, answer):
    @wraps(method)
    def forgiven(self, *args, **kwargs):
        try:
            return self.asked(method, *args, **kwargs)
        except RedisError as error:
            logger.warning("cache.unreachable error=%s", type(error).__name__)
            return answer() if callable(answer) else answer

    return forgiven


class LastingClient(RedisCacheClient):
    """Keeps redis-py's client, one a thread as its cache is: making it anew costs as much as a question to Redis.

    A value that somebody else has written there counts as none, and is deleted.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"serializer": SealedValues()})
        self._lasting = {}

    def get_client(self, key=None, *, write=False):
        if write not in self._lasting:
            self._lasting[write] = super().get_client(key, write=write)
        return self._lasting[write]

    def get(self, key, default):
        return self._opened([key], [self.get_client(key).get(key)]).get(key, default)

    def get_many(self, keys):
        keys = list(keys)
        return self._opened(keys, self.get_client(None).mget(keys))

    def _opened(self, keys, values):
        found = {}
        for key, value in zip(keys, values, strict=True):
            try:
                if value is not None:
                    found[key] = self._serializer.loads(value)
            except Unsealed:
                logger.warning("cache.unsealed key=%s", key.rpartition(":")[0])
                self.delete(key)
        return found


class ForgivingRedisCache(RedisCache):
    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = LastingClient

    def asked(self, method, *args, **kwargs):
        """Raises RedisError at once while the server is known not to answer."""
        server = self._servers[0]
        if time.monotonic() < _asks_again_at.get(server, 0):
            raise Unreachable
        try:
            return method(self, *args, **kwargs)
        except (Unreachable, TooSlow):
            _asks_again_at[server] = time.monotonic() + REST
            raise

    get_many = forgive_outage(RedisCache.get_many, dict)
    add = forgive_outage(RedisCache.add, False)
    set = forgive_outage(RedisCache.set, None)
    set_many = forgive_outage(RedisCache.set_many, list)
    touch = forgive_outage(RedisCache.touch, False)
    delete = forgive_outage(RedisCache.delete, False)
    delete_many = forgive_outage(RedisCache.delete_many, None)
    has_key = forgive_outage(RedisCache.has_key, False)

    def get(self, key, default=None, version=None):
        return forgive_outage(RedisCache.get, default)(self, key, default=default, version=version)

    def incr(self, key, delta=1, version=None):
        """Raises ValueError, as for a key that is not there: a rate limit must know that nothing was counted."""
        try:
            return self.asked(RedisCache.incr, key, delta=delta, version=version)
        except RedisError as error:
            raise ValueError(key) from error
