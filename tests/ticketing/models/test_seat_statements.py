"""What PostgreSQL does in one statement is what the ORM does in several."""

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_pass, make_sale, make_type, make_wish
from ticketing.domain.stock import allocation, holds
from ticketing.models import Basket, BasketLine, EventSale, TicketType, seat_statements

only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere the ORM does it")


def list_counters():
    sales, types = EventSale.objects.order_by("pk"), TicketType.objects.order_by("pk")
    return list(sales.values_list("pk", "allocated")), list(types.values_list("pk", "allocated"))


def take_by_orm(sale, quantities):
    """What the statement says, by querysets; True when all had room."""
    with transaction.atomic():
        room = EventSale.objects.filter(pk=sale.pk, takes_date_seats=False)
        room = room.filter(capacity__gte=F("allocated") + sum(quantities.values()))
        taken = room.update(allocated=F("allocated") + sum(quantities.values()))
        for type_id, number in quantities.items():
            kind = TicketType.objects.get(pk=type_id)
            fits = kind.limit is None or kind.limit >= kind.allocated + number
            taken = taken and fits and TicketType.objects.filter(pk=type_id).update(allocated=F("allocated") + number)
        if not taken:
            transaction.set_rollback(True)
    return bool(taken)


@only_postgresql
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example rolls back
@given(
    capacity=st.integers(1, 8),
    limits=st.lists(st.none() | st.integers(1, 5), min_size=2, max_size=2),
    numbers=st.lists(st.integers(1, 5), min_size=2, max_size=2),
)
def test_seats_are_taken_all_or_none_as_the_orm_takes_them(db, capacity, limits, numbers):
    with transaction.atomic():
        sale = make_sale(capacity=capacity)
        kinds = [make_type(sale, name=str(limit), limit=limit) for limit in limits]
        quantities = dict(zip([kind.pk for kind in kinds], numbers, strict=True))
        before = list_counters()
        taken = allocation.take_at_once(sale.pk, quantities=quantities)
        after = list_counters()
        assert taken or after == before
        EventSale.objects.filter(pk=sale.pk).update(allocated=0)
        TicketType.objects.filter(sale=sale).update(allocated=0)
        assert take_by_orm(sale, quantities) is bool(taken)
        assert list_counters() == after
        if taken:
            fresh = TicketType.objects.in_bulk(quantities)
            assert {pk: (one.allocated, one.name, one.limit) for pk, one in taken.items()} == {
                pk: (one.allocated, one.name, one.limit) for pk, one in fresh.items()
            }
        transaction.set_rollback(True)


@only_postgresql
def test_types_of_another_sale_and_passes_on_dates_are_left_to_the_orm(db):
    kind, other = make_type(), make_type()
    before = list_counters()
    assert allocation.take_at_once(kind.sale_id, quantities={kind.pk: 1, other.pk: 1}) == {}
    sale = make_pass(kind.sale.page, takes_date_seats=True)
    assert allocation.take_at_once(sale.pk, quantities={make_type(sale).pk: 1}) == {}
    assert list_counters()[0][: len(before[0])] == before[0]


@only_postgresql
def test_rows_written_together_are_those_that_the_orm_writes(db):
    kinds = [make_type(), make_type()]
    ready = {"quantity": 2, "unit_price": "12.50", "unit_fee": "0.50", "expires_at": timezone.now()}
    together = Basket(address="203.0.113.7")
    lines = [BasketLine(ticket_type=kind, **ready) for kind in kinds]
    seat_statements.insert_together(together, lines, link="basket")
    alone = Basket.objects.create(address="203.0.113.7")
    BasketLine.objects.bulk_create([BasketLine(basket=alone, ticket_type=kind, **ready) for kind in kinds])
    told = ("ticket_type", *ready)
    assert list(together.lines.order_by("pk").values_list(*told)) == list(alone.lines.order_by("pk").values_list(*told))
    assert [line.pk for line in lines] == list(together.lines.order_by("pk").values_list("pk", flat=True))
    assert Basket.objects.get(pk=together.pk).token == together.token


def test_lines_are_claimed_once_and_only_as_they_were_read(db):
    basket = holds.create_basket()
    for name in ("One", "Two"):
        make_wish(make_type(name=name), basket=basket)
    other = make_wish(make_type())
    BasketLine.objects.update(expires_at=timezone.now())
    lines = list(basket.lines.all())
    BasketLine.objects.filter(pk=lines[0].pk).update(quantity=F("quantity") + 1)
    with transaction.atomic():
        assert not seat_statements.claim_lines(basket.pk, lines)
        transaction.set_rollback(True)
    lines = list(basket.lines.all())
    assert seat_statements.claim_lines(basket.pk, lines)
    assert not seat_statements.claim_lines(basket.pk, lines)
    assert list(BasketLine.objects.values_list("pk", flat=True)) == [other.pk]
