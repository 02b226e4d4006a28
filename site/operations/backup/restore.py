"""Restoring a backup: everything is checked before anything is changed; the rows come in one transaction.

First the tables of the target: whether they hold rows, and how they get to the migrations of the backup.
"""

from dataclasses import replace
from itertools import islice

from django.apps import apps
from django.core.cache import cache, caches
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from events_pages.models import EventPage
from events_pages.public import content_version
from events_pages.public.search_words import fold_pages
from operations.backup import codec, media, run_log
from operations.backup.errors import BackupError, DamagedBackup, NewerVersion, TargetNotEmpty
from operations.backup.snapshot import LEFT_OUT
from operations.enums import BackupRunKind
from payments.models import Payment
from protection.visitors import maintenance
from ticketing.domain.orders import fulfilment
from ticketing.domain.stock import allocation
from ticketing.models import Delivery, Erasure

OWNED_PREFIXES = ("ticketing_", "payments_", "events_pages_", "auth_user")
"""Tables that migrations leave empty: a row in one of them is worth keeping."""
NEVER_EMPTIED = ("django_migrations", "operations_keepingrun")


def check_known_migrations(migrations):
    """Raises NewerVersion when this version lacks a migration that the backup was made at."""
    unknown = sorted(set(migrations) - set(MigrationExecutor(connection).loader.disk_migrations))
    if unknown:
        names = ", ".join(".".join(pair) for pair in unknown[:3])
        words = f"This backup was made by a later version (it knows {names}): install that version, then restore."
        raise NewerVersion(words)


def tables_at_migrations(migrations):
    """{name: Table} of what a backup made at these migrations may hold: by our models of then, not by the backup."""
    executor = MigrationExecutor(connection)
    if set(migrations) == set(executor.loader.disk_migrations):
        return {table.name: table for table in codec.list_tables(LEFT_OUT)}
    state = executor.loader.project_state(_targets(executor, set(migrations)))
    return {table.name: table for table in codec.list_tables(LEFT_OUT, state.apps)}


def match_table_files(manifest):
    """The TableFiles that a restore loads, each with its Table as our models have it.

    Raises DamagedBackup for a table or a column that no model of ours had at the backup's migrations. What backups
    leave out (and earlier ones may not have) is passed over.
    """
    known = tables_at_migrations(manifest.migrations)
    kept = [each for each in manifest.tables if each.table.name not in LEFT_OUT]
    return [replace(each, table=_in_claimed_order(known.get(each.table.name), each.table)) for each in kept]


def _in_claimed_order(known, claimed):
    columns_of = {column.name: column for column in known.columns} if known else {}
    names = [column.name for column in claimed.columns]
    if sorted(names) != sorted(columns_of):
        words = f"This backup holds {claimed.name} with columns that no table of this site had: it is not ours."
        raise DamagedBackup(words)
    return replace(known, columns=tuple(columns_of[name] for name in names))


def find_occupied_table():
    """The first table of ours that has a row; "" when a restore would delete nothing."""
    return next((name for name in list_own_tables() if name.startswith(OWNED_PREFIXES) and _has_rows(name)), "")


def list_own_tables():
    """The site's own tables in the database, which it may share; those of the search come first."""
    prefixes = tuple(f"{config.label}_" for config in apps.get_app_configs())
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    names = [name for name in connection.introspection.table_names() if name.startswith(prefixes) or name in models]
    return sorted(names, key=lambda name: (not name.endswith("_fts"), name))


def migrate_schema_to(migrations):
    """Brings the schema to exactly these migrations: nothing to do if it is there, else every table is made again."""
    if set(MigrationExecutor(connection).loader.applied_migrations) != set(migrations):
        drop_own_tables()
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor, set(migrations)))


def _targets(executor, migrations):
    """The leaves of a set of migrations: those that no other one of the same app in it depends on."""
    nodes = executor.loader.graph.node_map
    known = {key for key in migrations if key in nodes}
    followed = {(key, child.key) for key in known for child in nodes[key].children if child.key in known}
    return sorted(known - {key for key, child in followed if key[0] == child[0]})


def drop_own_tables():
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in [*list_own_tables(), "django_migrations"]:
            if name in connection.introspection.table_names(cursor):
                cascade = "" if connection.vendor == "sqlite" else " CASCADE"
                cursor.execute(f'DROP TABLE IF EXISTS "{name}"{cascade}')


def empty_own_tables(cursor):
    """Deletes the rows of every table of ours except NEVER_EMPTIED, in the caller's transaction."""
    names = [f'"{name}"' for name in list_own_tables() if name not in NEVER_EMPTIED and "_fts" not in name]
    if connection.vendor == "postgresql":
        cursor.execute(f"TRUNCATE {', '.join(names)}")
        return
    for name in names:
        cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - names of our own tables


def migrate_to_latest():
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _has_rows(name):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608 - one of our own tables
        return cursor.fetchone() is not None


ROWS_PER_STATEMENT = 2000  # rows of one statement on SQLite


