"""Fixtures of the tests that run the product as processes; the three folders' conftest files take them from here."""

import pytest
from django.core.cache import cache
from django.db import connections

from tests import harness, services


@pytest.fixture(scope="session")
def template_database(tmp_path_factory):
    name = harness.make_template(tmp_path_factory.mktemp("template"))
    yield name
    harness.drop_database(name)


@pytest.fixture
def stack_database(template_database, django_db_blocker):
    """A database of the test's own, which its processes share and which the test itself reads through Django."""
    name = harness.make_database(template_database)
    settings = connections["default"].settings_dict
    before = settings["NAME"]
    with django_db_blocker.unblock():
        connections.close_all()
        settings["NAME"] = name
        try:
            yield harness.database_named(name)
        finally:
            connections.close_all()
            settings["NAME"] = before
            cache.clear()
            harness.drop_database(name)


@pytest.fixture
def redis_url():
    with services.redis() as url:
        yield url


@pytest.fixture
def make_stack(tmp_path, stack_database, redis_url):
    """`make_stack(HOLD_MINUTES="1")`: a stack that is not started yet, stopped at the end in any case."""
    made = []

    def make(**options):
        made.append(harness.Stack(tmp_path, database_url=stack_database, redis_url=redis_url, **options))
        return made[-1]

    yield make
    for stack in made:
        stack.stop()


@pytest.fixture
def stack(make_stack):
    with make_stack() as running:
        yield running
