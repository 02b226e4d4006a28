"""What a grown site has besides orders: books, histories, refunds, people, files, and what its worker wrote down."""

from django.db import connection

from bench import seed

MERCHANTS, USERS, FILES, REVISIONS = 30, 300, 3_000, 3
OF_PAGE = (
    "SELECT t.id FROM {table} t JOIN django_content_type c ON c.id = content_type_id "
    "WHERE object_id = %s AND model IN ('page', 'eventpage')"
)


def add_merchants(cursor, mould):
    """SQL for the key of the merchant of a date k: every other date the mould, the rest turn by turn."""
    seed.number(cursor, "account", MERCHANTS, merchant="payments_merchantaccount")
    own = {"id": "merchant", "merchant_code": "'MBENCH' || n", "name": "'Merchant ' || n", "group_id": "NULL"}
    seed.copy(cursor, "payments_merchantaccount", mould.pk, "account", own)
    cursor.execute("SELECT array_agg(merchant) FROM account")
    [keys] = cursor.fetchone()
    return f"CASE k % 2 WHEN 1 THEN {mould.pk} ELSE (ARRAY{keys})[k / 2 % {MERCHANTS} + 1] END"


def add_refunds(cursor, own):
    """Of all that was given back; those of the batch belong to it."""
    sale, batch = own["public_sale"].pk, own["batch"].pk
    cursor.execute(
        "CREATE TEMP TABLE back AS SELECT *, nextval(pg_get_serial_sequence('payments_refund', 'id')) AS refund_, "
        f"nextval(pg_get_serial_sequence('ticketing_orderrefund', 'id')) AS given_, "
        f"CASE sale WHEN {sale} THEN {batch} END AS batch_ FROM charged WHERE state = 'refunded'"
    )
    subject = "'JE-' || lpad(n::text, 8, '0')"
    money = {
        "id": "refund_",
        "merchant_id": "merchant",
        "payment_id": "payment_",
        "subject": subject,
        "transaction_id": "md5('transaction' || n)",
        "amount": "24",
        "state": "'proved'",
        "event_id": "'e' || n",
        "next_attempt_at": "NULL",
        "created_at": "day",
        "sent_at": "day",
        "proved_at": "day",
    }
    seed.copy(cursor, "payments_refund", own["refund"].pk, "back", money)
    given = {
        "id": "given_",
        "order_id": "order_",
        "refund_id": "refund_",
        "batch_id": "batch_",
        "created_at": "day",
        "applied_at": "day",
    }
    seed.copy(cursor, "ticketing_orderrefund", first_key(cursor, "ticketing_orderrefund"), "back", given)
    cursor.execute(
        "INSERT INTO ticketing_orderrefund_tickets (orderrefund_id, ticket_id) "
        "SELECT given_, ticket_ FROM back JOIN issued USING (n)"
    )


def add_traces(cursor, own, mould, events):
    add_histories(cursor, own)
    add_books(cursor, own)
    add_worker_rows(cursor, own)
    add_people(cursor, own)
    add_files(cursor, own)
    add_page_rows(cursor, own, mould, events)
    add_selling_rows(cursor, own)


def add_histories(cursor, own):
    """The steps of every order and payment, as the log of changes has them."""
    steps = ("ticketing_order", "purchase", "order_", 1), ("payments_payment", "charged", "payment_", 2)
    for table, numbers, key, times in steps:
        app, _, model = table.partition("_")
        cursor.execute(
            "SELECT l.id FROM wagtailcore_modellogentry l JOIN django_content_type c ON c.id = content_type_id "
            "WHERE app_label = %s AND model = %s AND action LIKE '%%.state' LIMIT 1",
            [app, model],
        )
        [step] = cursor.fetchone()
        for _ in range(times):
            told = {"object_id": f"{key}::text", "uuid": "gen_random_uuid()", "timestamp": "day", "user_id": "NULL"}
            seed.copy(cursor, "wagtailcore_modellogentry", step, numbers, told)


def add_books(cursor, own):
    """A report for each merchant and day, a few things that differ, alerts."""
    cursor.execute(
        "CREATE TEMP TABLE report AS SELECT merchant, now()::date - n AS day_ "
        f"FROM (SELECT merchant FROM account UNION SELECT {own['merchant'].pk}) AS all_, generate_series(1, 1000) AS n"
    )
    told = {"merchant_id": "merchant", "day": "day_", "started_at": "day_", "finished_at": "day_", "error": "''"}
    seed.copy(cursor, "payments_reconciliationrun", own["run"].pk, "report", told)
    seed.number(cursor, "several", 20_000)
    state = "CASE WHEN n % 400 = 0 THEN 'open' ELSE 'cleared' END"
    differs = {"key": "'bench' || n", "day": "now()::date - n % 1000", "state": state}
    differs |= {"closed_at": "CASE WHEN n % 400 > 0 THEN now() END"}
    seed.copy(cursor, "payments_discrepancy", own["discrepancy"].pk, "several", differs)
    cursor.execute(
        'INSERT INTO payments_alert (key, severity, title, text, path, "to", attempts, last_error, raised_at, sent_at) '
        "SELECT 'bench' || n, 'notice', 'Something ' || n, '', '', '', 1, '', now() - n * interval '1 hour', now() "
        "FROM several"
    )


