"""Fixtures of the tests that run the product as processes; the three folders' conftest files take them from here."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections

from tests import factories, harness, services


@contextmanager
def database_of_its_own(blocker):
    """A database that the test's processes share and that the test itself reads through Django; yields its URL."""
    name = harness.make_database(harness.template())
    try:
        with reading(blocker, NAME=name):
            yield harness.database_named(name)
    finally:
        harness.drop_database(name)


@contextmanager
def reading(blocker, **database):
    """The test itself reads that database through Django."""
    ours = connections["default"].settings_dict
    before = {name: ours[name] for name in database}
    with blocker.unblock():
        connections.close_all()
        ours.update(database)
        try:
            yield
        finally:
            connections.close_all()
            ours.update(before)
            cache.clear()


@contextmanager
def stacks(folder, blocker):
    """Yields `make(**options)`; what it made is stopped at the end in any case."""
    made = []
    with database_of_its_own(blocker) as database_url, services.redis() as redis_url:
        try:
            yield (
                lambda **options: (
                    made.append(harness.Stack(folder, database_url=database_url, redis_url=redis_url, **options))
                    or made[-1]
                )
            )
        finally:
            for stack in made:
                stack.stop()


@pytest.fixture
def make_stack(tmp_path, django_db_blocker):
    """`make_stack(HOLD_MINUTES="1")`: a stack that is not started yet, with a database of the test's own."""
    with stacks(tmp_path, django_db_blocker) as make:
        yield make


@pytest.fixture
def server(django_db_blocker):
    """A PostgreSQL of the test's own, migrated, that may crash."""
    with services.cluster() as own:
        own.copy(harness.database_named(harness.template()))
        with reading(django_db_blocker, NAME="postgres", PORT=own.port):
            yield own


@pytest.fixture(scope="module")
def make_stacks(tmp_path_factory, django_db_blocker):
    """`make_stacks()`: the same for a whole module; what it makes shares one database."""
    with stacks(tmp_path_factory.mktemp("stacks"), django_db_blocker) as make:
        yield make


@pytest.fixture(scope="package")
def stack(tmp_path_factory, django_db_blocker):
    """One running stack for a whole folder: each test brings its own events and leaves no fault behind."""
    keys = ",".join(settings.TOKEN_ENCRYPTION_KEYS)
    with (
        stacks(tmp_path_factory.mktemp("stack"), django_db_blocker) as make,
        make(crashable=True, TOKEN_ENCRYPTION_KEYS=keys, METRICS_TOKEN="the-suite-s-own") as running,
    ):
        factories.make_home()
        factories.make_legal_page()
        yield running
