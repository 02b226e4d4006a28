"""What opens a notice, what goes into the open one, and what closes it again."""

from datetime import timedelta

import pytest
from wagtail.models import PageLogEntry

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from tests.factories import make_event, make_order, make_pass, make_sale, make_type, make_venue
from tests.ticketing.domain.changes.conftest import FIRST
from ticketing.domain.changes import drafts, performance_changes
from ticketing.domain.changes.drafts import NoLongerADraft
from ticketing.domain.changes.performance_changes import ChangeAction, PerformanceChange
from ticketing.domain.privacy import erasure
from ticketing.enums import ChangeKind, NoticeState, TicketState
from ticketing.models import ChangeNotice, Delivery, Order, Ticket

pytestmark = pytest.mark.django_db


def test_it_works(first, order):
    later = FIRST + timedelta(minutes=30)
    change_performance(first, starts_at=later)
    notice = ChangeNotice.objects.get()
    assert (notice.performance, notice.kind, notice.state) == (first, ChangeKind.TIMES, NoticeState.DRAFT)
    key = str(first.pk)
    assert notice.was[key]["starts_at"] == "2027-07-03T18:30:00+00:00"
    assert notice.now[key]["starts_at"] == "2027-07-03T19:00:00+00:00"
    assert "Sea Shanties" in notice.subject
    assert notice.words == "Your tickets stay valid."
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": PerformanceStatus.CANCELLED}, ChangeKind.CANCELLED),
        ({"status": PerformanceStatus.POSTPONED}, ChangeKind.POSTPONED),
        ({"status": PerformanceStatus.MOVED_ONLINE, "link": "https://watch.example.je/"}, ChangeKind.ONLINE),
        ({"status": PerformanceStatus.RESCHEDULED, "starts_at": FIRST + timedelta(days=2)}, ChangeKind.MOVED),
        ({"starts_at": FIRST + timedelta(days=1)}, ChangeKind.MOVED),
        ({"doors_at": FIRST - timedelta(hours=1)}, ChangeKind.TIMES),
        ({"ends_at": FIRST + timedelta(hours=2)}, ChangeKind.TIMES),
    ],
)
def test_the_gravest_of_what_changed_names_it(first, order, changes, expected):
    change_performance(first, **changes)
    assert ChangeNotice.objects.get().kind == expected


def test_another_venue_is_told_by_its_name(first, order):
    change_performance(first, venue=make_venue("Town Church"))
    notice, key = ChangeNotice.objects.get(), str(first.pk)
    assert (notice.was[key]["venue"], notice.now[key]["venue"]) == ("Opera House, St Helier", "Town Church, St Helier")
    assert notice.kind == ChangeKind.VENUE


@pytest.mark.parametrize("changes", [{"name": "Matinee"}, {"status_note": "Bring a coat."}])
def test_what_no_ticket_says_is_nobodys_business(first, order, changes):
    change_performance(first, **changes)
    assert not ChangeNotice.objects.exists()


def test_without_a_valid_ticket_there_is_nobody_to_tell(first, order):
    Ticket.objects.update(state=TicketState.VOID)
    change_performance(first, status=PerformanceStatus.CANCELLED)
    assert not ChangeNotice.objects.exists()


def test_who_holds_a_pass_is_somebody_to_tell(event, second):
    make_order(make_type(make_pass(event)))
    change_performance(second, status=PerformanceStatus.CANCELLED)
    assert ChangeNotice.objects.get().performance == second


def test_an_erased_person_is_nobody_to_tell(first, order):
    Order.objects.update(erased_at=FIRST)
    change_performance(first, status=PerformanceStatus.CANCELLED)
    assert not ChangeNotice.objects.exists()


def test_what_is_over_is_told_to_nobody(first, order, clock):
    clock.move_to(FIRST + timedelta(days=2))
    change_performance(first, doors_at=FIRST - timedelta(hours=1))
    assert not ChangeNotice.objects.exists()


def test_a_second_edit_keeps_what_people_know_and_what_is(first, order):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    change_performance(first, starts_at=FIRST + timedelta(hours=1))
    notice, key = ChangeNotice.objects.get(), str(first.pk)
    assert notice.was[key]["starts_at"] == "2027-07-03T18:30:00+00:00"
    assert notice.now[key]["starts_at"] == "2027-07-03T19:30:00+00:00"


def test_what_is_changed_back_needs_no_notice(event, first, order):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    change_performance(first, starts_at=FIRST)
    assert not ChangeNotice.objects.exists()
    assert PageLogEntry.objects.filter(page=event.pk, action="ticketing.notice.undone").count() == 1


