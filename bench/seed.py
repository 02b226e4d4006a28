"""A grown-up database by SQL: thousands of events, each sold, a million tickets and all that hangs on them.

Every row is the copy of one that the product itself wrote, with its own keys, names and dates.
"""

from django.db import connection

STEP = 4  # letters a level in the path of Wagtail's tree, in base 36
BASE36 = """
CREATE FUNCTION base36(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', (number / power)::int % 36 + 1, 1), '')
  FROM unnest(ARRAY[46656, 1296, 36, 1]) AS power
$$
"""
STARTS = "now() + (1 + n % 365) * interval '1 day'"


def grow(order, *, events, tickets):
    """Copies the event of `order` (one line, completed, mailed) `events` times and the order until there are so many
    tickets, spread over the copies."""
    line = order.lines.get()
    with connection.cursor() as cursor:
        cursor.execute(BASE36)
        copy_events(cursor, line, events)
        copy_orders(cursor, order, line, tickets // line.quantity, events)
        count_seats(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copy_events(cursor, line, events):
    sale, kind = line.sale, line.ticket_type
    keys = {"sale": "ticketing_eventsale", "type": "ticketing_tickettype", "date": "events_pages_performance"}
    number(cursor, "event", events, page="wagtailcore_page", **keys)
    copy_pages(cursor, sale.page, "event", events)
    copy_date(cursor, sale.performance, "event", STARTS)
    counted = {"allocated": "0", "opens_at": "NULL", "closes_at": "NULL"}
    own = {"id": "sale", "page_id": "page", "performance_id": "date", "capacity": "1000"}
    copy(cursor, "ticketing_eventsale", sale.pk, "event", counted | own)
    copy(cursor, "ticketing_tickettype", kind.pk, "event", counted | {"id": "type", "sale_id": "sale"})


def copy_pages(cursor, page, numbers, count, **own):
    """Event pages like that one, beside it in the tree."""
    last = int(page.path[-STEP:], 36)
    tree = {
        "id": "page",
        "path": f"'{page.path[:-STEP]}' || base36({last} + n)",
        "title": "'Event ' || n",
        "slug": "'event-' || n",
        "url_path": f"'{page.url_path.rstrip('/')}-' || n || '/'",
        "translation_key": "gen_random_uuid()",
        "latest_revision_id": "NULL",
        "live_revision_id": "NULL",
    }
    copy(cursor, "wagtailcore_page", page.pk, numbers, tree)
    copy(cursor, "events_pages_eventpage", page.pk, numbers, {"page_ptr_id": "page"} | own)
    cursor.execute("UPDATE wagtailcore_page SET numchild = numchild + %s WHERE path = %s", [count, page.path[:-STEP]])


def copy_date(cursor, performance, numbers, starts):
    """Dates of three hours; `starts` is SQL."""
    own = {"starts_at": starts, "ends_at": f"{starts} + interval '3 hours'", "doors_at": "NULL", "is_long": "false"}
    copy(cursor, "events_pages_performance", performance.pk, numbers, {"id": "date", "page_id": "page"} | own)


def copy_orders(cursor, order, line, orders, events):
    number(cursor, "sold", orders, order_="ticketing_order", line_="ticketing_orderline")
    cursor.execute(
        f"CREATE TEMP TABLE purchase AS SELECT sold.*, event.sale, event.type FROM sold, event "
        f"WHERE event.n = sold.n % {events} + 1"
    )
    cursor.execute("ANALYZE purchase")
    reference, day = "'JE-' || lpad(n::text, 8, '0')", "now() - n % 365 * interval '1 day'"
    copy(
        cursor,
        "ticketing_order",
        order.pk,
        "purchase",
        {
            "id": "order_",
            "reference": reference,
            "token": "md5(n::text)",
            "basket_token": "md5('basket' || n)",
            "buyer_email": "'buyer' || n || '@example.je'",
            "created_at": day,
            "completed_at": day,
            "deadline": day,
        },
    )
    bought = {"id": "line_", "order_id": "order_", "sale_id": "sale", "ticket_type_id": "type"}
    copy(cursor, "ticketing_orderline", line.pk, "purchase", bought)
    for ticket in line.tickets.all():
        code = f"upper(substr(md5('ticket' || n || '-{ticket.number}'), 1, 16))"
        copy(cursor, "ticketing_ticket", ticket.pk, "purchase", {"line_id": "line_", "sale_id": "sale", "code": code})
    for delivery in order.deliveries.all():
        copy(cursor, "ticketing_delivery", delivery.pk, "purchase", {"order_id": "order_", "sent_at": day})
    copy_payment(cursor, order, reference, day)


def copy_payment(cursor, order, reference, day):
    cursor.execute("SELECT max(id) FROM payments_payment WHERE subject = %s", [order.reference])
    own = {
        "subject": reference,
        "reference": f"{reference} || '-PAID'",
        "checkout_id": "gen_random_uuid()",
        "created_at": day,
        "paid_at": day,
        "deadline": day,
    }
    copy(cursor, "payments_payment", cursor.fetchone()[0], "purchase", own)


def count_seats(cursor):
    """The counters say what the copied rows say."""
    for table, key in (("ticketing_eventsale", "sale"), ("ticketing_tickettype", "type")):
        cursor.execute(
            f"UPDATE {table} SET allocated = allocated + seats FROM "
            f"(SELECT {key} AS pk, count(*) * 2 AS seats FROM purchase GROUP BY {key}) AS counted WHERE id = pk"
        )


def number(cursor, name, wanted, **keys):
    """A temporary table of n = 1, 2, … up to `wanted`, or of that range, with a fresh key for each named table."""
    numbers = wanted if isinstance(wanted, range) else range(1, wanted + 1)
    columns = "".join(
        f", nextval(pg_get_serial_sequence('{table}', 'id')) AS {column}" for column, table in keys.items()
    )
    cursor.execute(
        f"CREATE TEMP TABLE {name} AS SELECT n{columns} FROM generate_series({numbers.start}, {numbers.stop - 1}) AS n"
    )


def copy(cursor, table, pk, numbers, changed):
    """One row of `table` for each row of `numbers`, like the one with that key but for what is `changed`.

    A key of its own sequence is left to it unless it is given.
    """
    columns = columns_of(cursor, table)
    key = columns[0]
    wanted = [name for name in columns if name != "id" or name in changed]
    values = [changed.get(name, f't."{name}"') for name in wanted]
    names = ", ".join(f'"{name}"' for name in wanted)
    cursor.execute(
        f'INSERT INTO {table} ({names}) SELECT {", ".join(values)} FROM {table} t, {numbers} WHERE t."{key}" = {pk}'
    )


def columns_of(cursor, table):
    """The primary key first."""
    with_key = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    key = connection.introspection.get_primary_key_column(cursor, table)
    return [key, *(name for name in with_key if name != key)]
