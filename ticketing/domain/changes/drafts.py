"""Drafts of change notices. Every edit that makes a ticket untrue opens one, or goes into the one that is open, so that
people are told once, from what they knew to what it is. Nothing is mailed before a person sends it (`dispatch`).
"""

import logging

from django.db import IntegrityError, transaction
from django.db.models import Case, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import get_active_log_context

from events_pages.dates.printed_facts import list_differences, read_moment
from ticketing.domain.changes import audience, ready_words, states
from ticketing.domain.changes.differences import KINDS_WITH_CHOICE, find_first_kind
from ticketing.domain.errors import TicketingError
from ticketing.enums import ChangeKind, NoticeState
from ticketing.models import ChangeNotice

logger = logging.getLogger(__name__)


class NoLongerADraft(TicketingError):
    default = _("Meanwhile somebody sent it, declined it or changed the date again. Please read it once more.")


def record_change(page, changes, *, by=None):
    """Notes `changes` ({Performance: (facts before, facts after)}) for those who hold tickets; returns the draft, None
    where nobody needs to be told. One date has a draft of its own, unless one for several dates of the page is open.
    """
    told = {date: facts for date, facts in changes.items() if is_worth_telling(date, *facts)}
    if not told:
        return None
    try:
        return note_changes(page, told, by=by)
    except IntegrityError:  # somebody else opened the draft at this moment: now it is there
        return note_changes(page, told, by=by)


@transaction.atomic
def note_changes(page, told, *, by=None):
    notice = find_draft(page)
    if notice is None and len(told) == 1:
        [performance] = told
        notice = find_draft(page, performance) or start_draft(page, performance)
    return merge_changes(notice or gather_drafts(page, told), told, by=by)


def is_worth_telling(performance, was, now):
    """Not what is over either way, nor where nobody holds a ticket."""
    ends = [read_moment(facts["ends_at"] or facts["starts_at"]) for facts in (was, now)]
    is_past = performance.is_over(timezone.now()) and max(ends) <= timezone.now()
    return not is_past and audience.has_holders(performance)


def lock_drafts(**which):
    """Locks: dates, then drafts by id."""
    drafts = ChangeNotice.objects.select_for_update(of=("self",)).filter(state=NoticeState.DRAFT, **which)
    return drafts.select_related("page").order_by("pk")


def find_draft(page, performance=None):
    """That of this date, or without a date the one for several dates of the page; locked."""
    return lock_drafts(page=page, performance=performance).first()


def start_draft(page, performance=None):
    return ChangeNotice(page=page, performance=performance, state=NoticeState.DRAFT)


def gather_drafts(page, performances):
    """One for several dates, with what the open drafts of those dates say already."""
    notice = start_draft(page)
    for draft in lock_drafts(performance__in=list(performances)):
        notice.was |= draft.was
        notice.now |= draft.now
        draft.delete()
    return notice


def join_drafts(page, performances, *, by=None):
    """One draft for these dates, which were changed together; None where nobody holds a ticket."""
    if several := find_draft(page):
        return several
    found = list(lock_drafts(performance__in=performances))
    if len(found) < 2:
        return found[0] if found else None
    return merge_changes(gather_drafts(page, performances), {}, by=by)


def merge_changes(notice, changes, *, by=None):
    """The oldest “was” stays, the last “now” counts; a date that is as before goes, so does a draft without dates."""
    written = (notice.subject, notice.words)
    is_ready = not notice.pk or written == (ready_words.write_subject(notice), ready_words.write_words(notice))
    for performance, (was, now) in changes.items():
        key = str(performance.pk)
        notice.was.setdefault(key, was)
        notice.now[key] = now
        if not list_differences(notice.was[key], now):
            del notice.was[key], notice.now[key]
    kind = find_first_kind(notice)
    if kind is None:
        drop_draft(notice, by=by)
        return None
    notice.kind, notice.changed_at = kind, timezone.now()
    notice.refunds_everybody &= kind == ChangeKind.CANCELLED
    notice.choice_days *= kind in KINDS_WITH_CHOICE
    if is_ready:
        notice.subject, notice.words = ready_words.write_subject(notice), ready_words.write_words(notice)
    notice.made_by = by or notice.made_by or get_active_log_context().user
    notice.save()
    logger.info("notice.draft notice=%s kind=%s dates=%s", notice.pk, notice.kind, len(notice.now))
    return notice


def drop_draft(notice, *, by=None):
    if notice.pk:
        states.log_notice(notice, states.UNDONE_ACTION, by=by)
        logger.info("notice.undone notice=%s", notice.pk)
        notice.delete()


def edit_draft(notice, *, by, **fields):
    """What is told, and what it brings. Raises NoLongerADraft."""
    with transaction.atomic():
        if not ChangeNotice.objects.filter(pk=notice.pk, state=NoticeState.DRAFT).update(**fields):
            raise NoLongerADraft
        states.log_notice(notice, states.WORDS_ACTION, by=by)
    for name, value in fields.items():
        setattr(notice, name, value)


def decline_notice(notice, *, by, reason):
    """Nobody is told. The next edit of the date opens a new draft. Raises NoLongerADraft."""
    if not states.advance_notice(notice, NoticeState.DECLINED, by=by, reason=reason):
        raise NoLongerADraft


def list_notices(page, *, most):
    """Drafts first, then the newest."""
    notices = ChangeNotice.objects.filter(page=page).select_related("performance", "made_by", "sent_by")
    drafts_first = Case(When(state=NoticeState.DRAFT, then=0), default=1)
    return list(notices.order_by(drafts_first, "-pk")[:most])


def count_drafts(page):
    return ChangeNotice.objects.filter(page=page, state=NoticeState.DRAFT).count()
