"""A compiled query gives what its queryset gives, on both databases."""

from datetime import timedelta
from functools import reduce
from operator import or_

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Sum, Value
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from common.statements.compiled_queries import CompiledQuery
from tests.factories import make_order, make_type
from ticketing.models import BasketLine, Order, OrderLine, Ticket


def build_query(order):
    lines = OrderLine.objects.filter(order=order).select_related("order__merchant", "sale__performance__venue")
    return lines.annotate(has_tickets=Exists(Ticket.objects.filter(line=OuterRef("pk")))).order_by("pk")


def describe(row):
    """Every column of a row and of those read with it."""
    if row is None:
        return None
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return columns | {name: describe(other) for name, other in row._state.fields_cache.items() if name != "page"}


def test_it_gives_what_the_queryset_gives(db, django_assert_num_queries):
    lines_of = CompiledQuery(build_query)
    orders = [make_order(make_type(price=price), quantity=2) for price in ("0.00", "12.50")]
    for order in orders:
        with django_assert_num_queries(1):
            found = lines_of(order=order.pk)
        wanted = list(build_query(order.pk))
        assert [describe(line) for line in found] == [describe(line) for line in wanted]
        assert [line.has_tickets for line in found] == [line.has_tickets for line in wanted] == [True]
        assert all(type(line.has_tickets) is bool and not line._state.adding for line in found)
    assert lines_of(order=0) == []


def test_sql_is_made_once(db):
    built = []
    orders = CompiledQuery(lambda reference: built.append(reference) or Order.objects.filter(reference=reference))
    order = make_order(make_type())
    assert orders(reference=order.reference) == [order]
    assert orders(reference="JE-NOBODY") == []
    assert len(built) == 1


def test_an_argument_is_never_sql(db):
    orders = CompiledQuery(lambda reference: Order.objects.filter(reference=reference))
    make_order(make_type())
    assert orders(reference="' OR ''='") == []


@pytest.mark.postgres
def test_rows_are_locked_in_a_transaction_only(transactional_db):
    locked = CompiledQuery(lambda pk: BasketLine.objects.filter(pk=pk).select_for_update())
    with transaction.atomic():
        assert locked(pk=1) == []
    assert not connection.in_atomic_block
    with pytest.raises(TransactionManagementError):
        locked(pk=1)


def build_sums(orders, since):
    lines = OrderLine.objects.filter(order__accepted_at__gt=since).order_by()
    named = lines.filter(reduce(or_, [Q(order=each) for each in orders]))
    counted = named.values_list("order").annotate(seats=Sum("quantity"))
    return counted.union(lines.values_list(Value(0)).annotate(seats=Sum("quantity")), all=True)


@pytest.mark.parametrize("number", [1, 2])
def test_it_gives_tuples_of_any_number_of_arguments(db, number):
    since = timezone.now() - timedelta(minutes=1)
    orders = [make_order(make_type(), quantity=seats).pk for seats in (1, 2, 4)]
    sums = CompiledQuery(build_sums)
    assert sorted(sums(orders=orders[:number], since=since)) == sorted(build_sums(orders[:number], since))
    assert sums(orders=orders[:number], since=timezone.now() + timedelta(minutes=1)) == [(0, None)]
    assert (0, 7) in sums(orders=orders, since=since)
