"""One form's deeds: what they do to the dates, what they say before, and how they are undone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import PageLogEntry

from events_pages.enums import PerformanceStatus
from tests.factories import make_order, make_pass, make_sale, make_type, make_venue
from tests.stories import make_paid_order, place_order, record_payment, settle
from tests.ticketing.domain.changes.conftest import FIRST
from ticketing.domain.catalogue import availability
from ticketing.domain.changes import audience, dispatch, effects, performance_changes
from ticketing.domain.changes.performance_changes import (
    ChangeAction,
    NothingChanges,
    NotUndoable,
    PerformanceChange,
    ToldAlready,
)
from ticketing.domain.orders import batch_refunds
from ticketing.enums import ChangeKind
from ticketing.models import ChangeNotice, Delivery, RefundBatch

pytestmark = pytest.mark.django_db


def cancel(*dates, **fields):
    return PerformanceChange(ChangeAction.CANCEL, list(dates), note="Gale warning.", **fields)


def test_it_works(first, kind, order):
    notice = performance_changes.carry_out_change(cancel(first, refunds_everybody=True), by=None)
    first.refresh_from_db()
    assert (first.status, first.status_note, first.sequence) == (PerformanceStatus.CANCELLED, "Gale warning.", 1)
    assert (notice.kind, notice.refunds_everybody) == (ChangeKind.CANCELLED, True)
    sale = availability.find_sale(kind.sale.pk)
    assert availability.why_sale_stopped(sale) == "This date is called off."
    assert not Delivery.objects.exists()
    assert not RefundBatch.objects.exists()


def test_moved_with_its_doors(first, order):
    later = FIRST + timedelta(days=30)
    fields = {"starts_at": later, "ends_at": None, "doors_at": later - timedelta(hours=1)}
    change = PerformanceChange(ChangeAction.MOVE, [first], fields=fields, choice_days=14)
    notice = performance_changes.carry_out_change(change, by=None)
    first.refresh_from_db()
    assert (first.status, first.starts_at, first.former_starts_at) == (PerformanceStatus.RESCHEDULED, later, FIRST)
    assert (notice.kind, notice.choice_days) == (ChangeKind.MOVED, 14)


def test_all_dates_are_told_together(first, second, kind, order):
    make_order(make_type(make_sale(performance=second)))
    notice = performance_changes.carry_out_change(cancel(first, second), by=None)
    assert ChangeNotice.objects.get() == notice
    assert (notice.performance, len(notice.now)) == (None, 2)


def test_of_all_dates_only_those_with_tickets_are_told(first, second, order):
    notice = performance_changes.carry_out_change(cancel(first, second), by=None)
    assert set(notice.now) == {str(first.pk)}


def test_nobody_with_a_ticket_is_nobody_to_tell(first):
    assert performance_changes.carry_out_change(cancel(first), by=None) is None


def test_what_is_so_already_changes_nothing(first, order):
    performance_changes.carry_out_change(cancel(first), by=None)
    with pytest.raises(NothingChanges):
        performance_changes.carry_out_change(cancel(first), by=None)


def test_times_that_make_no_sense_change_nothing(first, order):
    fields = {"starts_at": FIRST, "ends_at": FIRST - timedelta(hours=1), "doors_at": None}
    with pytest.raises(ValidationError):
        performance_changes.carry_out_change(PerformanceChange(ChangeAction.TIMES, [first], fields=fields), by=None)
    assert not ChangeNotice.objects.exists()


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (ChangeAction.CANCEL, {}),
        (ChangeAction.POSTPONE, {}),
        (ChangeAction.MOVE, {"starts_at": FIRST + timedelta(days=9), "ends_at": None, "doors_at": None}),
        (ChangeAction.ONLINE, {"link": "https://watch.example.je/"}),
    ],
)
def test_undone_everything_is_as_it_was(event, first, order, action, fields):
    before = {name: getattr(first, name) for name in ("starts_at", "ends_at", "doors_at", "status", "link", "venue_id")}
    notice = performance_changes.carry_out_change(
        PerformanceChange(action, [first], note="Why.", fields=fields), by=None
    )
    performance_changes.undo_change(notice, by=None)
    first.refresh_from_db()
    assert {name: getattr(first, name) for name in before} == before
    assert (first.former_starts_at, first.status_note, first.sequence) == (None, "", 2)
    assert not ChangeNotice.objects.exists()
    assert PageLogEntry.objects.filter(page=event.pk, action="ticketing.notice.undone").exists()


def test_another_venue_is_undone_too(first, order):
    change = PerformanceChange(ChangeAction.VENUE, [first], fields={"venue": make_venue("Town Church")})
    performance_changes.undo_change(performance_changes.carry_out_change(change, by=None), by=None)
    first.refresh_from_db()
    assert (first.venue, first.former_venue) == (None, None)


def test_once_it_is_sent_nothing_is_undone(first, order, clock):
    clock.shift(timedelta(minutes=1))
    notice = performance_changes.carry_out_change(cancel(first), by=None)
    dispatch.start_sending(notice, by=None)
    with pytest.raises(NotUndoable):
        performance_changes.undo_change(notice, by=None)


def test_once_somebody_refunds_nothing_is_undone(first, kind, clock):
    make_paid_order(kind)
    notice = performance_changes.carry_out_change(cancel(first), by=None)
    clock.shift(timedelta(minutes=1))
    batch_refunds.start_batch(availability.find_sale(kind.sale.pk), by=None, reason="Storm.")
    with pytest.raises(NotUndoable):
        performance_changes.undo_change(notice, by=None)


def test_what_the_page_says_is_put_back_on_the_page(event, first, order):
    event.age_limit = "Over 18s."
    event.save_revision().publish()
    with pytest.raises(NotUndoable):
        performance_changes.undo_change(ChangeNotice.objects.get(), by=None)


def test_what_takes_place_after_all_is_told_as_such(first, order):
    notice = performance_changes.carry_out_change(cancel(first), by=None)
    ChangeNotice.objects.filter(pk=notice.pk).update(state="sent")
    resumed = PerformanceChange(ChangeAction.RESUME, [first])
    notice = performance_changes.carry_out_change(resumed, by=None)
    assert notice.kind == ChangeKind.RESUMED
    assert ChangeAction.RESUME not in performance_changes.list_actions(first)


def test_effects_say_who_what_and_how_much(event, first, second, kind):
    for email in ("ana@example.je", "ANA@example.je", "bob@example.je"):
        make_paid_order(kind, buyer_email=email)
    make_paid_order(make_type(make_pass(event), price="30.00"))
    make_paid_order(make_type(make_sale(performance=second), price="10.00"))
    told = effects.plan_effects(cancel(first, refunds_everybody=True))
    assert (told.audience.orders, told.audience.addresses) == (4, 2)
    assert (told.refunds, told.amount) == (3, Decimal("72.00"))
    assert [sale.pk for sale in told.stopping] == [kind.sale.pk]
    assert [sale.is_pass for sale in told.kept_passes] == [True]
    everything = effects.plan_effects(cancel(first, second, refunds_everybody=True))
    assert (everything.refunds, everything.amount) == (5, Decimal("152.00"))
    assert len(everything.stopping) == 3
    assert everything.kept_passes == []


def test_without_refunds_nobodys_money_goes_back(first, kind, order):
    told = effects.plan_effects(cancel(first))
    assert (told.refunds, told.amount) == (0, Decimal("0.00"))


def change(action, date, **what):
    notice = performance_changes.carry_out_change(PerformanceChange(action, [date], **what), by=None)
    date.refresh_from_db()
    return notice


def test_what_takes_place_online_stays_so_on_another_day_and_after_it_was_off(first, order):
    change(ChangeAction.ONLINE, first, fields={"link": "https://watch.example.je/"})
    change(ChangeAction.MOVE, first, fields={"starts_at": FIRST + timedelta(days=3)})
    assert first.status == PerformanceStatus.MOVED_ONLINE
    change(ChangeAction.CANCEL, first)
    change(ChangeAction.RESUME, first)
    assert first.status == PerformanceStatus.MOVED_ONLINE
    change(ChangeAction.VENUE, first, fields={"venue": make_venue("Town Church")})
    assert (first.status, first.link) == (PerformanceStatus.RESCHEDULED, "")
    change(ChangeAction.CANCEL, first)
    change(ChangeAction.RESUME, first)
    assert first.status == PerformanceStatus.RESCHEDULED


def test_what_was_decided_stays_when_something_else_changes(first, order):
    change(ChangeAction.POSTPONE, first, choice_days=14)
    assert change(ChangeAction.VENUE, first, fields={"venue": make_venue("Town Church")}).choice_days == 14
    notice = change(ChangeAction.CANCEL, first, refunds_everybody=True)
    assert (notice.refunds_everybody, notice.choice_days) == (True, 0)
    assert change(ChangeAction.CANCEL, first, note="Gale.").refunds_everybody  # by who may not decide about money


def test_money_that_no_mail_would_bring_is_not_promised(first, order, clock):
    notice = change(ChangeAction.CANCEL, first, refunds_everybody=False)
    dispatch.start_sending(notice, by=None)
    clock.shift(timedelta(minutes=1))
    with pytest.raises(ToldAlready):
        change(ChangeAction.CANCEL, first, note="Gale.", refunds_everybody=True)
    first.refresh_from_db()
    assert first.status_note == ""
    assert change(ChangeAction.CANCEL, first, note="Gale.", refunds_everybody=False) is None


def test_who_is_paying_meanwhile_gets_what_was_decided(first, kind):
    pending = place_order(kind)
    notice = change(ChangeAction.CANCEL, first, refunds_everybody=True)
    assert (notice.kind, notice.refunds_everybody) == (ChangeKind.CANCELLED, True)
    assert audience.list_told_orders(notice).count() == 0
    record_payment(pending)
    settle(pending)
    assert list(audience.list_told_orders(notice)) == [pending]


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        (ChangeAction.CANCEL, {"scheduled", "moved_online", "postponed"}),
        (ChangeAction.POSTPONE, {"scheduled", "moved_online"}),
        (ChangeAction.VENUE, {"scheduled", "moved_online"}),
        (ChangeAction.ONLINE, {"scheduled", "moved_online"}),
        (ChangeAction.RESUME, {"cancelled", "postponed"}),
    ],
)
def test_what_is_off_is_not_meant_by_all_dates(first, action, meant):
    """Its holders have their money back, or wait for a new day."""
    found = set()
    for status in ("scheduled", "moved_online", "postponed", "cancelled"):
        first.status = PerformanceStatus(status)
        found |= {status} if performance_changes.is_meant(action, first) else set()
    assert found == meant
