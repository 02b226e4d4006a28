"""Heartbeats of workers. One is written when a task has ended, so it proves that tasks run."""

import os
import socket
import time
from datetime import timedelta

from django.utils import timezone

from operations.models import Heartbeat

STARTED = timezone.now()
BEAT_INTERVAL = 30  # seconds between two beats of one process
KEPT_FOR = timedelta(days=1)

_next_beat = 0


def worker_name():
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def record_beat():
    """Writes at most every BEAT_INTERVAL seconds; True for a call that wrote."""
    global _next_beat
    if time.monotonic() < _next_beat:
        return False
    _next_beat = time.monotonic() + BEAT_INTERVAL
    fields = {"beat_at": timezone.now()}
    Heartbeat.objects.update_or_create(
        worker=worker_name(), defaults=fields, create_defaults=fields | {"started_at": STARTED}
    )
    return True


def last_beat():
    """Of any worker, aware UTC; None when there is none."""
    return Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()


def delete_old_heartbeats():
    return Heartbeat.objects.filter(beat_at__lt=timezone.now() - KEPT_FOR).delete()[0]
