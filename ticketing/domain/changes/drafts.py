"""Drafts of change notices. Every edit that makes a ticket untrue opens one, or goes into the one that is open, so that
people are told once, from what they knew to what it is. Nothing is mailed before a person sends it (`dispatch`).
"""

import logging

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import get_active_log_context

from events_pages.dates.printed_facts import list_differences, parse_moment
from ticketing.domain.changes import audience, ready_words, states
from ticketing.domain.changes.differences import KINDS_WITH_CHOICE, find_first_kind, find_kind
from ticketing.domain.errors import TicketingError
from ticketing.enums import ChangeKind, NoticeState
from ticketing.models import ChangeNotice

logger = logging.getLogger(__name__)


PLAIN_KINDS = (ChangeKind.VENUE, ChangeKind.TIMES, ChangeKind.AGE_LIMIT)
"""Of which several dates may be told in one: they bring no money back, and nothing is off."""


class NoLongerADraft(TicketingError):
    default = _("Meanwhile somebody sent it, declined it or changed the date again. Please read it once more.")


def record_change(page, changes, *, by=None):
    """Notes `changes` ({Performance: (facts before, facts after)}) for those who hold tickets; returns the draft, None
    where nobody needs to be told.
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
    notices = [merge_changes(notice, part, by=by) for notice, part in sort_into_drafts(page, told)]
    return next(filter(None, notices), None)


def sort_into_drafts(page, told):
    """[(draft, its part of the changes)]. What decides about money, and what is off, stays in a draft of its own: else
    the words and the money of one date would be those of another."""
    own = {date: draft for date in told if (draft := lock_draft(page, date))}
    several = lock_draft(page)
    in_several = {date: told[date] for date in told if several and date not in own and str(date.pk) in several.now}
    new = {date: told[date] for date in told if date not in own and date not in in_several}
    if len(told) > 1 and not several and is_plain_change(told) and all(map(is_plain, own.values())):
        return [(gather_drafts(page, told), told)]
    parts = [(draft, {date: told[date]}) for date, draft in own.items()]
    if in_several and (len(in_several) == len(several.now) or (is_plain(several) and is_plain_change(in_several))):
        parts.append((several, in_several))
    else:
        parts += [(take_out_date(several, date), {date: facts}) for date, facts in in_several.items()]
    return parts + [(start_draft(page, date), {date: facts}) for date, facts in new.items()]


def is_plain_change(changes):
    return all(find_kind(was, now) in PLAIN_KINDS for was, now in changes.values())


def is_plain(notice):
    return notice.kind in PLAIN_KINDS and is_untouched(notice)


def is_untouched(notice):
    """Nobody has decided about money, nor written words of their own."""
    return has_ready_words(notice) and not notice.refunds_everybody and not notice.choice_days


def has_ready_words(notice):
    written = (notice.subject, notice.words)
    return not any(written) or written == write_ready_words(notice)


def is_worth_telling(performance, was, now):
    """Not what is over either way, nor where nobody holds a ticket."""
    ends = [parse_moment(facts["ends_at"] or facts["starts_at"]) for facts in (was, now)]
    is_past = performance.is_over(timezone.now()) and max(ends) <= timezone.now()
    return not is_past and audience.has_holders(performance)


def lock_drafts(**which):
    """Locks: dates, then drafts by id."""
    drafts = ChangeNotice.objects.select_for_update(of=("self",)).filter(state=NoticeState.DRAFT, **which)
    return drafts.select_related("page").order_by("pk")


def lock_draft(page, performance=None):
    """That of this date, or without a date the one for several dates of the page."""
    return lock_drafts(page=page, performance=performance).first()


def find_draft_about(performance):
    """That tells of this date, alone or among others; None where nothing waits to be told."""
    found = ChangeNotice.objects.filter(page=performance.page_id, state=NoticeState.DRAFT)
    about = found.filter(Q(performance=performance) | Q(performance=None)).order_by("pk")
    return next((each for each in about if str(performance.pk) in each.now), None)


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


def take_out_date(several, performance):
    """Into a draft of its own, with what was decided."""
    key = str(performance.pk)
    notice = start_draft(several.page, performance)
    if has_ready_words(several):
        several.subject = several.words = ""  # written anew for those that stay
    notice.was, notice.now = {key: several.was.pop(key)}, {key: several.now.pop(key)}
    notice.refunds_everybody, notice.choice_days = several.refunds_everybody, several.choice_days
    merge_changes(several, {})
    return notice


def join_drafts(page, performances, *, by=None):
    """The drafts for these dates, which were changed together: one, where nothing else was decided about any."""
    found = list(lock_drafts(performance__in=performances))
    several = lock_draft(page)
    is_undecided = len({draft.kind for draft in found}) == 1 and all(map(is_untouched, found))
    if len(found) > 1 and not several and is_undecided:
        return [merge_changes(gather_drafts(page, performances), {}, by=by)]
    holds = several and any(str(date.pk) in several.now for date in performances)
    return [*found, *([several] if holds else [])]


def merge_changes(notice, changes, *, by=None):
    """The oldest “was” stays, the last “now” counts; a date that is as before goes, so does a draft without dates."""
    is_ready = has_ready_words(notice)
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
        notice.subject, notice.words = write_ready_words(notice)
    notice.made_by = by or notice.made_by or get_active_log_context().user
    notice.save()
    logger.info("notice.draft notice=%s kind=%s dates=%s", notice.pk, notice.kind, len(notice.now))
    return notice


def write_ready_words(notice):
    return ready_words.write_subject(notice), ready_words.write_words(notice)


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
