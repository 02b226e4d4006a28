"""Huey's queues. The rows are the queue; Redis and the SQLite file only wake the worker up."""

import logging
import sqlite3
import time

from django.utils.module_loading import import_string
from huey import PriorityRedisExpireHuey, SqliteHuey
from huey.exceptions import HueyException
from redis import ConnectionPool
from redis.exceptions import RedisError

from common import runtime
from common.sealed_values import SealedTasks, Unsealed

logger = logging.getLogger(__name__)

PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 3}  # seconds; the worker's own question waits for one
REST = 1  # second in which nobody is woken up after that has failed: the sweeps find the row


def wake(name, *args, delay=None, **kwargs):
    """Asks the worker to run the task `name` ("payments.tasks.verify_payment"), `delay` seconds from now.

    By name, because tasks stand above whoever wakes them. Never fails: a sweep finds what no task was told about.
    """
    task = import_string(name)
    if delay is None:
        task(*args, **kwargs)
    else:
        task.schedule(args, kwargs, delay=delay)


class SiteQueue:
    """Losing a wake-up must never lose a request: the sweeps find what no task was told about.

    So what cannot be put there is left, and what somebody else has put there is thrown away.
    """

    asked_again = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, serializer=SealedTasks(), **kwargs)

    def enqueue(self, task):
        if time.monotonic() < self.asked_again:
            return None
        try:
            return super().enqueue(task)
        except (RedisError, sqlite3.OperationalError):
            self.asked_again = time.monotonic() + REST
            logger.warning("queue.unreachable task=%s", task.name)
            return None

    def dequeue(self):
        data = self.storage.dequeue()
        return None if data is None else next(iter(self._deserialize_all([data])), None)

    def get(self, key, peek=False):
        try:
            return super().get(key, peek)
        except Unsealed:
            logger.warning("queue.unsealed key=%s", key)
            return None

    def is_revoked(self, *args, **kwargs):
        try:
            return super().is_revoked(*args, **kwargs)
        except Unsealed:
            logger.warning("queue.unsealed revocation")
            return False

    def _deserialize_all(self, messages):
        return [task for message in messages if (task := self._opened(message))]

    def _opened(self, message):
        try:
            return self.deserialize_task(message)
        except (Unsealed, HueyException) as error:  # the second: a task that this release does not have
            logger.warning("queue.thrown_away error=%s", type(error).__name__)
            return None

    def create_consumer(self, **options):
        """Once in the worker's process, when every task is loaded."""
        runtime.freeze_gc(runtime.OF_WORKER)
        return super().create_consumer(**options)


class RedisQueue(SiteQueue, PriorityRedisExpireHuey):
    def __init__(self, *args, url, **kwargs):
        super().__init__(*args, connection_pool=ConnectionPool.from_url(url, **PATIENCE), **kwargs)


class SqliteQueue(SiteQueue, SqliteHuey):
    pass
