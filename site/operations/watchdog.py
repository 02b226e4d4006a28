"""Notices that no worker runs, from outside the worker: whoever is dead cannot say so."""

from datetime import timedelta

from django.utils import timezone

from operations import heartbeats

SILENCE = timedelta(minutes=3)
"""A worker beats every minute at least."""


def silence(now=None):
    """How long no worker has beaten, once too long; None while all is well, timedelta.max when none ever did."""
    quiet = heartbeats.silence(now or timezone.now())
    return quiet if quiet > SILENCE else None
