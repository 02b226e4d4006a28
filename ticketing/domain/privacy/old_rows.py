"""Old rows: what is written down again and again, and for how long it is kept. Money and who was erased stay for seven
years and longer; what a person is known by goes much earlier (`retention`).

docs/operations/old-rows.md lists every table that grows, those that are kept for good too.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Comment, ModelLogEntry, Page, PageLogEntry, Revision

from payments.enums import TAKEN_FOR_PAID
from payments.models import Alert, Observation
from ticketing.domain.privacy import retention
from ticketing.models import CheckIn

logger = logging.getLogger(__name__)

BATCH, LOOK_BACK = 1000, timedelta(days=30)
MOST_A_NIGHT = 100_000  # rows of a kind: after years without, it takes some nights
REVISION_DAYS = 365
SEVEN_YEARS = 7 * 365 + 2
"""Jersey's Comptroller may ask for six years of records after the year they are about."""
EDITS = Q(action__startswith="wagtail.")


@dataclass(frozen=True)
class OldRows:
    """Rows of a model that go after so many `days` from `moment`."""

    label: str
    model: type
    moment: str
    days: int
    which: Q

    def list_due(self, now, look_back=None):
        """With `look_back` only those whose time came within it: the rows that stay are not read again each night."""
        last = now - timedelta(days=self.days)
        rows = self.model._base_manager.filter(self.which, **{f"{self.moment}__lt": last})
        return rows.filter(**{f"{self.moment}__gte": last - look_back}) if look_back else rows


UNPAID = ~Q(payment__state__in=TAKEN_FOR_PAID) & Q(payment__closed_at__isnull=False)
OLD_ROWS = (
    OldRows(_("answers of SumUp about payments that nobody paid"), Observation, "at", 180, UNPAID),
    OldRows(_("answers of SumUp about money"), Observation, "at", SEVEN_YEARS, Q()),
    OldRows(_("alerts that were mailed"), Alert, "sent_at", 400, Q(sent_at__isnull=False)),
    OldRows(_("scans of what is no ticket of ours"), CheckIn, "at", 90, Q(ticket=None)),
    OldRows(_("edits of pages"), PageLogEntry, "timestamp", 730, EDITS),
    OldRows(_("edits of other rows"), ModelLogEntry, "timestamp", 730, EDITS),
    OldRows(_("steps of orders and money"), ModelLogEntry, "timestamp", SEVEN_YEARS, ~EDITS),
)


def delete_nightly(now=None):
    now = now or timezone.now()
    return delete_old_rows(now, look_back=None if retention.is_night_of_full_look(now) else LOOK_BACK)


def delete_old_rows(now=None, *, look_back=None):
    """{what: how many went}; batch by batch, so that a kill costs one batch and nobody waits for locks."""
    now = now or timezone.now()
    gone = {kind.label: _delete_kind(kind, now, look_back) for kind in OLD_ROWS}
    gone[_("former versions of pages")] = _delete_revisions(now)
    logger.info("old_rows.deleted rows=%d", sum(gone.values()))
    return gone


def count_old_rows(now):
    """{what: number} of what is due, each at most BATCH."""
    return {kind.label: kind.list_due(now)[:BATCH].count() for kind in OLD_ROWS}


def list_old_revisions(now):
    """Not the newest of its row, nor the one in public, nor one that is planned, discussed or decided on."""
    same = Revision.objects.filter(
        base_content_type=OuterRef("base_content_type"), object_id=OuterRef("object_id"), pk__gt=OuterRef("pk")
    )
    needed = Exists(Page.objects.filter(live_revision=OuterRef("pk"))) | Exists(
        Comment.objects.filter(revision_created=OuterRef("pk"))
    )
    old = Revision.objects.filter(created_at__lt=now - timedelta(days=REVISION_DAYS), approved_go_live_at=None)
    return old.filter(Exists(same), ~needed, task_states=None).order_by("created_at")


def _delete_revisions(now):
    revisions = list(list_old_revisions(now)[:BATCH])
    for revision in revisions:
        revision.delete()
    return len(revisions)


def _delete_kind(kind, now, look_back):
    deleted = 0
    while deleted < MOST_A_NIGHT:
        due = kind.list_due(now, look_back).order_by(kind.moment)
        pks = list(due.values_list("pk", flat=True)[:BATCH])
        rows = kind.model._base_manager.filter(pk__in=pks)
        rows._raw_delete(rows.db)
        deleted += len(pks)
        if len(pks) < BATCH:
            break
    return deleted
