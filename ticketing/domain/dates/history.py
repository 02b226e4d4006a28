"""Entries in the history of sales."""

from uuid import uuid4

from wagtail.log_actions import log


def write_entry(sale, action, *, by, data=None):
    """Several sales may change in one request, and of entries that share a `uuid` Wagtail shows only the last."""
    log(sale, action, user=by, uuid=uuid4(), data=data)
