"""How each round of background work went, one row each, for the health page."""

from datetime import timedelta

from django.utils import timezone

from payments.models import WorkerCycle

KEPT = timedelta(days=14)


def record_cycle(kind, *, started_at, items=0, calls=0, errors=0):
    """One row per round; a round without work counts too, because silence must mean that nothing runs."""
    return WorkerCycle.objects.create(
        kind=kind, started_at=started_at, finished_at=timezone.now(), items=items, calls=calls, errors=errors
    )


def delete_old_cycles():
    return WorkerCycle.objects.filter(started_at__lt=timezone.now() - KEPT).delete()[0]