def test_ready_words_follow_the_next_edit_and_typed_words_stay(first, order):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    change_performance(first, status=PerformanceStatus.CANCELLED, status_note="Gale warning.")
    notice = ChangeNotice.objects.get()
    assert notice.words == "Gale warning.\n\nWe are sorry: it does not take place."
    assert notice.subject.startswith("Called off: ")
    drafts.edit_draft(notice, by=None, words="The tenor is ill.")
    change_performance(first, status=PerformanceStatus.POSTPONED)
    assert ChangeNotice.objects.get().words == "The tenor is ill."


def test_typed_words_are_not_lost_when_several_dates_change(event, first, second, kind, order):
    make_order(make_type(make_sale(performance=second)))
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    drafts.edit_draft(ChangeNotice.objects.get(), by=None, words="The tenor is ill.")
    event.refresh_from_db()
    event.age_limit = "Over 18s."
    event.save_revision().publish()
    assert ChangeNotice.objects.get(performance=first).words == "The tenor is ill."
    assert ChangeNotice.objects.count() == 2


def test_after_it_was_sent_the_next_edit_opens_another(first, order):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    ChangeNotice.objects.update(state=NoticeState.SENT)
    change_performance(first, starts_at=FIRST + timedelta(hours=1))
    draft = ChangeNotice.objects.get(state=NoticeState.DRAFT)
    assert draft.was[str(first.pk)]["starts_at"] == "2027-07-03T19:00:00+00:00"


def test_publishing_another_venue_or_age_tells_the_holders_of_every_date_to_come(event, first, second, kind, order):
    make_order(make_type(make_sale(performance=second)))
    event.age_limit = "Over 18s."
    event.venue = make_venue("Town Church")
    event.save_revision().publish()
    notice = ChangeNotice.objects.get()
    assert (notice.performance, notice.kind) == (None, ChangeKind.VENUE)
    assert set(notice.now) == {str(first.pk), str(second.pk)}
    facts = notice.now[str(second.pk)]
    assert (facts["venue"], facts["age_limit"]) == ("Town Church, St Helier", "Over 18s.")


def test_a_page_with_another_venue_moves_its_dates_in_calendars(event, first, second):
    first.venue = make_venue("Gorey Castle")
    first.save()
    before = event.venue
    event.venue = make_venue("Town Church")
    event.save_revision().publish()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.sequence, first.former_venue) == (0, None)
    assert (second.sequence, second.former_venue) == (1, before)


def test_typing_a_draft_of_the_page_tells_nobody(event, first, order):
    event.age_limit = "Over 18s."
    event.save_revision()
    assert not ChangeNotice.objects.exists()
    event.refresh_from_db()
    assert event.age_limit == ""


def test_a_page_with_one_date_has_one_draft_for_both_kinds_of_edits(event, first, order):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    event.refresh_from_db()
    event.age_limit = "Over 18s."
    event.save_revision().publish()
    notice = ChangeNotice.objects.get()
    assert notice.performance == first
    assert notice.now[str(first.pk)]["age_limit"] == "Over 18s."
    assert notice.was[str(first.pk)]["starts_at"] == "2027-07-03T18:30:00+00:00"


def test_one_for_several_dates_takes_in_what_was_open(event, first, second, kind, order):
    make_order(make_type(make_sale(performance=second)))
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    event.refresh_from_db()
    event.venue = make_venue("Town Church")
    event.save_revision().publish()
    change_performance(second, doors_at=second.starts_at - timedelta(hours=1))
    notice = ChangeNotice.objects.get()
    assert notice.was[str(first.pk)]["starts_at"] == "2027-07-03T18:30:00+00:00"
    assert notice.now[str(second.pk)]["doors_at"]


def test_declined_with_a_reason_and_once(event, first, order):
    change_performance(first, doors_at=FIRST - timedelta(hours=1))
    notice = ChangeNotice.objects.get()
    drafts.decline_notice(notice, by=None, reason="A typing error.")
    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (NoticeState.DECLINED, "A typing error.")
    entry = PageLogEntry.objects.get(page=event.pk, action="ticketing.notice.state")
    assert entry.data["reason"] == "A typing error."
    for again in (drafts.decline_notice, drafts.edit_draft):
        with pytest.raises(NoLongerADraft):
            again(ChangeNotice.objects.get(), by=None, reason="Again.")