def restore_backup(found, *, force=False, storage=default_storage, say=lambda words: None):
    """Makes this database and its media what they were when the Archive was made. Returns the BackupRun.

    Raises BackupError with nothing changed for a backup of a later version, and for a target that holds rows unless
    `force`. Rows of the target are deleted; media files that the backup lacks stay.
    """
    check_known_migrations(found.manifest.migrations)
    known = match_table_files(found.manifest)
    if not force and (table := find_occupied_table()):
        raise TargetNotEmpty(f"The target is not empty ({table} has rows): --force puts the backup in its place.")
    with run_log.record_run(BackupRunKind.RESTORE, found.name) as run:
        asked = list_erasures_since(found.manifest.started_at)
        load_rows(found, known, say)
        carry_over_erasures(asked, say)
        for tar in found.tars:
            media.restore_uploads(tar, storage)
        run.rows, run.files, run.size = found.manifest.rows, len(found.manifest.media), found.manifest.size
        rebuild_derived_data(say)
    return run


def list_erasures_since(moment):
    """The certificates of erasures after that moment; [] when the target has no such table."""
    try:
        with transaction.atomic():
            return list(Erasure.objects.filter(at__gt=moment).order_by("pk"))
    except DatabaseError:
        return []


def carry_over_erasures(rows, say):
    """Keeps the certificates, so that the nightly purge erases again whom the backup brings back (decision 15)."""
    for row in rows:
        row.pk, row.by, at = None, None, row.at
        row.save(force_insert=True)
        Erasure.objects.filter(pk=row.pk).update(at=at)
    if rows:
        say(f"{len(rows)} erasures of after the backup are carried over: the nightly purge repeats them")


def load_rows(found, known, say):
    """Loads all rows or none: one transaction, in which every constraint is checked. Raises BackupError."""
    migrate_schema_to(found.manifest.migrations)
    try:
        _replace_rows(found, known)
    except DatabaseError as error:
        raise BackupError(f"The rows do not fit into this database, none was taken: {error}") from error
    say(f"{found.manifest.rows:,} rows loaded, every constraint holds")
    migrate_to_latest()


def _replace_rows(found, known):
    with connection.constraint_checks_disabled(), transaction.atomic():
        with connection.cursor() as cursor:
            connection.check_constraints()  # nothing may be left to check when PostgreSQL truncates
            empty_own_tables(cursor)
            for table_file in known:
                LOADERS[connection.vendor](cursor, table_file.table, found.path(table_file.part))
                set_next_id(cursor, table_file)
        connection.check_constraints()


def rebuild_derived_data(say):
    """Rebuilds the search index and the folded words, and empties the caches."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    call_command("update_index", verbosity=0)
    fold_pages(EventPage.objects.all())
    cache.clear()
    caches["limits"].clear()
    content_version.purge_pages()
    maintenance.forget_sentence()
    say("search index made anew, kept pages forgotten")


def load_into_postgresql(cursor, table, path):
    with codec.open_table_file(path) as file:
        cursor.copy_expert(f'COPY "{table.name}" ({table.names}) FROM STDIN', file)


def load_into_sqlite(cursor, table, path):
    values = ", ".join(column.to_sqlite(number) for number, column in enumerate(table.columns, start=1))
    query = f'INSERT INTO "{table.name}" ({table.names}) VALUES ({values})'  # noqa: S608 - names of our models
    rows = map(codec.split_line, codec.read_lines(path))
    while some := list(islice(rows, ROWS_PER_STATEMENT)):
        with connection.wrap_database_errors:
            connection.connection.executemany(query, some)  # past Django, which keeps statements when DEBUG is on


LOADERS = {"postgresql": load_into_postgresql, "sqlite": load_into_sqlite}


def set_next_id(cursor, table_file):
    """No key that was ever used is used again. SQLite says 0 for a table without rows, which setval does not take."""
    if table_file.next_id is None:
        return
    name, key = table_file.table.name, table_file.table.key.name
    if connection.vendor == "postgresql":
        given = [f'"{name}"', key, max(table_file.next_id, 1), table_file.next_id > 0]
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", given)
        return
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, table_file.next_id])


def describe_restored_database(manifest):
    """Sentences for whoever restored: the stock's audit, what the worker will do first, what the backup cannot know."""
    yield from describe_stock_audit()
    yield from describe_due_work()
    day = timezone.localtime(manifest.started_at).date()
    yield (
        f"Money that arrived after {timezone.localtime(manifest.started_at):%Y-%m-%d %H:%M} is not in the backup: "
        f"`manage.py reconcile_payments --from {day}` names it."
    )
    yield "Orders placed after it are gone, their tickets open no door, and mails sent after it may go out twice."
    yield "People erased after that are back, but for those whom this database still knew: `manage.py erase_person`."


def describe_stock_audit():
    drifts, oversold = allocation.audit_counters(), allocation.list_oversold()
    for drift in drifts:
        yield f"Stock: {drift}"
    for row in oversold:
        yield f"Stock: {row._meta.verbose_name} {row.pk} is OVERSOLD, {row.rows} seats taken"
    if not (drifts or oversold):
        yield "Stock: all counters agree with their rows."


def describe_due_work():
    now = timezone.now()
    due = Payment.objects.filter(next_check_at__lte=now).count()
    owed = Delivery.objects.filter(next_attempt_at__lte=now).count()
    yield f"The worker would ask SumUp about {due} payments and send {owed} mails that were owed then."
    for order in fulfilment.list_stuck_orders():
        yield f"Order {order.reference} waits for somebody since {order.deadline:%Y-%m-%d %H:%M} UTC."
