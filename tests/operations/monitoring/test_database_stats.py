"""How the database is: for administrators, and for Prometheus."""

import threading
import time
from types import SimpleNamespace

import psycopg2
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from operations.monitoring import database_stats
from operations.monitoring.database_stats import FileStats, ServerStats, TableStats
from tests import services

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/database/"
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL keeps these figures")


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("alice"))
    return client


def page_of(client):
    return client.get(ADDRESS).content.decode()


def figures(client, settings):
    settings.METRICS_TOKEN = "watch"
    lines = client.get("/metrics", headers={"authorization": "Bearer watch"}).content.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line.startswith("jersey_database"))


def test_it_works(administrator, client, settings):
    page = page_of(administrator)
    assert "<dt>Size</dt>" in page
    assert float(figures(client, settings)["jersey_database_bytes"]) > 100_000


def test_nobody_but_administrators_opens_it(client):
    client.force_login(User.objects.create_user("bob", is_staff=True))
    assert client.get(ADDRESS).status_code in (302, 403)
    client.logout()
    assert client.get(ADDRESS).status_code == 302


def connection_words():
    """What another program needs to reach the same database."""
    words, own = ("dbname", "user", "password", "host", "port"), connection.get_connection_params()
    return {name: own[name] for name in words if name in own}


@on_postgresql
def test_prometheus_hears_of_connections_tables_and_locks(client, settings):
    found = figures(client, settings)
    assert 1 <= float(found["jersey_database_connections"]) < float(found["jersey_database_connections_allowed"])
    assert {"jersey_database_waiting", "jersey_database_deadlocks_total"} <= found.keys()
    assert any(name.startswith('jersey_database_table_dead{table="') for name in found)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_what_runs_for_long_is_counted():
    def sleep():
        with psycopg2.connect(**parameters) as other:
            other.cursor().execute("SELECT pg_sleep(2)")

    parameters = connection_words()
    other = threading.Thread(target=sleep)
    other.start()
    time.sleep(1.4)
    found = database_stats.read_database_stats()
    other.join()
    assert found.slow == 1
    assert found.oldest_transaction > 1


@on_postgresql
def test_a_table_that_a_migration_holds_does_not_stop_the_answer(transactional_db):
    """Sizes come from what the server has written down: asking a table for its size would wait for its lock."""
    parameters = connection_words()
    with psycopg2.connect(**parameters) as other:
        other.cursor().execute("LOCK TABLE ticketing_order IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 1000")
        assert database_stats.read_database_stats().tables
        other.rollback()


def test_a_fixed_number_of_statements(administrator):
    with CaptureQueriesContext(connection) as queries:
        database_stats.read_database_stats(with_statements=True)
    assert len(queries) <= 4


def test_a_database_that_does_not_answer_is_told(administrator, monkeypatch):
    def refuse(**kwargs):
        raise OperationalError

    monkeypatch.setattr(database_stats, "read_database_stats", refuse)
    assert "did not tell" in page_of(administrator)


def change_server(url, statement):
    other = psycopg2.connect(url)
    other.autocommit = True
    other.cursor().execute(statement)
    other.close()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="no PostgreSQL in this run")
def test_statements_are_listed_without_their_values():
    """On a server that keeps statistics of statements, as docs/operations/watching-the-database.md sets it up."""
    with services.cluster(durable=True) as server:
        change_server(server.url, "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        server.stop()
        server.start()
        with psycopg2.connect(server.url) as other:
            cursor = other.cursor()
            assert database_stats.read_longest_statements(cursor) is None
            cursor.execute("CREATE EXTENSION pg_stat_statements")
            cursor.execute("SELECT 1 WHERE 'secret@example.je' <> 'x' AND 7 = 7")
            found = database_stats.read_longest_statements(cursor)
    assert [each.calls for each in found if "SELECT $1 WHERE" in each.text] == [1]
    assert "secret" not in str(found)


QUIET = SimpleNamespace(bytes=0, connections=5, allowed=97, slow=0, oldest_transaction=1, waiting=0, deadlocks=0)
LARGE = 300 * 1024 * 1024


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (ServerStats(**vars(QUIET)), []),
        (ServerStats(**vars(QUIET) | {"connections": 78}), ["78 of 97 connections"]),
        (ServerStats(**vars(QUIET) | {"oldest_transaction": 420}), ["open for 7 minutes"]),
        (ServerStats(**vars(QUIET), tables=[TableStats("a", 9_000, 11_000, None, 0)]), ["a has 11000 dead rows"]),
        (ServerStats(**vars(QUIET), tables=[TableStats("a", 90_000, 11_000, None, 0)]), []),
        (ServerStats(**vars(QUIET), tables=[TableStats("b", 0, 900, None, 0)]), []),
        (FileStats(LARGE, 0, 0), []),
        (FileStats(LARGE, LARGE - 1, 0), ["of the file are empty"]),
        (FileStats(LARGE, 0, LARGE), ["log beside the file has grown"]),
    ],
)
def test_what_wants_attention_is_said_in_words(found, told):
    troubles = list(found.troubles())
    assert len(troubles) == len(told)
    assert all(words in trouble for words, trouble in zip(told, troubles, strict=True))
