"""What a process remembers of the content holds until somebody edits it, and never for the one who edits."""

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import transaction

from events_pages.models import Venue
from events_pages.public import content_version
from events_pages.public.content_version import ContentMemory


@pytest.fixture
def memory():
    return ContentMemory()


def recall(memory, *keys, asked):
    return memory.recall(keys, lambda missing: asked.append(missing) or {key: key.upper() for key in missing})


def test_what_is_remembered_is_not_asked_again(memory, db):
    asked = []
    assert recall(memory, "a", "b", asked=asked) == {"a": "A", "b": "B"}
    assert recall(memory, "b", "c", asked=asked) == {"b": "B", "c": "C"}
    assert asked == [["a", "b"], ["c"]]


def test_an_edit_makes_it_be_asked_again(memory, transactional_db):
    asked = []
    recall(memory, "a", asked=asked)
    Venue.objects.create(name="The Barn", parish="st_helier")
    recall(memory, "a", asked=asked)
    assert len(asked) == 2


def test_whoever_edits_believes_nothing_until_the_commit(memory, transactional_db):
    asked = []
    recall(memory, "a", asked=asked)
    with transaction.atomic():
        Venue.objects.create(name="The Barn", parish="st_helier")
        recall(memory, "a", asked=asked)
        recall(memory, "a", asked=asked)
    assert len(asked) == 3


def test_what_was_rolled_back_is_no_edit(memory, transactional_db):
    asked = []
    recall(memory, "a", asked=asked)
    with transaction.atomic():
        Venue.objects.create(name="The Barn", parish="st_helier")
        transaction.set_rollback(True)
    recall(memory, "a", asked=asked)
    assert len(asked) == 1


def test_a_request_asks_for_the_version_once_and_sees_its_own_edit(memory, transactional_db, monkeypatch):
    looks, get = [], cache.get
    monkeypatch.setattr(content_version.cache, "get", lambda *args: looks.append(args) or get(*args))
    content_version.make_first_version()
    looks.clear()
    request_started.send(sender=None, environ={})
    try:
        asked = []
        recall(memory, "a", asked=asked)
        recall(memory, "b", asked=asked)
        assert len(looks) == 1
        Venue.objects.create(name="The Barn", parish="st_helier")
        recall(memory, "a", asked=asked)
        assert len(asked) == 3
    finally:
        request_finished.send(sender=None)


def test_nothing_is_remembered_while_the_cache_is_away(memory, db, monkeypatch):
    monkeypatch.setattr(content_version.cache, "get", lambda *_args: None)
    asked = []
    recall(memory, "a", asked=asked)
    recall(memory, "a", asked=asked)
    assert len(asked) == 2


def test_memory_is_bounded(memory, db, monkeypatch):
    monkeypatch.setattr(content_version, "MOST_REMEMBERED", 3)
    for number in range(10):
        recall(memory, f"k{number}", asked=[])
        assert len(memory.kept) <= 3
