"""The shared cache, on Redis. The site must outlive it: a cache that is down forgets, it does not fail."""

import logging
from functools import wraps

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def forgetting(method, answer):
    @wraps(method)
    def forgiven(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except RedisError as error:
            logger.warning("cache.unreachable error=%s", type(error).__name__)
            return answer() if callable(answer) else answer

    return forgiven


class LastingClient(RedisCacheClient):
    """Keeps redis-py's client, one a thread as its cache is: making it anew costs as much as a question to Redis."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._lasting = {}

    def get_client(self, key=None, *, write=False):
        if write not in self._lasting:
            self._lasting[write] = super().get_client(key, write=write)
        return self._lasting[write]


class ForgivingRedisCache(RedisCache):
    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = LastingClient

    get_many = forgetting(RedisCache.get_many, dict)
    add = forgetting(RedisCache.add, False)
    set = forgetting(RedisCache.set, None)
    set_many = forgetting(RedisCache.set_many, list)
    touch = forgetting(RedisCache.touch, False)
    delete = forgetting(RedisCache.delete, False)
    delete_many = forgetting(RedisCache.delete_many, None)
    has_key = forgetting(RedisCache.has_key, False)

    def get(self, key, default=None, version=None):
        return forgetting(super().get, default)(key, default=default, version=version)

    def incr(self, key, delta=1, version=None):
        """Whoever counts (a rate limit) must know that nothing was counted: Django's answer for a key not there."""
        try:
            return super().incr(key, delta=delta, version=version)
        except RedisError as error:
            raise ValueError(key) from error
