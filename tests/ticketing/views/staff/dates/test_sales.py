"""A date or a pass goes on sale in one form, and stops."""

from decimal import Decimal

import pytest

from tests import factories
from tests.ticketing.views.staff.dates.screen import history_of_sale, make_run, url
from ticketing.domain.stock import allocation
from ticketing.models import EventSale

pytestmark = pytest.mark.django_db


def type_rows(*rows):
    data = {"types-TOTAL_FORMS": "10", "types-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"types-{number}-{name}": value for name, value in row.items()}
    return data


ADULT, CHILD = {"name": "Adult", "price": "12.50", "limit": ""}, {"name": "Child", "price": "0", "limit": "20"}
NEW_SALE = {"sale-capacity": "120", "sale-max_per_order": "6"}


def test_a_date_goes_on_sale_in_one_form(client, page, ana):
    date = page.schedule.first
    client.post(url("sell", date.pk), NEW_SALE | type_rows(ADULT, CHILD))
    sale = EventSale.objects.get()
    assert (sale.performance, sale.capacity, sale.max_per_order) == (date, 120, 6)
    kinds = [("Adult", Decimal("12.50"), None), ("Child", Decimal(0), 20)]
    assert list(sale.ticket_types.values_list("name", "price", "limit")) == kinds
    assert "Put on sale: 2 ticket types" in history_of_sale(client, sale)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sale-capacity": ""}, "This field is required"),
        ({"sale-capacity": "0"}, "greater than or equal to 1"),
        ({"types-0-price": "-1"}, "greater than or equal to 0"),
        ({"types-0-name": "", "types-0-price": ""}, "Write at least one ticket type"),
        ({"types-0-name": ""}, "This field is required"),
        (
            {"sale-opens_at": "2 July 2031 10:00", "sale-closes_at": "1 July 2031 10:00"},
            "Sales must close after they open",
        ),
    ],
)
def test_a_wrong_sale_is_refused_and_nothing_is_written(client, page, ana, changes, why):
    answer = client.post(url("sell", page.schedule.first.pk), NEW_SALE | type_rows(ADULT) | changes)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not EventSale.objects.exists()


def test_a_date_takes_the_same_tickets_as_another_with_one_button(client, page, ana):
    factories.make_type(factories.make_sale(page, capacity=33))
    other = factories.make_performance(page)
    assert "The same tickets as" in client.get(url("sell", other.pk)).content.decode()
    client.post(url("sell", other.pk), {"copy": "1"})
    assert other.sales.get().capacity == 33


def test_a_date_is_not_put_on_sale_twice(client, page, ana):
    factories.make_sale(page)
    client.post(url("sell", page.schedule.first.pk), NEW_SALE | type_rows(ADULT))
    assert EventSale.objects.count() == 1


def test_a_new_sale_pays_whom_the_last_one_pays(client, page, ana):
    merchant = factories.make_merchant()
    factories.make_sale(page, merchant=merchant)
    other = factories.make_performance(page)
    assert "Island Arts Ltd" in client.get(url("sell", other.pk)).content.decode()
    client.post(url("sell", other.pk), NEW_SALE | type_rows(ADULT))
    assert other.sales.get().merchant == merchant


def test_selling_stops_and_goes_on_with_an_entry_each(client, page, ana):
    sale = factories.make_sale(page)
    client.post(url("selling", sale.pk, "stop"))
    sale.refresh_from_db()
    assert not sale.is_active
    assert "Sell again" in client.get(url("list", page.pk)).content.decode()
    client.post(url("selling", sale.pk, "resume"))
    sale.refresh_from_db()
    assert sale.is_active
    text = history_of_sale(client, sale)
    assert "Selling stopped" in text
    assert "Sold again" in text


def test_looking_at_the_address_of_a_stop_stops_nothing(client, page, ana):
    sale = factories.make_sale(page)
    assert client.get(url("selling", sale.pk, "stop")).status_code == 405
    sale.refresh_from_db()
    assert sale.is_active


def test_a_pass_is_sold_for_all_dates(client, page, ana):
    make_run(page, 2)
    data = NEW_SALE | {"sale-name": "Season ticket", "sale-takes_date_seats": "on"} | type_rows(ADULT)
    client.post(url("pass", page.pk), data)
    made = EventSale.objects.get(performance=None)
    assert (made.name, made.takes_date_seats, made.is_pass) == ("Season ticket", True, True)


def test_a_pass_takes_no_seats_of_a_date_with_several_sales(client, page, ana):
    for name in ("Stalls", "Balcony"):
        factories.make_sale(page, name=name)
    data = NEW_SALE | {"sale-name": "Season ticket", "sale-takes_date_seats": "on"} | type_rows(ADULT)
    answer = client.post(url("pass", page.pk), data)
    assert answer.status_code == 422
    assert "has several sales" in answer.content.decode()
    assert not EventSale.objects.filter(performance=None).exists()


def test_a_pass_needs_a_name(client, page, ana):
    assert client.post(url("pass", page.pk), NEW_SALE | type_rows(ADULT)).status_code == 422


def test_a_date_begins_with_the_seats_that_passes_have_taken(client, page, ana):
    factories.make_type(factories.make_sale(page, capacity=50))
    of_pass = factories.make_type(factories.make_pass(page, takes_date_seats=True))
    factories.make_order(of_pass, quantity=5)
    copied, new = factories.make_performance(page), factories.make_performance(page)
    client.post(url("sell", copied.pk), {"copy": "1"})
    client.post(url("sell", new.pk), NEW_SALE | type_rows(ADULT))
    assert [copied.sales.get().allocated, new.sales.get().allocated] == [5, 5]
    assert "+ 5 by passes" in client.get(url("list", page.pk)).content.decode()
    assert allocation.audit_counters([copied.sales.get().pk, new.sales.get().pk]) == []


def test_a_date_with_fewer_seats_than_passes_is_refused_in_words(client, page, ana):
    factories.make_type(factories.make_sale(page, capacity=4))
    of_pass = factories.make_type(factories.make_pass(page, takes_date_seats=True))
    other = factories.make_performance(page)
    factories.make_order(of_pass, quantity=5)
    text = client.post(url("sell", other.pk), {"copy": "1"}, follow=True).content.decode()
    assert "5 passes take a seat on every date, and there are only 4" in text
    answer = client.post(url("sell", other.pk), NEW_SALE | {"sale-capacity": "4"} | type_rows(ADULT))
    assert "5 passes take a seat on every date: choose 5 or more" in answer.content.decode()
    assert not other.sales.exists()
