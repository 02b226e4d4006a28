"""The shared cache, on Redis. The site must outlive it: a cache that is down forgets, it does not fail."""

import logging
from functools import wraps

from django.core.cache.backends.redis import RedisCache
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


class ForgivingRedisCache(RedisCache):
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
