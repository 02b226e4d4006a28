"""A release waits: for another release, and for a table that somebody holds."""

import time

import pytest
from django.db import OperationalError, connection, connections

from operations import locks, release

pytestmark = pytest.mark.django_db
NOW = {"patience": 0.3, "pause": 0.1}


@pytest.fixture
def migrated(monkeypatch):
    """What `migrate` met, one after the other; the real one takes long."""
    met = []
    monkeypatch.setattr(release, "_migrate", lambda: met.pop(0)() if met else None)
    return met


def busy():
    raise OperationalError("database is locked")


def broken():
    raise OperationalError("no such column")


def test_two_releases_wait_for_each_other(migrated):
    words = []
    other = connection.copy("other")
    with locks.exclusive_lock(other, key=release.LOCK, name="release") as take:
        assert take()
        with pytest.raises(release.NotReleased, match="Another release"):
            release.migrate_for_release(say=words.append, **NOW)
    other.close()
    assert words[0] == "Another release is at work; waiting 0.1 s."
    release.migrate_for_release(say=words.append, **NOW)
    assert words[-1] == "The database is at this version."


def test_a_table_in_use_is_tried_again(migrated, monkeypatch):
    monkeypatch.setattr(connections["default"], "close", lambda: None)  # the test's own transaction
    words = []
    migrated += [busy, busy]
    release.migrate_for_release(say=words.append, patience=5, pause=0)
    assert len(words) == 3
    migrated += [busy] * 100
    with pytest.raises(release.NotReleased, match="too long"):
        release.migrate_for_release(say=words.append, **NOW)


def test_what_waiting_does_not_mend_is_said_at_once(migrated):
    migrated += [broken]
    began = time.monotonic()
    with pytest.raises(OperationalError, match="no such column"):
        release.migrate_for_release(say=print, patience=60)
    assert time.monotonic() - began < 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_change_of_a_table_does_not_queue_behind_a_long_transaction():
    other = connection.copy("other")
    with other.cursor() as reader, connection.cursor() as cursor:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM ticketing_order")
        cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(OperationalError) as caught:
            cursor.execute("ALTER TABLE ticketing_order ADD COLUMN later integer")
        cursor.execute("SET lock_timeout = 0")
    other.close()
    assert release.is_lock_conflict(caught.value)
