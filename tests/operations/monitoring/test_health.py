"""What monitors and platforms read: true, quick, and nothing secret."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from operations.monitoring import health
from operations.worker import watchdog
from payments.domain.monitoring.health import record_cycle
from payments.enums import CycleKind, MerchantStatus
from protection.visitors import maintenance
from tests import factories
from tests.operations.factories import make_beat, selects

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _grown_up(monkeypatch):
    """As in a web process that has run for a while."""
    monkeypatch.setattr(watchdog, "_started", watchdog._started - watchdog.GRACE)
    monkeypatch.setitem(health._migrations, "missing", None)


def cycle(*, ago=timedelta(), **figures):
    row = record_cycle(CycleKind.POLL, started_at=timezone.now(), **figures)
    type(row).objects.filter(pk=row.pk).update(finished_at=timezone.now() - ago)


@pytest.fixture
def running():
    make_beat()
    cycle(calls=3)


@pytest.fixture
def broken_database(monkeypatch):
    """As when PostgreSQL is gone: whatever is asked, its own words come back."""

    def refuse(*args, **kwargs):
        raise OperationalError("could not connect to server db.internal:5432 as jersey")

    monkeypatch.setattr(CursorWrapper, "execute", refuse)


def ask(client, address="/health/"):
    response = client.get(address)
    return response.status_code, response.json()


def test_it_works(client, running):
    parts = dict.fromkeys(("database", "cache", "limits", "migrations", "worker", "polling", "publishing"), "ok")
    assert ask(client) == (200, {"status": "ok", "parts": parts})


def test_answers_are_never_kept(client, running):
    for address in ("/health/", "/health/live/", "/health/sell/"):
        response = client.get(address)
        assert "no-store" in response["Cache-Control"]
        assert not response.cookies


@pytest.mark.parametrize(
    ("beaten", "polled", "expected"),
    [
        (4, 0, {"worker": "no worker for 4 minutes", "polling": "ok"}),
        (0, 4, {"worker": "ok", "polling": "no payment looked at for 4 minutes"}),
        (None, None, {"worker": "no worker has run yet", "polling": "no payment was ever looked at"}),
    ],
)
def test_a_silent_worker_is_a_503_with_the_reason(client, beaten, polled, expected):
    if beaten is not None:
        make_beat(ago=beaten * MINUTE)
        cycle(ago=polled * MINUTE)
    status, answer = ask(client)
    assert (status, answer["status"]) == (503, "failing")
    assert {name: answer["parts"][name] for name in expected} == expected


def test_a_young_web_process_waits_for_its_worker(client, monkeypatch):
    monkeypatch.setattr(watchdog, "_started", time.monotonic())
    status, answer = ask(client)
    assert (status, answer["status"]) == (200, "degraded")
    assert (answer["parts"]["worker"], answer["parts"]["polling"]) == ("starting", "starting")


def test_missing_migrations_are_a_503(client, running):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ticketing' AND name > '0002'")
    assert ask(client)[1]["parts"]["migrations"] == "some are not applied"


def test_migrations_are_looked_for_once(client, running):
    client.get("/health/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/health/")
    assert not [query for query in queries if "django_migrations" in query["sql"]]
    assert selects(queries) <= 5


def test_a_lost_cache_is_told_and_forgiven(client, running, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda *_: None)
    status, answer = ask(client)
    assert (status, answer["status"]) == (200, "degraded")
    assert answer["parts"]["cache"] == "does not answer or is full; the site works without it, slower"


def test_a_lost_database_is_a_503_that_gives_nothing_away(client, broken_database):
    status, answer = ask(client)
    assert (status, answer["parts"]["database"]) == (503, "does not answer")
    assert "jersey" not in str(answer)
    assert "db.internal" not in str(answer)
    status, answer = ask(client, "/health/sell/")
    assert (status, answer["reason"]) == (503, "the database does not answer")


def test_a_monitor_does_not_fill_the_log(client, caplog):
    assert ask(client)[0] == ask(client, "/health/sell/")[0] == 503
    assert caplog.text == ""


def test_live_asks_nobody(client, broken_database):
    assert client.get("/health/live/").content == b"ok"


@pytest.fixture
def sale(running):
    page = factories.make_event("Sea Shanties")
    kind = factories.make_type(factories.make_sale(page, merchant=factories.make_merchant()))
    return kind.sale


def row_of(sale, reason=""):
    return {"sale": sale.pk, "page": f"/events/{sale.page.slug}/", "reason": reason}


def test_it_sells(client, sale):
    assert ask(client, "/health/sell/") == (200, {"selling": True, "reason": "", "sales": [row_of(sale)]})


def test_what_is_not_meant_to_sell_is_no_trouble(client, sale):
    now = timezone.now()
    for fields in ({"is_active": False}, {"opens_at": now + MINUTE}, {"starts_at": now - MINUTE}):
        factories.make_type(factories.make_sale(**fields))
    factories.make_type(factories.make_sale(factories.make_event(live=False)))
    assert [row["sale"] for row in ask(client, "/health/sell/")[1]["sales"]] == [sale.pk]


def test_a_broken_connection_closes_its_sales_alone(client, sale):
    other = factories.make_merchant("MBROKEN1", "Broken Ltd", status=MerchantStatus.BROKEN)
    broken = factories.make_type(factories.make_sale(merchant=other)).sale
    factories.make_type(factories.make_sale(merchant=other), price="0.00")
    status, answer = ask(client, "/health/sell/")
    assert (status, answer["selling"], answer["reason"]) == (503, False, "")
    words = "Card payments are interrupted: the organiser has to renew their link to SumUp first."
    assert [row["reason"] for row in answer["sales"]] == ["", words, ""]
    assert answer["sales"][1]["sale"] == broken.pk


def test_a_silent_worker_closes_everything(client, sale):
    make_beat(ago=5 * MINUTE)
    status, answer = ask(client, "/health/sell/")
    assert (status, answer["reason"]) == (503, "no worker for 5 minutes")
    assert answer["sales"] == [row_of(sale, "no worker for 5 minutes")]


def test_sumup_out_of_reach_closes_everything(client, sale):
    cycle(calls=3, errors=3)
    assert ask(client, "/health/sell/")[0] == 200  # it answered within five minutes
    health.WorkerCycle.objects.all().delete()
    cycle(calls=3, errors=3)
    assert ask(client, "/health/sell/")[1]["reason"] == "SumUp does not answer"


def test_maintenance_closes_everything(client, sale, monkeypatch):
    monkeypatch.setattr(maintenance, "current_sentence", lambda: "Back at noon.")
    assert ask(client, "/health/sell/")[1]["reason"] == "Back at noon."


def test_any_number_of_sales_asks_the_same(client, sale):
    asked = []
    for _ in range(3):
        factories.make_type(factories.make_sale())
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert ask(client, "/health/sell/")[0] == 200
        asked.append(selects(queries))
    assert asked[1] == asked[2] <= 9


def test_of_very_many_sales_the_first_are_named_and_all_that_cannot_be_sold(client, sale, monkeypatch):
    monkeypatch.setattr(health, "MOST_SALES", 1)
    later = timezone.now() + timedelta(days=60)
    factories.make_type(factories.make_sale(factories.make_event(starts_at=later), merchant=sale.merchant))
    broken = factories.make_merchant("MBROKEN", status=MerchantStatus.BROKEN)
    last = factories.make_event(starts_at=later + timedelta(days=1))
    out_of_order = factories.make_type(factories.make_sale(last, merchant=broken)).sale
    status, answer = ask(client, "/health/sell/")
    assert (status, [row["sale"] for row in answer["sales"]]) == (503, [sale.pk, out_of_order.pk])
