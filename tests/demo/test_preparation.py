"""When `make run` may start without looking at the database through Django."""

import sqlite3
from contextlib import closing

import pytest

from demo import preparation

ENVIRONMENT = {"SITE_URL": "http://localhost:8000"}


@pytest.fixture
def root(tmp_path):
    """A project as far as the preparation looks at it."""
    for folder in ("var", "events_pages/migrations", "site/demo"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (".env", "requirements.txt", "events_pages/migrations/0001_initial.py", "site/demo/builders.py"):
        (tmp_path / name).write_text("# as it was\n")
    change(
        tmp_path,
        "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT);"
        "CREATE TABLE events_pages_eventpage (id INTEGER);"
        "INSERT INTO django_migrations (app, name) VALUES ('events_pages', '0001_initial');"
        "INSERT INTO events_pages_eventpage VALUES (1);",
    )
    return tmp_path


def change(root, statements):
    with closing(sqlite3.connect(root / "var" / "db.sqlite3")) as connection:
        connection.executescript(statements)


def test_nothing_is_prepared_at_first(root):
    assert not preparation.is_prepared(root, ENVIRONMENT)


def test_what_was_prepared_stays_so(root):
    preparation.note_state(root, ENVIRONMENT)
    assert preparation.is_prepared(root, ENVIRONMENT)


@pytest.mark.parametrize(
    "name", ["requirements.txt", ".env", "events_pages/migrations/0002_more.py", "site/demo/builders.py"]
)
def test_a_changed_file_is_looked_at_anew(root, name):
    preparation.note_state(root, ENVIRONMENT)
    (root / name).write_text("# changed\n")
    assert not preparation.is_prepared(root, ENVIRONMENT)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM django_migrations",
        "DELETE FROM events_pages_eventpage",
        "DROP TABLE django_migrations",
        "INSERT INTO django_migrations (app, name) VALUES ('events_pages', '0002_more')",
    ],
)
def test_another_database_is_looked_at_anew(root, statement):
    preparation.note_state(root, ENVIRONMENT)
    change(root, statement)
    assert not preparation.is_prepared(root, ENVIRONMENT)


def test_a_database_that_is_gone_is_made_again(root):
    preparation.note_state(root, ENVIRONMENT)
    (root / "var" / "db.sqlite3").unlink()
    assert not preparation.is_prepared(root, ENVIRONMENT)


@pytest.mark.parametrize("own", [{"SITE_URL": "http://localhost:8100"}, {"DATABASE_URL": "postgresql://there/site"}])
def test_another_address_or_server_is_looked_at_anew(root, own):
    preparation.note_state(root, ENVIRONMENT)
    assert not preparation.is_prepared(root, ENVIRONMENT | own)


def test_a_server_s_database_is_looked_at_every_time(root):
    own = ENVIRONMENT | {"DATABASE_URL": "postgresql://there/site"}
    preparation.note_state(root, own)
    assert not preparation.is_prepared(root, own)
