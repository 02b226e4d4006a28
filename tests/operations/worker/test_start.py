"""How the worker starts: with its own addresses, and without the checks that load every view."""

import gc

import pytest
from django.core.management import call_command
from django.urls import reverse
from huey.consumer import Consumer

from common import runtime


@pytest.fixture
def started(monkeypatch, settings):
    """What is true once the worker has started; it runs no task here."""
    seen, thresholds = {}, gc.get_threshold()

    def look(consumer):
        seen.update(threshold=gc.get_threshold(), url=reverse("worker_tasks"), urlconf=settings.ROOT_URLCONF)

    monkeypatch.setattr(Consumer, "run", look)
    call_command("run_huey")
    yield seen
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_it_has_its_own_addresses(started):
    assert started["urlconf"] == "config.worker_urls"
    assert started["url"] == "/admin/tasks/"


def test_it_looks_for_cycles_more_often_than_a_web_process(started):
    assert started["threshold"] == runtime.OF_WORKER < runtime.YOUNG


def test_a_c_library_without_such_heaps_is_no_trouble(monkeypatch):
    monkeypatch.setattr(runtime.ctypes, "CDLL", lambda name: object())
    assert runtime.share_arenas() is None
