"""Huey's queues. The rows are the queue; Redis and the SQLite file only wake the worker up."""

import logging
import sqlite3

from huey import PriorityRedisExpireHuey, SqliteHuey
from redis.exceptions import RedisError

from config import memory

logger = logging.getLogger(__name__)


class SiteQueue:
    """Losing a wake-up must never lose a request: the sweeps find what no task was told about."""

    def enqueue(self, task):
        try:
            return super().enqueue(task)
        except (RedisError, sqlite3.OperationalError):
            logger.warning("queue.unreachable task=%s", task.name)
            return None

    def create_consumer(self, **options):
        """Once in the worker's process, when every task is loaded."""
        memory.settle()
        return super().create_consumer(**options)


class RedisQueue(SiteQueue, PriorityRedisExpireHuey):
    pass


class SqliteQueue(SiteQueue, SqliteHuey):
    pass
