"""Keep or money back, when a date was postponed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from payments.enums import RefundState
from payments.models import Refund
from tests.factories import make_order_line, make_pass, make_sale, make_type
from tests.stories import find_open_choice, make_paid_order, pay_in_full, run_workers
from tests.ticketing.domain.changes.conftest import FIRST
from ticketing.domain.changes import choices, dispatch
from ticketing.domain.changes.choices import ChoiceOver
from ticketing.enums import TicketState
from ticketing.models import ChangeNotice, OrderRefund, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(kind, clock):
    order = make_paid_order(kind)
    clock.shift(timedelta(minutes=1))
    return order


def postpone(first, *, days=14):
    change_performance(first, status=PerformanceStatus.POSTPONED)
    ChangeNotice.objects.update(choice_days=days)
    notice = ChangeNotice.objects.latest("pk")
    dispatch.start_sending(notice, by=None)
    dispatch.tell_next_orders(notice.pk)
    return ChangeNotice.objects.get(pk=notice.pk)


def test_it_works(first, paid):
    notice = postpone(first)
    choice = find_open_choice(paid)
    assert (choice.performance, choice.amount, choice.until) == (first, Decimal("24.00"), notice.choice_until)
    assert f"{choice.until:%Y-%m-%d %H:%M}" == "2027-03-27 23:59"
    refund = choices.choose_refund(paid, choice)
    assert (refund.notice, refund.refund.amount, refund.by) == (notice, Decimal("24.00"), None)
    assert set(refund.tickets.all()) == set(Ticket.objects.all())
    assert find_open_choice(paid) is None


def test_the_tickets_are_void_and_the_seats_free_once_it_is_proved(first, kind, paid):
    postpone(first)
    choices.choose_refund(paid, find_open_choice(paid))
    Refund.objects.update(state=RefundState.PROVED)
    run_workers()
    assert set(Ticket.objects.values_list("state", flat=True)) == {TicketState.VOID}
    kind.sale.refresh_from_db()
    assert kind.sale.allocated == 0


def test_a_draft_offers_nothing(first, paid):
    change_performance(first, status=PerformanceStatus.POSTPONED)
    ChangeNotice.objects.update(choice_days=14)
    assert find_open_choice(paid) is None


def test_silence_keeps_and_after_the_last_day_it_is_over(first, paid, clock):
    postpone(first)
    choice = find_open_choice(paid)
    clock.shift(timedelta(days=15))
    assert find_open_choice(paid) is None
    with pytest.raises(ChoiceOver):
        choices.choose_refund(paid, choice)
    assert not OrderRefund.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {TicketState.VALID}


def test_a_second_press_asks_for_nothing_more(first, paid):
    postpone(first)
    choice = find_open_choice(paid)
    choices.choose_refund(paid, choice)
    with pytest.raises(ChoiceOver):
        choices.choose_refund(paid, choice)
    assert OrderRefund.objects.count() == 1


def test_without_days_there_is_no_choice(first, paid):
    postpone(first, days=0)
    assert find_open_choice(paid) is None


def test_of_a_pass_and_of_other_dates_nothing_goes_back(event, first, second, kind, clock):
    order = make_paid_order(make_type(make_sale(performance=second), price="10.00"))
    make_order_line(order, make_type(make_pass(event), price="30.00"))
    clock.shift(timedelta(minutes=1))
    postpone(first)
    assert choices.list_open_choices(order) == []


def test_each_date_is_chosen_by_itself(first, second, kind, clock):
    order = make_paid_order(kind)
    make_order_line(order, make_type(make_sale(performance=second), price="10.00"), quantity=1)
    type(order).objects.filter(pk=order.pk).update(total=Decimal("34.00"))
    order.refresh_from_db()
    pay_in_full(order)
    clock.shift(timedelta(minutes=1))
    for date in (first, second):
        postpone(date)
    with pytest.raises(ChoiceOver):
        choices.find_choice(order, "")
    [_one, other] = choices.list_open_choices(order)
    choices.choose_refund(order, other)
    assert Refund.objects.get().amount == Decimal("10.00")
    assert [each.performance for each in choices.list_open_choices(order)] == [first]


def test_free_tickets_may_be_given_back_too(first, clock):
    order = make_paid_order(make_type(make_sale(performance=first), price="0.00"))
    clock.shift(timedelta(minutes=1))
    postpone(first)
    choices.choose_refund(order, find_open_choice(order))
    assert not Refund.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {TicketState.VOID}


def test_whoever_was_in_does_not_get_the_money_back(first, paid, clock):
    postpone(first)
    change_performance(first, starts_at=FIRST + timedelta(days=1))
    Ticket.objects.update(state=TicketState.USED)
    assert find_open_choice(paid) is None


def test_once_it_has_begun_nothing_is_to_be_chosen(first, paid, clock):
    postpone(first, days=200)
    change_performance(first, starts_at=FIRST + timedelta(days=1), status=PerformanceStatus.RESCHEDULED)
    assert find_open_choice(paid)
    clock.move_to(FIRST + timedelta(days=1, minutes=1))
    assert find_open_choice(paid) is None


def test_whoever_bought_later_knew(first, kind, paid, clock):
    postpone(first)
    clock.shift(timedelta(days=1))
    assert find_open_choice(make_paid_order(kind)) is None


def test_a_pass_has_a_choice_once_no_date_is_left(first, second, event):
    order = make_paid_order(make_type(make_pass(event), price="30.00"))
    change_performance(second, status=PerformanceStatus.CANCELLED)
    postpone(first)
    choice = find_open_choice(order)
    assert (choice.is_pass, choice.amount) == (True, Decimal("60.00"))
    assert choices.find_choice(order, choice.key) == choice
    change_performance(second, status=PerformanceStatus.SCHEDULED)
    assert find_open_choice(order) is None
