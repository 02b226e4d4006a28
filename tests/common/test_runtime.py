"""What the processes tell the garbage collector."""

import gc
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from common import queue, runtime


@pytest.fixture
def collector():
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_settled_code_is_walked_through_no_more(collector):
    runtime.freeze_gc()

    assert gc.get_freeze_count() > 100_000
    assert gc.get_threshold() == runtime.YOUNG


def test_the_worker_settles_before_its_first_task(collector, tmp_path):
    queue.SqliteQueue(filename=str(tmp_path / "queue.sqlite3")).create_consumer(workers=1)

    assert gc.get_freeze_count() > 100_000
    assert gc.get_threshold() == runtime.OF_WORKER


def test_the_site_settles_when_every_view_is_loaded():
    script = (
        "import gc, json, sys, config.wsgi;"
        "print(json.dumps([gc.get_freeze_count(), 'ticketing.views.buyer.checkout' in sys.modules]))"
    )

    path = os.pathsep.join(str(settings.BASE_DIR / folder) for folder in ("site", "."))
    environment = os.environ | {"PYTHONPATH": path}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    frozen, loaded = json.loads(done.stdout.splitlines()[-1])
    assert frozen > 100_000
    assert loaded
