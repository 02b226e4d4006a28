"""Lists of orders, tickets and scans name the date: the one of today, however it was bought."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests import factories, stories
from tests.payments.admin.test_money_lists import make_rows
from tests.payments.factories import make_payment
from ticketing.domain.admission import checkin
from ticketing.models import Order, Ticket

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("root", password="root"))
    return client


@pytest.fixture
def order():
    page = factories.make_event("Sea Shanties", starts_at=EVENING)
    sale = factories.make_sale(page)
    sale.performance.name = "Gala"
    sale.performance.save()
    order = factories.make_order(factories.make_type(sale), quantity=2)
    other = factories.make_event("Lighthouse Tales", starts_at=EVENING + timedelta(days=3))
    factories.make_order_line(order, factories.make_type(factories.make_sale(other)), quantity=3)
    return order


def move(order, **difference):
    date = order.lines.first().sale.performance
    date.starts_at += timedelta(**difference)
    date.save()


def table(desk, name, **query):
    response = desk.get(reverse(f"{name}:index"), query)
    assert response.status_code == 200
    return response


def exported(desk, name, **query):
    text = b"".join(table(desk, name, export="csv", **query)).decode().lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_an_order_names_its_first_event_its_date_and_its_seats(desk, order):
    move(order, days=1)
    page = table(desk, "orders").text
    for words in ("Sea Shanties and 1 more", "Sat 10 July 2027, 19:30"):
        assert words in page
    [row] = exported(desk, "orders")
    assert [row[name] for name in ("Event", "Date", "Dates in the order", "Seats")] == [
        "Sea Shanties",
        "2027-07-10 19:30:00",
        "2",
        "5",
    ]


def test_an_organiser_sees_their_own_part_of_an_order_alone(client, order):
    tales = order.lines.last().sale.page
    client.force_login(stories.make_staff("bob", tales))
    page = table(client, "orders").text
    assert "Lighthouse Tales" in page
    assert "Sea Shanties" not in page
    [row] = exported(client, "orders")
    assert (row["Event"], row["Seats"]) == ("Lighthouse Tales", "3")


def test_a_ticket_names_its_date(desk, order):
    move(order, days=1)
    assert "Sat 10 July 2027, 19:30, Gala" in table(desk, "tickets").text
    rows = exported(desk, "tickets")
    assert {(row["Event"], row["Date"], row["Name of the date"]) for row in rows} == {
        ("Sea Shanties", "2027-07-10 19:30:00", "Gala"),
        ("Lighthouse Tales", "2027-07-12 19:30:00", ""),
    }


def test_a_pass_has_no_single_date(desk):
    page = factories.make_event(starts_at=EVENING)
    factories.make_order(factories.make_type(factories.make_pass(page)), quantity=1)
    assert "All dates, Festival pass" in table(desk, "tickets").text
    [row] = exported(desk, "tickets")
    assert (row["Date"], row["Name of the date"]) == ("", "Festival pass")


def test_a_scan_names_the_date_it_was_for_and_is_filtered_by_it(desk, order):
    date = order.lines.first().sale.performance
    checkin.redeem_ticket(Ticket.objects.first().code, performance=date, by=None)
    page = table(desk, "check_ins", performance=date.pk).text
    assert "Sea Shanties – Gala, Fri 9 July 2027, 19:30" in page
    [row] = exported(desk, "check_ins")
    assert (row["Event"], row["Date"]) == ("Sea Shanties – Gala", "2027-07-09 19:30:00")
    assert exported(desk, "check_ins", performance=date.pk) == [row]
    assert exported(desk, "check_ins", performance=order.lines.last().sale.performance_id) == []


@pytest.mark.parametrize("name", ["orders", "tickets"])
def test_lists_cost_the_same_for_one_and_many_rows(desk, order, name, django_assert_max_num_queries):
    desk.get(reverse(f"{name}:index"))
    with django_assert_max_num_queries(40) as one:
        desk.get(reverse(f"{name}:index"))
    for _ in range(3):
        factories.make_order()
    with django_assert_max_num_queries(len(one)):
        desk.get(reverse(f"{name}:index"))
    assert Order.objects.count() == 4


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("orders:index", {"pk"}),
        ("tickets:index", set()),
        ("check_ins:index", {"pk"}),
        ("payment_records:index", {"pk"}),
        ("movements:index", set()),
        ("discrepancies:index", set()),
        ("daily_reports:index", set()),
        ("wagtailsnippets_ticketing_eventsale:list", set()),
        ("wagtailsnippets_ticketing_tickettype:list", set()),
    ],
)
def test_a_long_list_is_sorted_by_its_index_alone(desk, order, address, wanted):
    checkin.redeem_ticket(Ticket.objects.first().code, performance=Ticket.objects.first().sale.performance, by=None)
    make_payment(order.reference)
    make_rows(1)
    page = desk.get(reverse(address)).text
    assert set(re.findall(r"[?&;]ordering=-?([a-z_]+)", page)) == wanted


def test_an_order_that_is_not_offered_changes_nothing(desk, order):
    later = factories.make_order(buyer_email="aaa@example.je")
    for ordering in ("", "buyer_email", "-buyer_email", "total"):
        assert [row.pk for row in table(desk, "orders", ordering=ordering).context["object_list"]] == [
            later.pk,
            order.pk,
        ]
    assert [row.pk for row in table(desk, "orders", ordering="pk").context["object_list"]] == [order.pk, later.pk]
