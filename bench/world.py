"""A fresh PostgreSQL with its normal durability, a fresh Redis, migrated and with its statics.

`bench.run` brings the services up once and tells its scripts by BENCH_SERVICES; a script that runs alone has its own.
"""

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import dj_database_url
import django
from django.core.management import call_command
from redis import Redis

from tests import harness, services

TEMPLATE = "bench_template"


class World:
    """A database of one script's own."""

    def __init__(self, folder, database_url, redis_url):
        self.folder, self.database_url, self.redis_url = folder, database_url, redis_url

    def stack(self, **variables):
        """Gunicorn as gunicorn.conf.py says, the worker and the simulator; nothing of it is started yet."""
        return harness.Stack(
            self.folder,
            database_url=self.database_url,
            redis_url=self.redis_url,
            **{"DJANGO_SETTINGS_MODULE": "bench.settings"} | variables,
        )

    def move_to(self, database_url):
        """From here on this process reads and writes another database."""
        django.db.connections.close_all()
        self.database_url = os.environ["DATABASE_URL"] = database_url
        settings = django.conf.settings.DATABASES["default"]
        fresh = django.db.connections.configure_settings({"default": dj_database_url.parse(database_url)})
        settings.clear()
        settings.update(fresh["default"])
        del django.db.connections["default"]

    @contextmanager
    def running(self, *members, **variables):
        """The stack with only these of its programs started: "sumup", "web", "worker"."""
        stack = self.stack(**variables)
        try:
            for name in members:
                getattr(stack, name).start()
            yield stack
        except AssertionError:
            print(*(getattr(stack, name).log[-3000:] for name in members), file=sys.stderr)
            raise
        finally:
            stack.stop()


@contextmanager
def world():
    services.raise_on_signals()
    with temporary_folder() as folder, run_services(folder) as (server_url, redis_url):
        os.environ["DATABASE_URL"] = server_url
        name = harness.make_database(TEMPLATE)
        Redis.from_url(redis_url).flushall()
        here = World(folder, harness.database_named(name), redis_url)
        enter(folder, here.database_url, redis_url)
        yield here
        django.db.connections.close_all()


@contextmanager
def run_services(folder):
    """The addresses of PostgreSQL and Redis, with a migrated database to copy; those of BENCH_SERVICES if it is set."""
    if given := os.environ.get("BENCH_SERVICES"):
        yield given.split()
        return
    with services.postgres(durable=True) as database_url, services.redis() as redis_url:
        prepare(folder, database_url, redis_url)
        yield database_url, redis_url


def prepare(folder, database_url, redis_url):
    os.environ["DATABASE_URL"] = database_url
    harness.administer("CREATE DATABASE {}", TEMPLATE)
    enter(folder, harness.database_named(TEMPLATE), redis_url)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    django.db.connections.close_all()


def enter(folder, database_url, redis_url):
    """From here on this process reads and writes that database, through the settings of the measured programs."""
    ours = {"DJANGO_SETTINGS_MODULE": "bench.settings", "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    os.environ.update(harness.environment_for(folder, **ours))
    django.setup()
    django.db.connections["default"].settings_dict["NAME"] = database_url.rpartition("/")[2]


@contextmanager
def temporary_folder():
    with tempfile.TemporaryDirectory(prefix="jersey-bench-") as folder:
        yield Path(folder)