def test_other_events_are_left_alone(first, order):
    other = make_event("Other")
    make_order(make_type(make_sale(other)))
    change_performance(other.performances.get(), status=PerformanceStatus.CANCELLED)
    assert ChangeNotice.objects.get().page.title == "Other"
    assert drafts.list_notices(first.page, most=9) == []


def test_who_is_told_may_be_erased_as_before(first, order, clock):
    """The row of an e-mail about a change holds nothing about a person, and is closed like any other."""
    change_performance(first, status=PerformanceStatus.CANCELLED)
    notice = ChangeNotice.objects.get()
    Delivery.objects.create(order=order, notice=notice, requested_at=FIRST, next_attempt_at=FIRST, recipient="a@b.je")
    clock.move_to(FIRST + timedelta(days=3))
    erasure.erase_person(order.buyer_email)
    row = Delivery.objects.get()
    assert (row.recipient, row.next_attempt_at, row.last_error) == ("", None, "not sent: the person was erased")


def test_money_goes_back_only_for_what_is_still_called_off(first, order):
    change_performance(first, status=PerformanceStatus.CANCELLED)
    ChangeNotice.objects.update(refunds_everybody=True)
    change_performance(first, status=PerformanceStatus.RESCHEDULED, starts_at=FIRST + timedelta(days=7))
    notice = ChangeNotice.objects.get()
    assert (notice.kind, notice.refunds_everybody) == (ChangeKind.MOVED, False)
    ChangeNotice.objects.update(choice_days=14)
    change_performance(first, status=PerformanceStatus.CANCELLED)
    assert ChangeNotice.objects.get().choice_days == 0


def test_of_two_who_open_a_draft_at_once_the_second_finds_the_first(first, order, monkeypatch):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    find, tries = drafts.lock_draft, []

    def find_too_early(page, performance=None):
        tries.append(performance)
        return find(page, performance) if len(tries) > 2 else None

    monkeypatch.setattr(drafts, "lock_draft", find_too_early)
    change_performance(first, doors_at=FIRST)
    notice = ChangeNotice.objects.get()
    assert notice.now[str(first.pk)]["doors_at"] == "2027-07-03T18:30:00+00:00"


def test_what_was_changed_again_is_not_declined_unread(first, order, clock):
    change_performance(first, starts_at=FIRST + timedelta(minutes=30))
    read = ChangeNotice.objects.get()
    clock.shift(timedelta(seconds=1))
    change_performance(first, starts_at=FIRST + timedelta(hours=1))
    with pytest.raises(NoLongerADraft):
        drafts.decline_notice(read, by=None, reason="Half an hour is nothing.")
    assert ChangeNotice.objects.get().state == NoticeState.DRAFT


# The money and the words of one date are not those of another


@pytest.fixture
def both(first, second, kind, order):
    """Two nights with holders, and a way to do something to one or to both."""
    make_order(make_type(make_sale(performance=second)))

    def act(action, *dates, **decided):
        change = PerformanceChange(action, list(dates), **decided)
        return performance_changes.carry_out_change(change, by=None)

    return act


def decisions():
    return {
        tuple(sorted(notice.performance_ids)): (notice.kind, notice.refunds_everybody, notice.choice_days)
        for notice in ChangeNotice.objects.all()
    }


def test_another_age_limit_leaves_what_was_called_off_with_its_refund(event, first, second, both):
    both(ChangeAction.CANCEL, first, refunds_everybody=True)
    event.refresh_from_db()
    event.age_limit = "Over 18s."
    event.save_revision().publish()
    assert decisions() == {
        (first.pk,): (ChangeKind.CANCELLED, True, 0),
        (second.pk,): (ChangeKind.AGE_LIMIT, False, 0),
    }


def test_one_of_the_postponed_is_called_off_and_the_other_still_has_its_choice(first, second, both):
    both(ChangeAction.POSTPONE, first, second, choice_days=14)
    assert decisions() == {tuple(sorted([first.pk, second.pk])): (ChangeKind.POSTPONED, False, 14)}
    both(ChangeAction.CANCEL, second, refunds_everybody=True)
    assert decisions() == {
        (first.pk,): (ChangeKind.POSTPONED, False, 14),
        (second.pk,): (ChangeKind.CANCELLED, True, 0),
    }


def test_what_happens_to_one_date_decides_about_no_other(first, second, both):
    both(ChangeAction.CANCEL, first)
    both(ChangeAction.CANCEL, second, refunds_everybody=True)
    assert decisions() == {
        (first.pk,): (ChangeKind.CANCELLED, False, 0),
        (second.pk,): (ChangeKind.CANCELLED, True, 0),
    }
