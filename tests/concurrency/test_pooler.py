"""The same rush through PgBouncer in transaction mode, with half as many connections as there are threads."""

import psycopg2
import pytest
from django.db import connection

from tests import factories, harness, services
from tests.buyers import Buyer
from tests.concurrency.test_rush import (
    buy_one,
    make_free_sale,
    shop,
    test_400_buyers_for_200_seats_buy_exactly_200,
    test_holds_that_expire_meanwhile_are_sold_once_to_somebody_else,
    test_one_basket_from_two_tabs_at_once_becomes_one_order,
    test_three_types_share_one_capacity,
)
from tests.harness import until
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery, Order

__all__ = [
    "shop",
    "test_400_buyers_for_200_seats_buy_exactly_200",
    "test_holds_that_expire_meanwhile_are_sold_once_to_somebody_else",
    "test_one_basket_from_two_tabs_at_once_becomes_one_order",
    "test_three_types_share_one_capacity",
]
CONNECTIONS = 4  # two web processes have four threads each


@pytest.fixture(scope="module")
def address_at_pooler():
    with services.pooler(harness.server_url(), connections=CONNECTIONS) as address_of:
        yield address_of


@pytest.fixture(scope="module")
def stack(shop, address_at_pooler):
    stack = shop(DATABASE_POOLER_URL=address_at_pooler(connection.settings_dict["NAME"]))
    stack.web.start()
    return stack


@pytest.fixture
def worker(stack):
    yield stack.worker.start()
    stack.worker.stop()


def count_sessions():
    """Of the site at the database; ours is not one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_the_worker_mails_what_was_bought_over_few_connections(stack, worker):
    sale, types = make_free_sale(capacity=20)
    assert [buy_one(stack, sale, types)(number) for number in range(12)] == [200] * 12
    orders = Order.objects.filter(lines__sale=sale)
    sent = Delivery.objects.filter(order__in=orders, kind=DeliveryKind.TICKETS, sent_at__isnull=False)
    until(lambda: sent.count() == 12, seconds=60, what="all mails")
    assert 0 < count_sessions() <= CONNECTIONS


def test_the_search_finds_through_it(stack):
    """It sets how the database plans, for one transaction."""
    factories.make_event("Solstice Lanterns")
    visitor = Buyer(stack.url)
    page = visitor.get("/events/?q=solstice")
    assert (page.status, "Solstice Lanterns" in page.text) == (200, True)


def test_a_release_goes_to_the_database_itself(stack):
    """What it sets for its session must not stay with a connection of the pooler, where buyers would have it."""
    said = stack.manage("release")
    assert "The database is at this version." in said
    pooled = psycopg2.connect(stack.environment["DATABASE_POOLER_URL"])
    with pooled, pooled.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("0",)
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)
    pooled.close()


def test_a_backup_is_made_through_it(stack, tmp_path):
    stack.environment["BACKUP_TO"] = str(tmp_path / "kept")
    said = stack.manage("backup")
    assert list((tmp_path / "kept").rglob("*")), said