def add_worker_rows(cursor, own):
    """Two weeks of cycles and tasks, and as many failures as somebody forgot to look at."""
    seed.number(cursor, "minute", 20_160)
    moment = "now() - n * interval '1 minute'"
    cursor.execute(
        "INSERT INTO payments_cycle (kind, started_at, finished_at, items, calls, errors) "
        f"SELECT kind, {moment}, {moment}, n % 7, n % 7, 0 FROM minute, "
        "unnest(ARRAY['poll', 'watch', 'refunds']) AS kind ORDER BY n DESC"
    )
    run = {"name": "'payments.tasks.t' || n % 25", "started_at": moment, "finished_at": moment}
    run |= {"outcome": "CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'done' END"}
    seed.copy(cursor, "operations_taskrun", own["task_run"].pk, "minute", run)


def add_people(cursor, own):
    seed.number(cursor, "person", USERS, user_="auth_user")
    named = {"id": "user_", "username": "'staff' || n", "email": "'staff' || n || '@example.je'"}
    seed.copy(cursor, "auth_user", own["user"].pk, "person", named)
    cursor.execute("SELECT id FROM protection_signin ORDER BY id LIMIT 1")
    [sign_in] = cursor.fetchone()
    seed.number(cursor, "entrance", 100_000)
    at = {"at": "now() - n * interval '2 minutes'", "username": "'staff' || n % 300"}
    seed.copy(cursor, "protection_signin", sign_in, "entrance", at)
    cursor.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date) "
        "SELECT md5('session' || n), md5(n::text), now() + (n - 2000) * interval '1 second' FROM entrance "
        "WHERE n <= 50000"
    )


def add_files(cursor, own):
    seed.number(cursor, "file", FILES)
    told = {"title": "'Picture ' || n", "created_at": "now() - n * interval '1 hour'"}
    seed.copy(cursor, "wagtailimages_image", own["image"].pk, "file", told)
    seed.copy(cursor, "wagtaildocs_document", own["document"].pk, "file", told)
    seed.copy(cursor, "wagtailredirects_redirect", own["redirect"].pk, "file", {"old_path": "'/old/' || n"})


def add_page_rows(cursor, own, mould, events):
    """What Wagtail keeps of each page: what was saved, by whom, what it names, what finds it."""
    page = str(mould.pk)
    cursor.execute("SELECT min(id) FROM wagtailcore_revision")
    [revision] = cursor.fetchone()
    saved = {
        "object_id": "page::text",
        "created_at": "now() - n * interval '40 minutes'",
        "object_str": "'Event ' || n",
    }
    saved |= {"content": "jsonb_build_object('title', 'Event ' || n, 'pk', page)"}
    cursor.execute("SELECT min(id) FROM wagtailcore_pagelogentry")
    [step] = cursor.fetchone()
    told = {"page_id": "page", "uuid": "gen_random_uuid()", "timestamp": "now() - n * interval '1 hour'"}
    told |= {"label": "'Event ' || n"}
    for _ in range(REVISIONS):
        seed.copy(cursor, "wagtailcore_revision", revision, "event", saved)
        seed.copy(cursor, "wagtailcore_pagelogentry", step, "event", told)
    cursor.execute(OF_PAGE.format(table="wagtailcore_referenceindex"), [page])
    for [key] in cursor.fetchall():
        seed.copy(cursor, "wagtailcore_referenceindex", key, "event", {"object_id": "page::text"})
    cursor.execute(OF_PAGE.format(table="wagtailsearch_indexentry"), [page])
    words = "strip(to_tsvector('simple', 'event ' || n))"
    for [key] in cursor.fetchall():
        found = {"object_id": "page::text", "title": words, "autocomplete": words}
        seed.copy(cursor, "wagtailsearch_indexentry", key, "event", found)
    kinds = ("(SELECT array_agg(id) FROM events_pages_eventcategory)",)
    cursor.execute(
        "INSERT INTO events_pages_eventpage_categories (eventpage_id, eventcategory_id) "
        f"SELECT page, ({kinds[0]})[n % 2 + 1] FROM event"
    )


def add_selling_rows(cursor, own):
    """Baskets that were left, notices of changes, erasures."""
    seed.number(cursor, "left_", 20_000, basket="ticketing_basket")
    cursor.execute(
        "INSERT INTO ticketing_basket (id, token, extensions, buyer_name, buyer_email, created_at) "
        "SELECT basket, md5('left' || n), 0, '', '', now() - n * interval '4 seconds' FROM left_"
    )
    cursor.execute(
        "INSERT INTO ticketing_basketline (basket_id, ticket_type_id, quantity, unit_price, unit_fee) "
        "SELECT basket, type, 2, 12, 0 FROM left_ JOIN sold_date ON k = n"
    )
    seed.number(cursor, "change_", 3_000)
    cursor.execute("CREATE TEMP TABLE changed AS SELECT n, page, date FROM change_ JOIN sold_date ON k = n * 7")
    told = {"page_id": "page", "performance_id": "date", "state": "'sent'", "next_look_at": "NULL"}
    seed.copy(cursor, "ticketing_changenotice", own["notice"].pk, "changed", told)
    cursor.execute(
        "INSERT INTO ticketing_erasure (kind, subject, orders, tickets, baskets, at) "
        "SELECT 'retention', md5(n::text), 1, 2, 0, now() - n * interval '3 hours' FROM change_"
    )


def first_key(cursor, table):
    cursor.execute(f"SELECT min({connection.ops.quote_name('id')}) FROM {table}")
    return cursor.fetchone()[0]
