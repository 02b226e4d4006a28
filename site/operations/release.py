"""The release phase: migrating the database for new code while the old code goes on selling.

Two releases wait for each other. A change of a table gives up after LOCK_TIMEOUT and is tried again: while it waits
behind a long transaction, every other query of the table would wait behind it.
"""

import time
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from events_pages.models import EventPage
from events_pages.public.search_words import fold_pages
from operations import locks

LOCK = 0x6A657274
LOCK_TIMEOUT = 3  # seconds that a change of a table may keep others waiting
PAUSE = 5
PATIENCE = 600


class NotReleased(Exception):
    """Some migrations are not applied; releasing again goes on from there."""


def migrate_for_release(*, say, patience=PATIENCE, pause=PAUSE):
    """Migrates, and makes the cache's table. Raises NotReleased when locks were not free within `patience` seconds."""
    until = time.monotonic() + patience
    leave_pooler()
    with one_release_at_a_time(until, pause, say):
        while True:
            try:
                _migrate()
                if fold_pages(EventPage.objects.filter(search_words="")):
                    call_command("update_index", verbosity=0)
                break
            except OperationalError as error:
                _wait_for_locks(error, until, pause, say)
    say("The database is at this version.")


def leave_pooler():
    """From here on this process asks the database itself: LOCK_TIMEOUT holds for a session."""
    if settings.UNPOOLED_DATABASE:
        connection.close()
        connection.settings_dict.update(settings.UNPOOLED_DATABASE)


def _migrate():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
    call_command("migrate", interactive=False)
    call_command("createcachetable", verbosity=0)


def _wait_for_locks(error, until, pause, say):
    if not is_lock_conflict(error):
        raise error
    if time.monotonic() + pause > until:
        raise NotReleased("Somebody held a table for too long: end long transactions, then release again.") from error
    say(f"A table is in use by a long transaction; trying again in {pause} s.")
    connection.close()
    time.sleep(pause)


def is_lock_conflict(error):
    """PostgreSQL's lock_not_available or deadlock_detected, or SQLite's busy file: waiting helps."""
    code = getattr(error.__cause__, "pgcode", None)
    return code in ("55P03", "40P01") or "locked" in str(error)


@contextmanager
def one_release_at_a_time(until, pause, say):
    """Waits for other releases. Raises NotReleased."""
    own = connection.copy("release")
    try:
        with locks.exclusive_lock(own, key=LOCK, name="release") as take:
            while not take():
                if time.monotonic() + pause > until:
                    raise NotReleased("Another release has been at work all the time.")
                say(f"Another release is at work; waiting {pause} s.")
                time.sleep(pause)
            yield
    finally:
        own.close()
