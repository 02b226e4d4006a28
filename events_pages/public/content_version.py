"""The version of the content: a new one with every edit of what visitors see, and what a process remembers until then.

One question to the cache tells a whole request whether what is remembered is still true; outside a request it is asked
each time. Whoever edits sees what they wrote at once: while a purge of this connection waits for its commit, nothing is
remembered and nothing is believed. Between a commit and its purge lie some milliseconds; should the process die there,
what others remember lives for LONGEST at most.
"""

import secrets
import time
from contextvars import ContextVar
from threading import Lock

from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save

VERSION_KEY = "page-cache:version"
LONGEST = 60  # seconds
MOST_REMEMBERED = 2000  # things of one kind in a process: sales take 9 MB
ASK, UNKNOWN = object(), None
_version_of_request = ContextVar("content version", default=ASK)


def purge_pages():
    """Call it after the commit of whatever a visitor could see."""
    version = secrets.token_hex(8)
    cache.set(VERSION_KEY, version, None)
    begin_request_anew()


def purge_after_commit(**kwargs):
    transaction.on_commit(purge_pages)


def purge_when_saved(*models):
    """For each model whose rows pages show. `update()` and `bulk_create()` tell nobody: who uses them calls
    `purge_after_commit()`, or saves the row as well.
    """
    for model in models:
        for signal in (post_save, post_delete):
            signal.connect(purge_after_commit, sender=model, dispatch_uid=f"purge_pages_of_{model._meta.label}")


def make_first_version():
    cache.add(VERSION_KEY, secrets.token_hex(8), None)
    return cache.get(VERSION_KEY)


def find_version():
    """None while nothing may be remembered: an edit waits for its commit, or the cache does not answer."""
    if is_edit_pending():
        return UNKNOWN
    known = _version_of_request.get()
    if known is ASK:
        return cache.get(VERSION_KEY) or make_first_version()
    if known is UNKNOWN:
        known = cache.get(VERSION_KEY) or make_first_version()
        _version_of_request.set(known)
    return known


def is_edit_pending():
    return any(function is purge_pages for _savepoints, function, _robust in connection.run_on_commit)


def begin_request_anew():
    if _version_of_request.get() is not ASK:
        _version_of_request.set(UNKNOWN)


def begin_request(**kwargs):
    _version_of_request.set(UNKNOWN)


def end_request(**kwargs):
    _version_of_request.set(ASK)


request_started.connect(begin_request, dispatch_uid="content version of a request")
request_finished.connect(end_request, dispatch_uid="content version of no request")


class ContentMemory:
    """Things that are the same for everybody, by key: nothing here belongs to a visitor, and nobody changes it."""

    def __init__(self):
        self.kept, self.lock = {}, Lock()

    def recall(self, keys, load):
        """{key: thing}. `load(missing keys)` gives those that are not remembered; what it leaves out is not kept."""
        version = find_version()
        if version is UNKNOWN:
            return load(list(keys))
        now, found = time.monotonic(), {}
        for key in keys:
            thing, of, until = self.kept.get(key, (None, UNKNOWN, 0))
            if of == version and now < until:
                found[key] = thing
        if missing := [key for key in keys if key not in found]:
            loaded = load(missing)
            self._keep({key: (thing, version, now + LONGEST) for key, thing in loaded.items()})
            found |= loaded
        return found

    def _keep(self, entries):
        with self.lock:
            if len(self.kept) + len(entries) > MOST_REMEMBERED:
                self.kept.clear()
            self.kept |= entries
