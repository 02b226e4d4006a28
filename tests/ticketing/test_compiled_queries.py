"""What an e-mail with tickets asks, with its SQL made once: it finds what its queryset finds."""

import pytest
from django.utils import timezone

from tests import factories
from ticketing.documents import calendar, pdf
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery

QUERIES = {calendar._lines_of_order: "order", pdf._tickets_of_order: "order", outbox._delivery: "pk"}


@pytest.fixture
def numbers(db):
    orders = [factories.make_order(quantity=quantity) for quantity in (1, 3)]
    factories.make_order_line(orders[1], factories.make_type(factories.make_pass(factories.make_event("Tales"))))
    rows = [Delivery(order=order, kind=DeliveryKind.TICKETS, requested_at=timezone.now()) for order in orders]
    return {"order": [order.pk for order in orders], "pk": [row.pk for row in Delivery.objects.bulk_create(rows)]}


@pytest.mark.parametrize(("query", "name"), QUERIES.items())
def test_it_works(numbers, query, name, django_assert_num_queries):
    for number in [*numbers[name], *numbers[name], 0]:
        with django_assert_num_queries(1):
            found = query(**{name: number})
        assert [describe(each) for each in found] == [describe(each) for each in query.build(number)]
        assert bool(found) == bool(number)


def describe(row):
    """All that was loaded, of the row and of those beside it."""
    fields = {name: value for name, value in vars(row).items() if name != "_state"}
    beside = {name: value and describe(value) for name, value in row._state.fields_cache.items()}
    return type(row), fields, beside, row._state.db, row._state.adding


def test_an_e_mail_that_is_not_due_yet_is_not_claimed(numbers):
    later = timezone.now() + timezone.timedelta(hours=1)
    Delivery.objects.update(next_attempt_at=later)
    assert outbox.claim_delivery(numbers["pk"][0]) is None
    assert Delivery.objects.get(pk=numbers["pk"][0]).next_attempt_at == later
