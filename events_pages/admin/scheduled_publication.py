"""Scheduled publication: what editors said should go live, or expire, done by the worker in that minute.

The rows are the queue, as Wagtail writes them: a revision that was approved knows when it goes live, and whatever is
live knows when it expires. Each is done under a lock of its row and in a transaction of its own, so two workers do it
once, and one that fails stops no other: it is logged, stays due and is tried again the next minute.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

logger = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=3)
"""After that the worker is silent, or something cannot be published."""
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def publish_and_expire_due():
    """First what goes live, then what expires: of a page that missed both only the end is seen."""
    now = timezone.now()
    work = [("publish_revision", due_revisions(now), publish_revision)]
    work += [("expire", rows, expire_row) for rows in due_expiries(now)]
    for name, rows, act in work:
        for pk in list(rows.values_list("pk", flat=True)):
            _do_or_log(name, rows, pk, act)


def due_revisions(until):
    return Revision.objects.filter(approved_go_live_at__lte=until).order_by("approved_go_live_at")


def due_expiries(until):
    return [kind.objects.filter(live=True, expire_at__lte=until).order_by("expire_at") for kind in _kinds()]


def count_late_schedules(now):
    """Those that should have gone live, or expired, LATE_AFTER ago. One query."""
    return _count_all(now - LATE_AFTER)


def count_open_schedules():
    return _count_all(END_OF_TIME)


def publish_revision(revision):
    revision.publish(log_action="wagtail.publish.scheduled")


def expire_row(row):
    row.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _do_or_log(name, rows, pk, act):
    try:
        with transaction.atomic():
            row = rows.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row:
                act(row)
                logger.info("publishing.done act=%s kind=%s pk=%s", name, row._meta.label_lower, pk)
    except Exception:  # the edge of a task: whatever is wrong with one page, the others have their time too
        logger.exception("publishing.failed kind=%s pk=%s", rows.model._meta.label_lower, pk)


def _count_all(until):
    first, *others = (rows.order_by().values("pk") for rows in (due_revisions(until), *due_expiries(until)))
    return first.union(*others, all=True).count()


def _kinds():
    others = [kind for kind in apps.get_models() if issubclass(kind, DraftStateMixin) and not issubclass(kind, Page)]
    return [Page, *others]
