"""Huey's queues. The rows are the queue; Redis and the SQLite file only wake the worker up."""

import logging
import sqlite3

from huey import PriorityRedisExpireHuey, SqliteHuey
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingEnqueue:
    """Losing a wake-up must never lose a request: the sweeps find what no task was told about."""

    def enqueue(self, task):
        try:
            return super().enqueue(task)
        except (RedisError, sqlite3.OperationalError):
            logger.warning("queue.unreachable task=%s", task.name)
            return None


class RedisQueue(ForgivingEnqueue, PriorityRedisExpireHuey):
    pass


class SqliteQueue(ForgivingEnqueue, SqliteHuey):
    pass
