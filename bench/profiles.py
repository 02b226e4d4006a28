"""The database of a site after three years: 10,000 events of six dates each, and what so many tickets leave behind.

`make_site` writes what the walk over all addresses starts from; `fill` copies it by SQL, without triggers and without
the indexes that are quicker to make at the end. Half of the money is one merchant's, one date has 2,000 tickets, and
one has 2,000 that are being given back.
"""

import time
from contextlib import contextmanager

from django.db import connection

from bench import profile_traces, seed

EVENTS, DATES, HOT = 10_000, 6, 1_000  # HOT: orders of two tickets each
A_DAY = "interval '1 day'"
STARTS = f"(date_trunc('day', now()) + interval '19 hours' + (n * 61 % 1095 - 730 + 7 * {{week}}) * {A_DAY})"
LONG_OVER = f"starts < now() - 61 * {A_DAY}"  # so the person was erased
SHARES = {"organiser of 40": "n %% 250 = 1", "organiser of half": "n %% 2 = 0"}
"""Whose the events are, by their number n; all others are nobody's."""
STATE = """
CASE WHEN n % 5000 = 7 THEN 'requires_manual_review' ELSE
  (ARRAY['expired', 'failed', 'cancelled', 'refunded'])[n % 50 + 1] END
"""
BULKY = (
    *("ticketing_order", "ticketing_orderline", "ticketing_ticket", "ticketing_checkin", "ticketing_delivery"),
    *("payments_payment", "payments_observation", "payments_movement", "wagtailcore_modellogentry"),
)
SWIFT = {"synchronous_commit": "off", "maintenance_work_mem": "'1GB'", "work_mem": "'256MB'"}
RELAXED = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "'16GB'", "autovacuum": "off"}


def make_site():
    """{what it is: a row of the organiser who has most}, with the event that the others are copies of."""
    from tests import factories
    from tests.architecture.walk import people
    from tests.architecture.walk.world import make_world

    world = make_world()
    own = world.own
    mould = factories.make_event("Island Fair", venue=own["venue"], organiser=own["company"])  # last in the tree
    for number in range(DATES):
        date = factories.make_performance(mould) if number else mould.performances.first()
        factories.make_type(factories.make_sale(performance=date, merchant=own["merchant"]))
    mould.make_renditions()
    own["batch"] = make_batch(own)
    world.staff |= {role: people.make_user(role, *own["user"].groups.all()) for role in SHARES}
    return world, mould


def make_batch(own):
    from ticketing.models import RefundBatch

    return RefundBatch.objects.create(sale=own["public_sale"], reason="Gale warning", by=own["user"])


