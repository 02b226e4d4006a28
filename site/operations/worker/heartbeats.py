"""Workers that are alive. A beat is written when a task has ended, so it proves that tasks run."""

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
    """`host:pid`: what tells the processes of a platform apart."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def record_beat():
    """This process is alive. Writes at most every PAUSE seconds; True for the call that wrote."""
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
    """Of whichever worker beat last, aware UTC; None when none ever did."""
    return Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()


def delete_old_heartbeats():
    """Workers that have been gone for a day. Returns how many."""
    return Heartbeat.objects.filter(beat_at__lt=timezone.now() - KEPT_FOR).delete()[0]
