"""Changes of dates by one form: called off, postponed, moved, elsewhere, online, other times, or on after all.

What it will do is said first (`effects`), then it is done at once: page, calendars, door list and sale follow the row
of the date. Mail and money wait for somebody to send the notice, and until then it can be undone.
"""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events_pages.dates import edits
from events_pages.dates.island_clock import move_to_day, shift_moment, to_island_clock
from events_pages.dates.printed_facts import parse_moment
from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from events_pages.models import Performance
from ticketing.domain.changes import audience, drafts
from ticketing.domain.errors import TicketingError
from ticketing.enums import NoticeState
from ticketing.models import ChangeNotice, RefundBatch


class ChangeAction(TextChoices):
    CANCEL = "cancel", _("Called off")
    POSTPONE = "postpone", _("Postponed: the new date is not known yet")
    MOVE = "move", _("Moved to another day")
    TIMES = "times", _("Other times on the same day")
    VENUE = "venue", _("Other venue")
    ONLINE = "online", _("Moved online")
    RESUME = "resume", _("Takes place after all")


POSTPONED = PerformanceStatus.POSTPONED
OF_ONE_DATE = (ChangeAction.MOVE,)
WITH_TIMES = (ChangeAction.MOVE, ChangeAction.TIMES)
WITH_CHOICE = (ChangeAction.POSTPONE, ChangeAction.MOVE)
"""What lets holders choose their money back."""
NEW_STATUS = {
    ChangeAction.CANCEL: PerformanceStatus.CANCELLED,
    ChangeAction.POSTPONE: POSTPONED,
    ChangeAction.MOVE: PerformanceStatus.RESCHEDULED,
    ChangeAction.ONLINE: PerformanceStatus.MOVED_ONLINE,
}


class NotUndoable(TicketingError):
    default = _("This cannot be undone here any more: people were told, or the page itself was changed.")


class NothingChanges(TicketingError):
    default = _("That is how it is already: nothing would change.")


class ToldAlready(TicketingError):
    default = _(
        "Ticket holders were told of this already, so no e-mail goes out that could bring their money back. To give it "
        "back now, refund everybody on the page of the sale; to change only what visitors read, untick the refunds."
    )


class DateOver(TicketingError):
    default = _("This date is over: nothing can happen to it any more.")


@dataclass(frozen=True)
class PerformanceChange:
    """`fields` are what the row gets besides the status; `choice_days` and `refunds_everybody` go into the notice, None
    where this change, or who makes it, does not decide about them."""

    action: str
    performances: list
    note: str = ""
    fields: dict = field(default_factory=dict)
    refunds_everybody: bool | None = None
    choice_days: int | None = None

    @property
    def page(self):
        return self.performances[0].page

    @property
    def label(self):
        return ChangeAction(self.action).label


def is_meant(action, performance):
    """Whether a change of all dates is one of this date: not of what is off, but to call it off or on again."""
    if action == ChangeAction.RESUME:
        return not performance.takes_place
    return performance.takes_place or (action == ChangeAction.CANCEL and performance.status == POSTPONED)


def check_still_to_come(performances):
    """Raises DateOver."""
    now = timezone.now()
    if any(date.is_over(now) for date in performances):
        raise DateOver


@transaction.atomic
def carry_out_change(change, *, by):
    """Returns the draft of what people are to be told, or None where nobody has to be told. Raises DateOver,
    NothingChanges, ToldAlready, and ValidationError for times that make no sense.
    """
    dates = change.performances
    check_still_to_come(dates)
    # In one order, whichever date was clicked: two changes of all dates would else wait for each other.
    list(Performance.objects.select_for_update().filter(pk__in=[date.pk for date in dates]).order_by("pk"))
    changed = [edits.change_performance(date, by=by, **list_new_values(change, date)) for date in dates]
    if not any(changed):
        raise NothingChanges
    notices = drafts.join_drafts(change.page, dates, by=by)
    if not notices and change.refunds_everybody and any(map(audience.has_holders, dates)):
        raise ToldAlready
    for notice in notices:
        write_decisions(notice, change)
    return next(iter(notices), None)


def write_decisions(notice, change):
    decided = {"refunds_everybody": change.refunds_everybody, "choice_days": change.choice_days}
    decided = {name: value for name, value in decided.items() if value is not None}
    for name, value in decided.items():
        setattr(notice, name, value)
    if decided:
        notice.save(update_fields=list(decided))


def list_new_values(change, performance):
    new = {**list_times_of(change, performance), "status_note": change.note}
    if change.action == ChangeAction.VENUE:
        new["link"] = ""
    status = find_new_status(change.action, performance)
    return new | ({"status": status} if status else {})


def find_new_status(action, performance):
    """None where it stays. What takes place online stays so on another day, and after it was off."""
    if action == ChangeAction.MOVE and performance.is_online:
        return None
    if action == ChangeAction.RESUME and performance.link:
        return PerformanceStatus.MOVED_ONLINE
    if action == ChangeAction.RESUME or (action == ChangeAction.VENUE and performance.is_online):
        return PerformanceStatus.RESCHEDULED if performance.former_starts_at else PerformanceStatus.SCHEDULED
    return NEW_STATUS.get(action)


def list_times_of(change, performance):
    """Of several dates each gets the same hours on its own day."""
    if change.action != ChangeAction.TIMES:
        return change.fields
    start = change.fields["starts_at"]
    own = move_to_day(start, to_island_clock(performance.starts_at).date())
    rest = {name: shift_moment(change.fields.get(name), start=start, to=own) for name in ("ends_at", "doors_at")}
    return {**change.fields, "starts_at": own, **rest}


def is_undoable(notice):
    """While nobody was told or refunded. What the page says of all its dates is put back on the page."""
    if notice.state != NoticeState.DRAFT or has_refunds(notice):
        return False
    pairs = [(notice.was[key], notice.now[key]) for key in notice.now]
    own_venue = all(was["venue"] == now["venue"] or was["venue_id"] != now["venue_id"] for was, now in pairs)
    return own_venue and all(was["age_limit"] == now["age_limit"] for was, now in pairs)


def has_refunds(notice):
    sales = audience.list_admitting_sales(notice.page_id, notice.performance_ids)
    return RefundBatch.objects.filter(sale__in=sales.order_by().values("pk"), started_at__gt=notice.made_at).exists()


@transaction.atomic
def undo_change(notice, *, by):
    """Puts its dates back to where they stood; the draft goes, because nothing differs any more. If somebody sends it
    at this very moment, a new draft says that it is as it was. Raises NotUndoable."""
    notice = ChangeNotice.objects.select_related("page").filter(pk=notice.pk).first()
    if notice is None or not is_undoable(notice):
        raise NotUndoable
    for date in Performance.objects.filter(pk__in=notice.performance_ids).select_related("page", "venue"):
        was = notice.was[str(date.pk)]
        values = {name: parse_moment(was[name]) for name in ("starts_at", "ends_at", "doors_at")}
        values |= {name: was[name] for name in ("status", "status_note", "link", "venue_id")}
        date.page = notice.page
        edits.change_performance(date, by=by, **values)


def list_actions(performance):
    is_off = performance.status in NOT_TAKING_PLACE
    return [each for each in ChangeAction if each != ChangeAction.RESUME or is_off]
