"""The tables of the restore's target: whether they hold rows, and how they get to the migrations of a backup."""

from dataclasses import replace

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from operations.backup import codec
from operations.backup.errors import DamagedBackup, NewerVersion
from operations.backup.snapshot import LEFT_OUT

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
