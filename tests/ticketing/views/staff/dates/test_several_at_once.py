"""Several dates are changed while people buy: nothing is sold twice, and no change is half made."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests import factories
from tests.at_once import run_at_once
from tests.stories import hold_tickets
from ticketing.domain.dates import additions, copies, sales
from ticketing.domain.dates.changes import apply_changes, plan_changes
from ticketing.domain.dates.wishes import Wish
from ticketing.domain.stock import allocation
from ticketing.models import BasketLine, EventSale, TicketType

pytestmark = pytest.mark.postgres


@pytest.fixture
def kinds(transactional_db):
    """Of three nights with six seats each."""
    page = factories.make_event("Three Nights of Puck")
    for _ in range(2):
        factories.make_performance(page)
    return [
        factories.make_type(factories.make_sale(performance=night, capacity=6)) for night in page.performances.all()
    ]


def change(kinds, wish):
    page = kinds[0].sale.page
    numbers = {kind.sale.performance_id for kind in kinds}
    apply_changes(page, numbers, wish, digest=plan_changes(page, numbers, wish).digest)


def test_the_same_form_sent_twice_makes_one_of_each(transactional_db):
    page = factories.make_event("Three Nights of Puck")
    first = page.performances.get()
    factories.make_type(factories.make_sale(performance=first))
    later = first.starts_at + timedelta(days=1)
    assert run_at_once(*[lambda: additions.copy_date(first, starts_at=later, name="", with_tickets=False)] * 3) == []
    made = page.performances.get(starts_at=later)
    assert run_at_once(*[lambda: copies.copy_sales(first, made)] * 3) == []
    assert run_at_once(*[lambda: sales.start_sale(page, types=[], name="Pass", capacity=5)] * 3) == []
    assert (made.sales.count(), page.sales.filter(performance=None).count()) == (1, 1)


def test_fewer_seats_while_people_buy(kinds):
    wish = Wish(capacity=4, type_name="Adult", price=Decimal(15))
    buying = [lambda kind=kind: hold_tickets(kind, quantity=2) for kind in kinds for _ in range(3)]
    assert run_at_once(*buying, *[lambda: change(kinds, wish)] * 2) == []
    assert allocation.audit_counters() == []
    capacities = set(EventSale.objects.values_list("capacity", flat=True))
    prices = set(TicketType.objects.values_list("price", flat=True))
    assert (capacities, prices) in [({4}, {Decimal(15)}), ({6}, {Decimal(12)})]
    for kind in kinds:
        held = BasketLine.objects.filter(ticket_type=kind).count()
        assert 2 * held <= kind.sale.capacity


def test_a_pass_that_takes_a_seat_each_night_is_bought_meanwhile(kinds):
    festival = factories.make_pass(kinds[0].sale.page, takes_date_seats=True)
    weekend = factories.make_type(festival, name="Weekend")
    wish = Wish(capacity=5)
    buying = [lambda: hold_tickets(weekend, quantity=1) for _ in range(4)]
    buying += [lambda kind=kind: hold_tickets(kind, quantity=2) for kind in kinds]
    assert run_at_once(*buying, lambda: change(kinds, wish)) == []
    assert allocation.audit_counters() == []
