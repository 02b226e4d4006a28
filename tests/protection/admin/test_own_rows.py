"""A person's part of a long list: read by the keys that are theirs, or by walking the list where those are too many.
Both show the same rows, and never another's."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.permissions import policy_registry

from protection.admin import row_chunks
from tests import factories, stories
from ticketing.admin import order_lists, permissions
from ticketing.enums import CheckInResult
from ticketing.models import CheckIn, Order, Ticket, TicketType

pytestmark = pytest.mark.django_db
LISTS = {"orders": Order, "tickets": Ticket, "check_ins": CheckIn}
postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is asked as it is")


@pytest.fixture(params=["few", "many"])
def _keys(request, monkeypatch):
    if request.param == "many":
        monkeypatch.setattr(permissions, "MOST_KEYS", 0)


@pytest.fixture
def bob(client):
    """Two events of three orders each, with one of somebody else's between any two of them."""
    pages = [factories.make_event(f"Tales {number}") for number in range(2)]
    kinds = [factories.make_type(factories.make_sale(page)) for page in pages]
    other = factories.make_type(factories.make_sale(factories.make_event("Shanties")))
    for number in range(6):
        for kind, name in ((kinds[number % 2], f"Ann{number}"), (other, "Somebody")):
            scan(factories.make_order(kind, quantity=1, buyer_name=name))
    bob = stories.make_staff("bob", pages[0], "view_ticket", "view_checkin")
    stories.allow_page(bob, pages[1])
    client.force_login(bob)
    return bob


def scan(order):
    ticket = Ticket.objects.get(line__order=order)
    Ticket.objects.filter(pk=ticket.pk).update(holder_name=order.buyer_name)
    CheckIn.objects.create(ticket=ticket, performance=ticket.sale.performance, result=CheckInResult.ACCEPTED)


def shown(client, name, **query):
    return [row.pk for row in client.get(reverse(f"{name}:index"), query).context["object_list"]]


def own_ids(name):
    path = {"orders": "buyer_name", "tickets": "holder_name", "check_ins": "ticket__holder_name"}[name]
    return list(LISTS[name].objects.filter(**{f"{path}__startswith": "Ann"}).values_list("pk", flat=True))


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_ones_own_rows_in_its_order(client, bob, name):
    assert shown(client, name) == own_ids(name)
    assert len(own_ids(name)) == 6


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("name", ["orders", "check_ins"])
def test_it_is_turned_round(client, bob, name):
    assert shown(client, name, ordering="pk") == own_ids(name)[::-1]


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("name", LISTS)
def test_every_page_goes_on_where_the_last_one_ended(client, bob, name, monkeypatch):
    monkeypatch.setattr(order_lists.ListView, "get_paginate_by", lambda view, rows: 4)
    first = client.get(reverse(f"{name}:index"))
    assert first.context["items_count"] == 6
    assert shown(client, name) + shown(client, name, p=2) == own_ids(name)


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("name", LISTS)
def test_a_file_has_them_all_once(client, bob, name, monkeypatch):
    monkeypatch.setattr(row_chunks, "ROWS_AT_ONCE", 4)
    body = b"".join(client.get(reverse(f"{name}:index"), {"export": "csv"})).decode()
    rows = list(csv.DictReader(io.StringIO(body.lstrip("\ufeff"))))
    assert len(rows) == 6
    assert "Shanties" not in body
    assert "Somebody" not in body


@pytest.mark.usefixtures("_keys")
def test_an_order_of_several_own_sales_is_one_row(client, bob):
    order = Order.objects.first()  # another's, so far
    for kind in TicketType.objects.filter(sale__page__title__startswith="Tales"):
        factories.make_order_line(order, kind)
    assert shown(client, "orders") == [order.pk, *own_ids("orders")]
    assert client.get(reverse("orders:index")).context["items_count"] == 7


@pytest.mark.usefixtures("_keys")
def test_a_filter_narrows_them(client, bob):
    last = own_ids("orders")[0]
    Order.objects.filter(pk=last).update(state="refunded")
    assert shown(client, "orders", state="refunded") == [last]


@pytest.mark.parametrize("name", LISTS)
def test_who_may_edit_no_page_sees_nothing(client, bob, name):
    bob.groups.first().page_permissions.all().delete()
    assert shown(client, name) == []
    assert client.get(reverse(f"{name}:index")).context["items_count"] == 0


@postgres
@pytest.mark.parametrize("name", LISTS)
def test_it_is_read_key_by_key(client, bob, name):
    with CaptureQueriesContext(connection) as asked:
        shown(client, name)
    assert sum("LATERAL" in query["sql"] for query in asked) == 3  # how many, whose are the nearest, and which


def test_somebody_with_more_keys_walks_the_list(bob, monkeypatch):
    policy = policy_registry.get_by_type(Order)
    assert len(policy.find_own_rows(bob).keys) == 2
    monkeypatch.setattr(permissions, "MOST_KEYS", 1)
    assert policy.find_own_rows(bob) is None


def test_a_movement_of_another_merchant_is_not_met(client):
    mine, other = factories.make_merchant("MDEMO001"), factories.make_merchant("MDEMO002")
    bob = stories.make_staff("bob", factories.make_event(), "view_movement")
    type(mine).objects.filter(pk=mine.pk).update(group=bob.groups.first())
    now = timezone.now()  # as SumUp's lists have it: several at one moment
    for number in range(6):
        merchant = (mine, other)[number % 2]
        merchant.movements.create(kind="PAYMENT", sumup_id=f"m{number}", amount=1, currency="GBP", at=now)
    client.force_login(bob)
    own = [row.pk for row in mine.movements.all()]
    assert [row.pk for row in client.get(reverse("movements:index")).context["object_list"]] == own
    assert own == sorted(own, reverse=True)
