"""The lines of an order as they stand today, and what becomes of the money of what is off."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from events_pages.enums import PerformanceStatus
from payments.enums import RefundState
from payments.models import Refund
from tests import factories, stories
from ticketing.domain.admission import checkin
from ticketing.domain.orders import line_dates
from ticketing.enums import MoneyBack
from ticketing.models import Ticket

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)


def make_line_of(title="Sea Shanties", *, order=None, price="12.00", starts_at=EVENING):
    kind = factories.make_type(factories.make_sale(factories.make_event(title, starts_at=starts_at)), price=price)
    return factories.make_order_line(order, kind) if order else factories.make_order(kind).lines.get()


def end(line, status=PerformanceStatus.CANCELLED):
    type(line.sale.performance).objects.filter(pk=line.sale.performance_id).update(status=status)


def read(order):
    return line_dates.list_lines(order, timezone.now())


def money_back_of(order):
    lines = read(order)
    line_dates.attach_money_back(order, lines)
    return [getattr(line, "money_back", None) for line in lines]


def test_the_copies_of_a_line_stay_what_was_bought():
    line = make_line_of()
    line.sale.performance.starts_at += timedelta(days=1)
    line.sale.performance.save()
    [found] = read(line.order)
    assert found.starts_at == EVENING
    assert found.date.when_words == "Now Sat 10 July 2027, 19:30 (it was Fri 9 July, 19:30)"


@pytest.mark.parametrize("number", [1, 4])
def test_any_number_of_lines_costs_one_statement(number, django_assert_num_queries):
    order = make_line_of().order
    for _ in range(number - 1):
        make_line_of(order=order)
    factories.forget_edits()
    read(order)
    with django_assert_num_queries(1):
        for line in read(order):
            assert line.date.when_words
            assert line.date.place_words


@pytest.mark.parametrize("number", [1, 4])
def test_any_number_of_passes_costs_one_statement_at_first(number, django_assert_num_queries):
    kinds = [factories.make_type(factories.make_pass(factories.make_event(starts_at=EVENING))) for _ in range(number)]
    order = factories.make_order(kinds[0])
    for kind in kinds[1:]:
        factories.make_order_line(order, kind)
    factories.forget_edits()
    with django_assert_num_queries(3):  # lines, what surrounds their sales, the dates of the passes
        assert {line.date.when for line in read(order)} == {"Fri 9 July 2027, 19:30"}
    with django_assert_num_queries(1):
        assert {line.date.when for line in read(order)} == {"Fri 9 July 2027, 19:30"}


def test_money_is_not_spoken_of_while_it_takes_place(django_assert_num_queries):
    order = make_line_of().order
    lines = read(order)
    with django_assert_num_queries(0):
        line_dates.attach_money_back(order, lines)
    assert money_back_of(order) == [None]


def test_free_tickets_have_no_money_to_give_back():
    line = make_line_of(price="0.00")
    end(line)
    assert money_back_of(line.order) == [MoneyBack.FREE]


def test_money_that_nobody_asked_for_is_said_to_be_there():
    line = make_line_of()
    end(line)
    assert money_back_of(line.order) == [MoneyBack.NOT_ASKED]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RefundState.REQUESTED, MoneyBack.ASKED),
        (RefundState.SENT, MoneyBack.ASKED),
        (RefundState.WAITING, MoneyBack.WAITING),
        (RefundState.PROVED, MoneyBack.RETURNED),
        (RefundState.FAILED, MoneyBack.NOT_ASKED),
        (RefundState.CANCELLED, MoneyBack.NOT_ASKED),
    ],
)
def test_a_refund_is_told_as_far_as_it_came(state, said):
    order = stories.make_paid_order()
    end(order.lines.get())
    stories.request_refund(order)
    Refund.objects.update(state=state)
    assert money_back_of(order) == [said]


def test_each_line_hears_of_its_own_money():
    order = stories.make_paid_order(factories.make_type(factories.make_sale(), price="12.00"))
    other = make_line_of("Tales", order=order, price="0.00")
    first = order.lines.first()
    for line in (first, other):
        end(line)
    stories.request_refund(order, tickets=list(first.tickets.all()))
    assert money_back_of(order) == [MoneyBack.ASKED, MoneyBack.FREE]


def test_a_heading_names_what_takes_place_first():
    gone = make_line_of("Gone")
    order = gone.order
    waits = make_line_of("Waits", order=order)
    make_line_of("Stays", order=order)
    end(gone)
    end(waits, PerformanceStatus.POSTPONED)
    lines = read(order)
    assert line_dates.choose_told_line(lines).event_title == "Stays"
    assert line_dates.choose_told_line(lines[:2]).event_title == "Waits"
    assert line_dates.choose_told_line(lines[:1]).event_title == "Gone"
    assert line_dates.choose_told_line([]) is None
    assert [line.news[0] for line in line_dates.list_news(lines)] == [
        "Gone is called off: Fri 9 July 2027, 19:30",
        "Waits is postponed",
    ]


def test_two_lines_of_one_date_are_one_piece_of_news():
    line = make_line_of()
    factories.make_order_line(line.order, factories.make_type(line.sale, name="Child"))
    end(line)
    assert len(line_dates.list_news(read(line.order))) == 1


def test_a_pass_shows_where_it_was_used(django_assert_num_queries):
    page = factories.make_event(starts_at=EVENING)
    second = factories.make_performance(page, starts_at=EVENING + timedelta(days=1))
    order = factories.make_order(factories.make_type(factories.make_pass(page)), quantity=2)
    used, fresh = Ticket.objects.order_by("number")
    checkin.redeem_ticket(used.code, performance=second, by=None)
    checkin.redeem_ticket(used.code, performance=second, by=None)  # refused, and no second use
    [line] = read(order)
    for ticket in (used, fresh):
        ticket.line = line
    with django_assert_num_queries(1):
        line_dates.attach_uses([used, fresh])
    assert [(words, at is not None) for words, at in used.dates] == [
        ("Fri 9 July 2027, 19:30", False),
        ("Sat 10 July 2027, 19:30", True),
    ]
    assert [at for _words, at in fresh.dates] == [None, None]
