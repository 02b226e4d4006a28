"""Stock: never more than there is, always as many as the rows say."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events_pages.public import content_version
from tests import factories
from tests.factories import make_sale, make_type, make_wish
from tests.stories import hold_tickets, order_basket
from ticketing.domain.catalogue import availability
from ticketing.domain.errors import SoldOut
from ticketing.domain.stock import allocation, holds
from ticketing.models import BasketLine, EventSale, TicketType


def counters(ticket_type):
    ticket_type.refresh_from_db()
    ticket_type.sale.refresh_from_db()
    return ticket_type.sale.allocated, ticket_type.allocated


def hold(ticket_type, quantity, *, ended=False):
    basket = holds.hold_seats(None, sale=ticket_type.sale, quantities={ticket_type.pk: quantity})
    if ended:
        basket.lines.update(expires_at=timezone.now() - timedelta(minutes=1))
    return basket


def test_allocate_counts_on_sale_and_type(db):
    adult = make_type()
    allocation.allocate_seats(adult.sale_id, quantities={adult.pk: 3})
    assert counters(adult) == (3, 3)


def test_release_gives_back(db):
    adult = make_type()
    allocation.allocate_seats(adult.sale_id, quantities={adult.pk: 3})
    allocation.release_seats(adult.sale_id, quantities={adult.pk: 2})
    assert counters(adult) == (1, 1)


def test_allocate_refuses_more_than_the_capacity_and_says_how_many_are_left(db):
    adult = make_type(make_sale(capacity=5))
    allocation.allocate_seats(adult.sale_id, quantities={adult.pk: 3})
    with pytest.raises(SoldOut) as refusal, transaction.atomic():
        allocation.allocate_seats(adult.sale_id, quantities={adult.pk: 3})
    assert (refusal.value.remaining, refusal.value.message) == (2, "Only 2 tickets are left.")
    assert counters(adult) == (3, 3)


def test_allocate_names_the_type_that_is_sold_out(db):
    child = make_type(name="Child", limit=2)
    with pytest.raises(SoldOut) as refusal, transaction.atomic():
        allocation.allocate_seats(child.sale_id, quantities={child.pk: 3})
    assert refusal.value.message == "Only 2 tickets are left for Child."


def test_allocate_takes_all_or_nothing(db):
    sale = make_sale(capacity=10)
    adult, child = make_type(sale), make_type(sale, name="Child", limit=1)
    with pytest.raises(SoldOut), transaction.atomic():
        allocation.allocate_seats(sale.pk, quantities={adult.pk: 2, child.pk: 2})
    assert counters(adult) == (0, 0)
    assert counters(child) == (0, 0)


def test_change_moves_only_the_difference(db):
    sale = make_sale(capacity=2)
    adult, child = make_type(sale), make_type(sale, name="Child")
    allocation.allocate_seats(sale.pk, quantities={adult.pk: 2})
    allocation.change_allocation(sale.pk, deltas={adult.pk: -1, child.pk: 1})
    assert counters(adult) == (2, 1)
    assert counters(child) == (2, 1)


@pytest.mark.parametrize("act", [allocation.allocate_seats, allocation.release_seats])
def test_negative_quantities_are_a_mistake_of_the_caller(db, act):
    adult = make_type()
    with pytest.raises(ValueError, match="never negative"):
        act(adult.sale_id, quantities={adult.pk: -1})


def test_release_never_goes_below_nothing_and_says_so(db, caplog):
    adult = make_type()
    allocation.release_seats(adult.sale_id, quantities={adult.pk: 2})
    assert counters(adult) == (0, 0)
    assert "allocation.drift" in caplog.text


def test_no_room_reclaims_ended_holds_of_that_sale_first(db):
    adult = make_type(make_sale(capacity=2))
    ended = hold(adult, 2, ended=True)
    hold(adult, 1)
    assert counters(adult) == (1, 1)
    line = ended.lines.get()
    assert (line.quantity, line.expires_at) == (2, None)


def test_no_room_leaves_live_holds_alone(db):
    adult = make_type(make_sale(capacity=2))
    hold(adult, 2)
    with pytest.raises(SoldOut):
        hold(adult, 1)
    assert counters(adult) == (2, 2)


def test_reclaim_gives_back_what_ended_and_no_more(db):
    adult = make_type()
    hold(adult, 2, ended=True)
    hold(adult, 3)
    make_wish(adult)
    assert allocation.reclaim_expired_holds() == 1
    assert allocation.reclaim_expired_holds() == 0
    assert counters(adult) == (3, 3)


def test_reclaim_is_bounded(db):
    adult = make_type()
    for _ in range(3):
        hold(adult, 1, ended=True)
    assert allocation.reclaim_expired_holds(limit=2) == 2
    assert counters(adult) == (1, 1)


@pytest.fixture
def purged(monkeypatch):
    calls = []
    monkeypatch.setattr(content_version, "purge_pages", lambda: calls.append("purge"))
    return calls


def test_pages_are_forgotten_when_a_sale_turns_sold_out_and_back(db, purged, django_capture_on_commit_callbacks):
    adult = make_type(make_sale(capacity=4))

    def purges(act, number):
        purged.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act(adult.sale_id, quantities={adult.pk: number})
        return len(purged)

    assert purges(allocation.allocate_seats, 3) == 0
    assert purges(allocation.allocate_seats, 1) == 1
    assert purges(allocation.release_seats, 2) == 1
    assert purges(allocation.release_seats, 1) == 0


def test_pages_are_forgotten_when_a_type_turns_sold_out(db, purged, django_capture_on_commit_callbacks):
    adult = make_type(limit=2)
    with django_capture_on_commit_callbacks(execute=True):
        allocation.allocate_seats(adult.sale_id, quantities={adult.pk: 2})
    assert purged == ["purge"]


# Audit and repair


def test_audit_is_silent_when_counters_agree(db):
    adult = make_type()
    hold(adult, 2)
    make_wish(adult)
    assert allocation.audit_counters() == []
    call_command("audit_capacity")


def test_audit_names_sale_and_type_that_drift(db):
    adult = make_type()
    hold(adult, 2)
    TicketType.objects.filter(pk=adult.pk).update(allocated=5)
    EventSale.objects.filter(pk=adult.sale_id).update(allocated=1)
    drifts = {(drift.model, drift.counter, drift.rows) for drift in allocation.audit_counters()}
    assert drifts == {(TicketType, 5, 2), (EventSale, 1, 2)}


def test_command_fails_on_drift_and_repairs_it(db, capsys):
    adult = make_type()
    hold(adult, 2)
    EventSale.objects.filter(pk=adult.sale_id).update(allocated=9)
    with pytest.raises(CommandError) as refusal:
        call_command("audit_capacity")
    assert refusal.value.returncode == 1
    assert f"ticket sale {adult.sale_id}: counter 9, rows 2" in capsys.readouterr().out
    call_command("audit_capacity", repair=True)
    assert allocation.audit_counters() == []


# What holds when the code does not


def take_the_condition_away(monkeypatch):
    monkeypatch.setattr(allocation, "_room", lambda model, number: Q())


def test_check_refuses_what_a_bug_lets_through(db, monkeypatch):
    take_the_condition_away(monkeypatch)
    adult = make_type(make_sale(capacity=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        allocation.allocate_seats(adult.sale_id, quantities={adult.pk: 2})
    assert counters(adult) == (0, 0)


def constraint_of(model, name):
    return next(one for one in model._meta.constraints if one.name == name)


@pytest.mark.postgres
def test_oversale_is_seen_when_the_check_is_gone_too(transactional_db, monkeypatch):
    take_the_condition_away(monkeypatch)
    adult = make_type(make_sale(capacity=1))
    check = constraint_of(EventSale, "sale_never_oversold")
    with connection.schema_editor() as editor:
        editor.remove_constraint(EventSale, check)
    try:
        hold(adult, 2)
        assert [sale.pk for sale in allocation.list_oversold()] == [adult.sale_id]
        with pytest.raises(CommandError):
            call_command("audit_capacity")
    finally:
        BasketLine.objects.all().delete()
        EventSale.objects.update(allocated=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(EventSale, check)


# Whatever the order of events


QUANTITIES = st.dictionaries(st.integers(0, 2), st.integers(-4, 6), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(QUANTITIES, max_size=8), capacity=st.integers(0, 12))
def test_counters_never_pass_their_limits(db, changes, capacity):
    with transaction.atomic():
        sale = make_sale(capacity=capacity)
        types = [make_type(sale, name="Any"), make_type(sale, limit=3), make_type(sale, limit=0)]
        expected = dict.fromkeys([one.pk for one in types], 0)
        for change in changes:
            deltas = {types[index].pk: max(delta, -expected[types[index].pk]) for index, delta in change.items()}
            wanted = {pk: number + deltas.get(pk, 0) for pk, number in expected.items()}
            try:
                with transaction.atomic():
                    allocation.change_allocation(sale.pk, deltas=deltas)
                expected = wanted
            except SoldOut:
                assert does_not_fit(wanted, expected, types, capacity)
        assert dict(TicketType.objects.filter(sale=sale).values_list("pk", "allocated")) == expected
        sale.refresh_from_db()
        assert sale.allocated == sum(expected.values()) <= capacity
        transaction.set_rollback(True)


def does_not_fit(wanted, before, types, capacity):
    over_limit = any(one.limit is not None and wanted[one.pk] > max(one.limit, before[one.pk]) for one in types)
    return over_limit or sum(wanted.values()) > capacity


# Two buyers at once


@pytest.mark.postgres
def test_two_threads_never_sell_the_last_seats_twice(transactional_db):
    adult = make_type(make_sale(capacity=5), price="0.00")
    outcomes = []

    def buy():
        try:
            hold(adult, 2)
            outcomes.append("held")
        except SoldOut:
            outcomes.append("sold out")
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held"] * 2 + ["sold out"] * 6
    assert counters(adult) == (4, 4)
    assert allocation.audit_counters() == []


# Passes that take a seat on every date


@pytest.fixture
def festival(db):
    """Two dates of ten seats each, and a pass that takes a seat on both; types of each sale."""
    page = factories.make_event("Sea Fete")
    second = factories.make_performance(page)
    days = [factories.make_sale(page, capacity=10), factories.make_sale(performance=second, capacity=10)]
    both = factories.make_pass(page, capacity=20, takes_date_seats=True)
    return [factories.make_type(sale, price="0") for sale in (*days, both)]


def taken(*types):
    return [type(kind.sale).objects.get(pk=kind.sale_id).allocated for kind in types]


def test_a_pass_takes_a_seat_on_every_date(festival):
    basket = hold_tickets(festival[2], quantity=3)
    assert taken(*festival) == [3, 3, 3]
    holds.empty_basket(basket)
    assert taken(*festival) == [0, 0, 0]
    assert allocation.audit_counters() == []


def test_a_pass_finds_no_room_where_one_date_is_full(festival):
    hold_tickets(festival[1], quantity=9)
    with pytest.raises(SoldOut) as refused:
        hold_tickets(festival[2], quantity=2)
    assert refused.value.remaining == 1
    assert taken(*festival) == [0, 9, 0]
    assert availability.seats_left(fresh_sale(festival[2])) == 1


def fresh_sale(kind):
    return type(kind.sale).objects.get(pk=kind.sale_id)


def test_a_date_is_sold_out_by_passes_too(festival):
    order_basket(hold_tickets(festival[2], quantity=10))
    with pytest.raises(SoldOut):
        hold_tickets(festival[0], quantity=1)
    assert allocation.audit_counters() == []


def test_ended_holds_of_passes_free_every_date(festival):
    hold_tickets(festival[2], quantity=10)
    BasketLine.objects.update(expires_at=timezone.now())
    basket = hold_tickets(festival[2], quantity=2)
    assert taken(*festival) == [2, 2, 2]
    basket.lines.update(expires_at=timezone.now())
    assert allocation.reclaim_expired_holds() == 1
    assert taken(*festival) == [0, 0, 0]


def test_a_date_that_is_added_later_begins_with_the_passes(festival):
    hold_tickets(festival[2], quantity=3)
    third = factories.make_sale(performance=factories.make_performance(festival[0].sale.page), capacity=10)
    assert third.allocated == 3
    assert allocation.audit_counters() == []
    late = EventSale(page=third.page, performance=factories.make_performance(third.page), capacity=2)
    with pytest.raises(ValidationError):
        late.full_clean()


def test_a_pass_with_a_limit_of_its_own_leaves_the_dates_alone(festival):
    alone = factories.make_type(factories.make_pass(festival[0].sale.page, capacity=5, name="Donor"), price="0")
    hold_tickets(alone, quantity=5)
    assert taken(*festival, alone) == [0, 0, 0, 5]
    assert allocation.audit_counters() == []


def test_a_night_audits_what_may_still_move_and_in_four_weeks_all(db):
    now = timezone.now()
    coming = make_sale(factories.make_event(starts_at=now + timedelta(days=3)))
    past = make_sale(factories.make_event(starts_at=now - timedelta(days=90)))
    nights = [
        {pk for part in allocation.list_sales_to_audit(now + timedelta(days=day)) for pk in part}
        for day in range(allocation.AUDIT_NIGHTS)
    ]
    assert all(coming.pk in night for night in nights)
    assert sum(past.pk in night for night in nights) == 1
