"""Bringing a backup back: everything is read and checked before anything is touched, then one transaction."""

from itertools import islice

from django.core.cache import cache, caches
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from events_pages.models import EventPage
from events_pages.public import page_cache
from events_pages.public.search_words import fold_pages
from operations.backup import codec, media, run_log, schema, table_file
from operations.backup.errors import BackupError, TargetNotEmpty
from operations.enums import BackupRunKind
from protection.visitors import maintenance
from ticketing.models import Erasure

ROWS_PER_STATEMENT = 2000  # rows of one statement on SQLite


def restore_backup(found, *, force=False, storage=default_storage, say=lambda words: None):
    """Makes this database and its media what they were when the Archive was made. Returns the KeepingRun.

    Raises KeepingError with nothing changed: for a backup of a later version, and for a target that holds something
    unless `force`. Rows of the target go; media files that the backup lacks stay.
    """
    schema.check_known_migrations(found.manifest.migrations)
    known = schema.match_table_files(found.manifest)
    if not force and (table := schema.find_occupied_table()):
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
    """What people asked for after the backup was made, as far as the target knows it."""
    try:
        with transaction.atomic():
            return list(Erasure.objects.filter(at__gt=moment).order_by("pk"))
    except DatabaseError:
        return []


def carry_over_erasures(rows, say):
    """The certificates come along, so that the nightly purge erases again whom the backup brings back (decision 15)."""
    for row in rows:
        row.pk, row.by, at = None, None, row.at
        row.save(force_insert=True)
        Erasure.objects.filter(pk=row.pk).update(at=at)
    if rows:
        say(f"{len(rows)} erasures of after the backup are carried over: the nightly purge repeats them")


def load_rows(found, known, say):
    """The rows, and only when all of them fit: one transaction, every constraint checked in it."""
    schema.migrate_schema_to(found.manifest.migrations)
    try:
        _replace_rows(found, known)
    except DatabaseError as error:
        raise BackupError(f"The rows do not fit into this database, none was taken: {error}") from error
    say(f"{found.manifest.rows:,} rows loaded, every constraint holds")
    schema.migrate_to_latest()


def _replace_rows(found, known):
    with connection.constraint_checks_disabled(), transaction.atomic():
        with connection.cursor() as cursor:
            connection.check_constraints()  # nothing may be left to check when PostgreSQL truncates
            schema.empty_own_tables(cursor)
            for sheet in known:
                LOADERS[connection.vendor](cursor, sheet.table, found.path(sheet.part))
                set_next_id(cursor, sheet)
        connection.check_constraints()


def rebuild_derived_data(say):
    """What is made of the rows is made anew, and nothing kept from before is shown."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    call_command("update_index", verbosity=0)
    fold_pages(EventPage.objects.all())
    cache.clear()
    caches["limits"].clear()
    page_cache.purge_pages()
    maintenance.forget_sentence()
    say("search index made anew, kept pages forgotten")


def load_into_postgresql(cursor, table, path):
    with table_file.open_table_file(path) as file:
        cursor.copy_expert(f'COPY "{table.name}" ({table.names}) FROM STDIN', file)


def load_into_sqlite(cursor, table, path):
    values = ", ".join(column.to_sqlite(number) for number, column in enumerate(table.columns, start=1))
    query = f'INSERT INTO "{table.name}" ({table.names}) VALUES ({values})'  # noqa: S608 - names of our models
    rows = map(codec.split_line, table_file.read_lines(path))
    while some := list(islice(rows, ROWS_PER_STATEMENT)):
        with connection.wrap_database_errors:
            connection.connection.executemany(query, some)  # past Django, which keeps statements when DEBUG is on


LOADERS = {"postgresql": load_into_postgresql, "sqlite": load_into_sqlite}


def set_next_id(cursor, sheet):
    """No key that was ever given is given again. SQLite says 0 where none was, which PostgreSQL's sequences lack."""
    if sheet.next_id is None:
        return
    name, key = sheet.table.name, sheet.table.key.name
    if connection.vendor == "postgresql":
        given = [f'"{name}"', key, max(sheet.next_id, 1), sheet.next_id > 0]
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", given)
        return
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, sheet.next_id])
