"""The states of change notices. `advance_notice` alone changes `ChangeNotice.state`."""

import logging

from django.db import transaction
from wagtail.log_actions import log

from common.rows import copy_fields
from ticketing.enums import NoticeState
from ticketing.models import ChangeNotice

logger = logging.getLogger(__name__)

LOG_ACTION = "ticketing.notice.state"
WORDS_ACTION = "ticketing.notice.words"
UNDONE_ACTION = "ticketing.notice.undone"

ALLOWED_MOVES = {
    NoticeState.DRAFT: {NoticeState.SENDING, NoticeState.DECLINED},
    NoticeState.SENDING: {NoticeState.SENT},
    NoticeState.SENT: set(),
    NoticeState.DECLINED: set(),
}


def advance_notice(notice, to, *, by=None, **fields):
    """True only for the one call that moved it, from what this caller read: not after another change of the date.
    `fields` are written with it, and the audit entry beside them."""
    before = notice.state
    if to not in ALLOWED_MOVES[before]:
        return False
    with transaction.atomic(savepoint=False):
        if not ChangeNotice.objects.filter(pk=notice.pk, state=before, changed_at=notice.changed_at).update(
            state=to, **fields
        ):
            return False
        copy_fields(notice, state=to, **fields)
        log_notice(notice, LOG_ACTION, by=by, to=str(to), reason=notice.reason)
    logger.info("notice.state notice=%s from=%s to=%s", notice.pk, before, to)
    return True


def log_notice(notice, action, *, by=None, **data):
    # On the page, where staff look for what happened to its dates.
    log(notice.page, action, user=by, data={"notice": notice.pk, "kind": notice.kind, **data})