def fill(world, mould, *, tickets, events=EVENTS):
    """Returns the seconds that it took."""
    began = time.monotonic()
    with connection.cursor() as cursor:
        with relaxed(cursor), without_indexes(cursor):
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(seed.BASE36)
            add_events(cursor, mould, events)
            give_owners(cursor, world)
            number_sold(cursor, world.own, tickets // 2, events * DATES)
            add_orders(cursor, world.own)
            add_money(cursor, world.own)
            profile_traces.add_traces(cursor, world.own, mould, events)
            count_seats(cursor)
        cursor.execute("VACUUM ANALYZE")
    return time.monotonic() - began


@contextmanager
def relaxed(cursor):
    """A seed that is lost is made again, so nothing waits for the disk."""
    for name, value in RELAXED.items():
        cursor.execute(f"ALTER SYSTEM SET {name} = {value}")
    cursor.execute("SELECT pg_reload_conf()")
    for name, value in SWIFT.items():
        cursor.execute(f"SET {name} = {value}")
    try:
        yield
    finally:
        cursor.execute("RESET ALL")
        for name in RELAXED:
            cursor.execute(f"ALTER SYSTEM RESET {name}")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CHECKPOINT")


@contextmanager
def without_indexes(cursor, tables=BULKY):
    """All but the primary keys, made again as they were."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])",
        [list(tables)],
    )
    unique = cursor.fetchall()
    for table, name, _definition in unique:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE NOT indisprimary AND indrelid = ANY(%s::regclass[])",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in unique:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def add_events(cursor, mould, events):
    """Table `event`, and `sold_date`: k, page, date, sale, type, price, starts."""
    seed.number(cursor, "event", events, page="wagtailcore_page")
    words = {"search_words": "strip(to_tsvector('simple', concat_ws(' ', 'event', n, 'word' || n % 97)))"}
    seed.copy_pages(cursor, mould, "event", events, **words)
    cursor.execute(
        "CREATE TEMP TABLE sold_date (k int, page int, date int, sale int, type int, starts timestamptz, merchant int)"
    )
    merchant = profile_traces.add_merchants(cursor, mould.sales.first().merchant)
    for week, performance in enumerate(mould.performances.all()):
        add_dates(cursor, performance, week, merchant)
    cursor.execute("ALTER TABLE sold_date ADD PRIMARY KEY (k)")
    cursor.execute("ANALYZE sold_date")


def give_owners(cursor, world):
    for role, condition in SHARES.items():
        cursor.execute(
            f"UPDATE wagtailcore_page SET owner_id = %s FROM event WHERE id = page AND {condition}",
            [world.staff[role].pk],
        )


def add_dates(cursor, performance, week, merchant):
    """`merchant` is SQL for its key, from k."""
    sale = performance.sales.get()
    kind, starts = sale.ticket_types.get(), STARTS.format(week=week)
    keys = {"date": "events_pages_performance", "sale": "ticketing_eventsale", "type": "ticketing_tickettype"}
    fresh = ", ".join(f"nextval(pg_get_serial_sequence('{table}', 'id')) AS {name}" for name, table in keys.items())
    cursor.execute(f"CREATE TEMP TABLE dated AS SELECT n, (n - 1) * {DATES} + {week} AS k, page, {fresh} FROM event")
    seed.copy_date(cursor, performance, "dated", starts)
    counted = {"allocated": "0", "opens_at": "NULL", "closes_at": "NULL"}
    own = {"id": "sale", "page_id": "page", "performance_id": "date", "capacity": "100000", "merchant_id": merchant}
    seed.copy(cursor, "ticketing_eventsale", sale.pk, "dated", counted | own)
    own = {"id": "type", "sale_id": "sale", "price": "CASE WHEN k % 5 = 0 THEN 0 ELSE 12 END"}
    seed.copy(cursor, "ticketing_tickettype", kind.pk, "dated", counted | own)
    cursor.execute(f"INSERT INTO sold_date SELECT k, page, date, sale, type, {starts}, {merchant} FROM dated")
    cursor.execute("DROP TABLE dated")


def number_sold(cursor, own, orders, dates):
    """Table `purchase`: one row for each order, some six in a hundred more than those that have tickets."""
    hot, refunded = own["sale"], own["public_sale"]
    keys = {"order_": "ticketing_order", "line_": "ticketing_orderline", "payment_": "payments_payment"}
    seed.number(cursor, "bought", orders * 50 // 47 + 2 * HOT, **keys)
    share = "((n * 2654435761) % 4294967296) / 4294967296.0"
    cursor.execute(
        "CREATE TEMP TABLE purchase AS "
        f"SELECT n::bigint, order_, line_, payment_, page, date, sale, type, starts, merchant, k % 5 > 0 AS paid, k, "
        f"coalesce({STATE}, 'completed') AS state, "
        f"least(starts - n % 60 * {A_DAY}, now() - n % 43200 * interval '1 minute') AS day "
        f"FROM (SELECT *, 1 + floor(power({share}, 1.25) * {dates - 1})::int AS wanted FROM "
        f"(SELECT n::bigint, order_, line_, payment_ FROM bought WHERE n > {2 * HOT}) AS spread) AS bought "
        "JOIN sold_date ON k = wanted"
    )
    half = "CASE n %% 2 WHEN 0 THEN 'refunded' ELSE 'completed' END"
    for first, sale, state in ((1, hot, "'completed'"), (HOT + 1, refunded, half)):
        keys = [sale.page_id, sale.performance_id, sale.pk, sale.ticket_types.get().pk, sale.starts_at]
        cursor.execute(
            "INSERT INTO purchase SELECT n, order_, line_, payment_, %s, %s, %s, %s, %s, %s, true, 1, "
            f"{state}, now() - n %% 40 * {A_DAY} FROM bought WHERE n BETWEEN %s AND %s",
            [*keys, own["merchant"].pk, first, first + HOT - 1],
        )
        cursor.execute("UPDATE ticketing_eventsale SET capacity = 100000 WHERE id = %s", [sale.pk])
    cursor.execute("ANALYZE purchase")


def add_orders(cursor, own):
    order, buyer = own["bought"], "n / 3"
    line = order.lines.get()
    reference = "'JE-' || lpad(n::text, 8, '0')"
    own_order = {
        "id": "order_",
        "reference": reference,
        "token": "md5(n::text)",
        "basket_token": "md5('basket' || n)",
        "buyer_name": f"CASE WHEN {LONG_OVER} THEN '' ELSE 'Ana Buyer' || {buyer} END",
        "buyer_email": f"CASE WHEN {LONG_OVER} THEN '' ELSE 'buyer' || {buyer} || '@example.je' END",
        "erased_at": f"CASE WHEN {LONG_OVER} THEN starts + 61 * {A_DAY} END",
        "merchant_id": "CASE WHEN paid THEN merchant END",
        "total": "CASE WHEN paid THEN 24 ELSE 0 END",
        "state": "purchase.state",
        "review_reason": "CASE purchase.state WHEN 'requires_manual_review' THEN 'paid twice' ELSE '' END",
        "created_at": "day",
        "accepted_at": "day",
        "completed_at": "CASE WHEN purchase.state IN ('completed', 'refunded') THEN day + interval '1 minute' END",
        "deadline": "day + interval '15 minutes'",
    }
    seed.copy(cursor, "ticketing_order", order.pk, "purchase", own_order)
    words = f"concat_ws(' ', 'je', lpad(n::text, 8, '0'), 'je' || lpad(n::text, 8, '0'), 'ana', 'buyer' || {buyer})"
    own_line = {
        "id": "line_",
        "order_id": "order_",
        "sale_id": "sale",
        "ticket_type_id": "type",
        "quantity": "2",
        "allocated": "CASE WHEN state IN ('completed', 'requires_manual_review') THEN 2 ELSE 0 END",
        "unit_price": "CASE WHEN paid THEN 12 ELSE 0 END",
        "starts_at": "starts",
        "event_title": "'Event ' || k",
        "search_words": f"strip(to_tsvector('simple', {words} || ' event ' || k))",
    }
    seed.copy(cursor, "ticketing_orderline", line.pk, "purchase", own_line)
    add_tickets(cursor, line, own["check_in"])
    add_deliveries(cursor, order)


def add_tickets(cursor, line, check_in):
    """Tables `issued`: what has tickets; `scanned`: those of them that came, nearly all of the past."""
    cursor.execute(
        "CREATE TEMP TABLE issued AS SELECT *, nextval(pg_get_serial_sequence('ticketing_ticket', 'id')) AS ticket_, "
        "state = 'completed' AND starts < now() AND n % 20 > 1 AS came "
        "FROM purchase, generate_series(1, 2) AS seat WHERE state IN ('completed', 'refunded')"
    )
    own = {
        "id": "ticket_",
        "line_id": "line_",
        "sale_id": "sale",
        "number": "seat",
        "code": "upper(substr(md5('ticket' || n || '-' || seat), 1, 16))",
        "holder_name": f"CASE WHEN {LONG_OVER} THEN '' ELSE 'Ana Buyer' || n / 3 END",
        "state": "CASE WHEN issued.state = 'refunded' THEN 'void' WHEN came THEN 'used' ELSE 'valid' END",
        "used_at": "CASE WHEN came THEN starts END",
        "created_at": "day",
    }
    seed.copy(cursor, "ticketing_ticket", line.tickets.first().pk, "issued", own)
    cursor.execute("CREATE TEMP TABLE scanned AS SELECT * FROM issued WHERE came ORDER BY starts")
    own = {"ticket_id": "ticket_", "performance_id": "date", "at": "starts"}
    seed.copy(cursor, "ticketing_checkin", check_in.pk, "scanned", own)
    cursor.execute("CREATE TEMP TABLE scanned_again AS SELECT * FROM scanned WHERE n % 25 = 2")
    seed.copy(cursor, "ticketing_checkin", check_in.pk, "scanned_again", own | {"result": "'already_used'"})


def add_deliveries(cursor, order):
    kinds = {"completed": "tickets", "expired": "expiry", "failed": "failure", "refunded": "refund"}
    said = " ".join(f"WHEN '{state}' THEN '{kind}'" for state, kind in kinds.items())
    cursor.execute(f"CREATE TEMP TABLE mailed AS SELECT *, CASE state {said} END AS kind_ FROM purchase")
    cursor.execute("DELETE FROM mailed WHERE kind_ IS NULL")
    own = {
        "order_id": "order_",
        "kind": "kind_",
        "recipient": "''",
        "requested_at": "day",
        "sent_at": "day",
        "next_attempt_at": "NULL",
        "attempts": "1",
        "message_id": "md5('message' || n) || '@example.je'",
    }
    seed.copy(cursor, "ticketing_delivery", order.deliveries.first().pk, "mailed", own)


GOT_MONEY = "state NOT IN ('expired', 'failed', 'cancelled')"


def add_money(cursor, own):
    cursor.execute("CREATE TEMP TABLE charged AS SELECT * FROM purchase WHERE paid")
    cursor.execute(f"CREATE TEMP TABLE taken AS SELECT * FROM charged WHERE {GOT_MONEY}")
    add_payments(cursor, own["payment"], f"charged.{GOT_MONEY}")
    add_observations(cursor)
    add_movements(cursor, own["movement"])
    profile_traces.add_refunds(cursor, own)


def add_payments(cursor, payment, got):
    reference = "'JE-' || lpad(n::text, 8, '0')"
    own_payment = {
        "id": "payment_",
        "subject": reference,
        "reference": f"{reference} || '-PAID'",
        "merchant_id": "merchant",
        "checkout_id": "md5('checkout' || n)",
        "transaction_id": f"CASE WHEN {got} THEN md5('transaction' || n) ELSE '' END",
        "transaction_code": f"CASE WHEN {got} THEN 'T' || n ELSE '' END",
        "state": f"CASE WHEN {got} THEN 'paid' ELSE 'expired' END",
        "closed_at": f"CASE WHEN {got} THEN NULL ELSE day END",
        "paid_at": f"CASE WHEN {got} THEN day END",
        "transacted_at": f"CASE WHEN {got} THEN day END",
        "next_check_at": "NULL",
        "created_at": "day",
        "deadline": "day + interval '15 minutes'",
    }
    seed.copy(cursor, "payments_payment", payment.pk, "charged", own_payment)


def add_observations(cursor):
    cursor.execute("SELECT min(id) FROM payments_observation")
    [observation] = cursor.fetchone()
    for question in ("create", "get", "transaction"):
        told = {"payment_id": "payment_", "at": "day", "question": f"'{question}'"}
        seed.copy(cursor, "payments_observation", observation, "charged", told)


def add_movements(cursor, movement):
    moved = {
        "merchant_id": "merchant",
        "sumup_id": "md5('transaction' || n)",
        "transaction_id": "md5('transaction' || n)",
        "transaction_code": "'T' || n",
        "payment_id": "payment_",
        "fee": "0.60",
        "at": "day",
        "seen_at": "day",
        "payout_reference": "'P' || merchant || to_char(day, 'YYYYMMDD')",
        "payout_date": "day::date + 1",
    }
    seed.copy(cursor, "payments_movement", movement.pk, "taken", moved)


def count_seats(cursor):
    """The counters say what the copied rows say."""
    for table, key in (("ticketing_eventsale", "sale_id"), ("ticketing_tickettype", "ticket_type_id")):
        cursor.execute(
            f"UPDATE {table} SET allocated = seats FROM (SELECT {key} AS pk, sum(allocated) AS seats "
            f"FROM ticketing_orderline GROUP BY {key}) AS counted WHERE id = pk"
        )
