"""The statement of an event: what an accountant adds up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.domain import states
from payments.enums import MovementKind, PaymentState, RefundOrigin, RefundState
from payments.models import Movement, Refund
from tests import factories
from tests.payments.factories import make_payment
from ticketing.domain.accounting.statements import FIGURES, build_statement
from ticketing.enums import OrderState, TicketState
from ticketing.models import Order, OrderRefund, Ticket

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)
MONEY = [name for name in FIGURES if name not in ("sold", "free", "void")]


def pay(order, amount=None):
    payment = make_payment(order.reference, amount=str(amount or order.total), merchant=order.merchant)
    states.advance(payment, PaymentState.PAID, paid_at=timezone.now(), transaction_code=f"T{payment.pk}")
    return payment


def move(payment, kind, amount, *, fee=None, payout="", status="SUCCESSFUL"):
    return Movement.objects.create(
        merchant=payment.merchant,
        payment=payment,
        kind=kind,
        sumup_id=f"{kind}-{Movement.objects.count()}",
        amount=amount,
        fee=fee,
        currency="GBP",
        status=status,
        payout_reference=payout,
        payout_date=timezone.localdate() if payout else None,
        at=timezone.now(),
    )


def give_back(payment, amount, **fields):
    return Refund.objects.create(
        merchant=payment.merchant,
        payment=payment,
        subject=payment.subject,
        transaction_id=f"t-{payment.pk}",
        amount=amount,
        currency="GBP",
        **{"state": RefundState.PROVED} | fields,
    )


def order_over(*types, quantity=1, **fields):
    """One completed order with a line of each type."""
    first, *others = types
    order = factories.make_order(first, quantity=quantity, **fields)
    for each in others:
        factories.make_order_line(order, each, quantity=quantity)
    Order.objects.filter(pk=order.pk).update(total=sum(line.total for line in order.lines.all()))
    order.refresh_from_db()
    return order


def test_it_works():
    sale = factories.make_sale()
    adult, child = factories.make_type(sale), factories.make_type(sale, name="Infant", price="0.00")
    order = order_over(adult, child, quantity=2)
    payment = pay(order)
    move(payment, MovementKind.PAYMENT, "24.00", fee="0.60")
    move(payment, MovementKind.PAYOUT, "23.40", fee="0.60", payout="P-1")
    found = build_statement(sale.page)
    assert found.total == {
        "sold": 2,
        "free": 2,
        "void": 0,
        "gross": Decimal("24.00"),
        "booking_fees": Decimal("0.00"),
        "given_back": Decimal("0.00"),
        "charged_back": Decimal("0.00"),
        "fees": Decimal("0.60"),
        "net": Decimal("23.40"),
        "gst": Decimal("0.00"),
        "paid_out": Decimal("23.40"),
        "fee_missing": 0,
    }
    assert [(each.reference, each.amount) for each in found.payouts] == [("P-1", Decimal("23.40"))]
    assert (found.not_paid_out, found.undecided) == (0, 0)
    assert [(row.name, row.price, row.issued) for row in found.types] == [("Adult", 12, 2), ("Infant", 0, 2)]
    assert found.merchants == [order.merchant]


def test_nothing_sold_is_a_statement_too():
    found = build_statement(factories.make_sale())
    assert (found.rows, found.period, found.payouts, found.total["net"]) == ([], None, [], 0)


def test_a_fee_that_sumup_has_not_told_is_counted_as_missing():
    order = factories.make_order()
    move(pay(order), MovementKind.PAYMENT, "24.00")
    found = build_statement(order.lines.get().sale)
    assert (found.total["fees"], found.total["fee_missing"]) == (0, 1)


def test_refunds_count_once_they_are_proved():
    order = factories.make_order()
    payment = pay(order)
    give_back(payment, "5.00")
    give_back(payment, "6.00", state=RefundState.WAITING)
    give_back(payment, "7.00", origin=RefundOrigin.CHARGE_BACK)
    total = build_statement(order.lines.get().sale).total
    assert (total["given_back"], total["charged_back"], total["net"]) == (5, 7, 12)


def test_deductions_are_taken_off_the_payouts():
    order = factories.make_order()
    payment = pay(order)
    move(payment, MovementKind.PAYOUT, "23.40", payout="P-1")
    move(payment, MovementKind.PAYOUT, "23.40", payout="P-1", status="FAILED")
    move(payment, MovementKind.REFUND_DEDUCTION, "5.00", payout="P-2")
    found = build_statement(order.lines.get().sale)
    assert [(each.reference, each.amount) for each in found.payouts] == [
        ("P-1", Decimal("23.40")),
        ("P-2", Decimal("-5.00")),
    ]


def test_a_refund_of_one_ticket_belongs_to_its_event_alone():
    mine, other = factories.make_type(price="10.00"), factories.make_type(price="30.00")
    order = order_over(mine, other)
    refund = give_back(pay(order), "10.00")
    ticket = Ticket.objects.get(line__ticket_type=mine)
    Ticket.objects.filter(pk=ticket.pk).update(state=TicketState.VOID)
    OrderRefund.objects.create(order=order, refund=refund, reason="ill").tickets.add(ticket)
    totals = [build_statement(each.sale).total for each in (mine, other)]
    assert [(total["given_back"], total["void"], total["net"]) for total in totals] == [(10, 1, 0), (0, 0, 30)]


@pytest.mark.parametrize(
    "state",
    [
        OrderState.COMPLETED,
        OrderState.REFUNDED,
        OrderState.REQUIRES_MANUAL_REVIEW,
        OrderState.CANCELLED,
        OrderState.PENDING_VERIFICATION,
    ],
)
def test_whatever_was_paid_is_counted(state):
    order = factories.make_order(state=state)
    pay(order)
    found = build_statement(order.lines.get().sale)
    assert found.total["gross"] == order.total
    assert found.undecided == (order.total if state == OrderState.REQUIRES_MANUAL_REVIEW else 0)


def test_an_unpaid_order_is_not_counted():
    order = factories.make_order(state=OrderState.EXPIRED)
    make_payment(order.reference)
    assert build_statement(order.lines.get().sale).rows == []


def test_the_page_is_all_its_sales():
    page = factories.make_event()
    first, second = (factories.make_type(factories.make_sale(page)) for _ in range(2))
    for each in (first, second):
        pay(factories.make_order(each))
    assert build_statement(page).total["gross"] == 48
    assert build_statement(first.sale).total["gross"] == 24


@pytest.fixture
def three_events():
    return [factories.make_type(price="1.00") for _ in range(3)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.integers(0, 4000), min_size=3, max_size=3).filter(any),
    fee=st.integers(0, 500),
    refund=st.integers(1, 3000),
)
def test_the_statements_of_all_events_add_up_to_what_moved(three_events, prices, fee, refund):
    fee, refund, total = Decimal(fee) / 100, Decimal(refund) / 100, Decimal(sum(prices)) / 100
    with transaction.atomic():
        order = order_over(*three_events)
        for line, price in zip(order.lines.all(), prices, strict=True):
            type(line).objects.filter(pk=line.pk).update(unit_price=Decimal(price) / 100)
        payment = pay(order, total)
        move(payment, MovementKind.PAYMENT, total, fee=fee)
        move(payment, MovementKind.PAYOUT, total - fee, payout="P-1")
        give_back(payment, refund)
        totals = [build_statement(each.sale).total for each in three_events]
        transaction.set_rollback(True)
    moved = {"gross": total, "fees": fee, "given_back": refund, "paid_out": total - fee}
    assert {name: sum(each[name] for each in totals) for name in moved} == moved


@pytest.mark.parametrize("count", [1, 4])
def test_any_number_of_orders_asks_the_same(count, django_assert_num_queries):
    kind = factories.make_type()
    for _ in range(count):
        payment = pay(factories.make_order(kind))
        move(payment, MovementKind.PAYMENT, "24.00", fee="0.60")
        give_back(payment, "5.00")
    with django_assert_num_queries(7):
        found = build_statement(kind.sale)
        assert found.total["net"] == Decimal("18.40") * count
        assert len(found.merchants) == 1


def test_dates_come_in_their_order_and_each_row_names_its_own():
    page = factories.make_event(starts_at=EVENING)
    late = factories.make_sale(page, starts_at=EVENING + timedelta(days=2))
    early = factories.make_sale(page)
    both = factories.make_pass(page)
    order = order_over(factories.make_type(late), factories.make_type(early))
    order_over(factories.make_type(both))
    found = build_statement(page)
    assert found.sales == [both, early, late]
    assert [row.sale for row in found.types] == [both, early, late]
    assert {row.order: row.sales for row in found.rows}[order] == [early, late]
