"""A real Chromium for tests that also use the database."""

import os
from contextlib import contextmanager

from django.db import connections
from playwright.sync_api import expect, sync_playwright

from tests import services

OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]


@contextmanager
def running(*, patience):
    """Yields the browser; `patience` is how long `expect` waits, in milliseconds.

    Playwright keeps a loop on this thread. Django refuses that unless it is told that it is meant, and opens other
    connections below the loop: they are closed before it ends, or the next browser would find them dead.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=patience)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=services.chromium(), args=OPTIONS)
        yield started
        started.close()
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
