"""The target's tables: whether they hold anything, and how they come to the migrations that a backup was made at."""

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from operations.backup.errors import TooNew

OURS = ("ticketing_", "payments_", "events_pages_", "auth_user")
"""Tables that migrations leave empty: a row in one of them is somebody's."""
KEPT = ("django_migrations", "operations_keepingrun")


def check_known(migrations):
    """Raises TooNew when this version lacks a migration that the backup was made at."""
    unknown = sorted(set(migrations) - set(MigrationExecutor(connection).loader.disk_migrations))
    if unknown:
        names = ", ".join(".".join(pair) for pair in unknown[:3])
        raise TooNew(f"This backup was made by a later version (it knows {names}): install that version, then restore.")


def holds_something():
    """The first table of ours that has a row; "" for a target that a restore would take nothing from."""
    return next((name for name in tables() if name.startswith(OURS) and _has_rows(name)), "")


def tables():
    """The site's own tables that are there, whatever else shares the database; the search's come first."""
    prefixes = tuple(f"{config.label}_" for config in apps.get_app_configs())
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    names = [name for name in connection.introspection.table_names() if name.startswith(prefixes) or name in models]
    return sorted(names, key=lambda name: (not name.endswith("_fts"), name))


def bring_to(migrations):
    """The schema of the backup: as it is if it fits, else every table made anew."""
    if set(MigrationExecutor(connection).loader.applied_migrations) != set(migrations):
        drop_everything()
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor, set(migrations)))


def _targets(executor, migrations):
    """The last of each app: migrations that no other one of the same app in the set stands on."""
    nodes = executor.loader.graph.node_map
    known = {key for key in migrations if key in nodes}
    followed = {(key, child.key) for key in known for child in nodes[key].children if child.key in known}
    return sorted(known - {key for key, child in followed if key[0] == child[0]})


def drop_everything():
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in [*tables(), "django_migrations"]:
            if name in connection.introspection.table_names(cursor):
                cascade = "" if connection.vendor == "sqlite" else " CASCADE"
                cursor.execute(f'DROP TABLE IF EXISTS "{name}"{cascade}')


def empty(cursor):
    """Every table of ours but the keeper's own; in the caller's transaction."""
    names = [f'"{name}"' for name in tables() if name not in KEPT and "_fts" not in name]
    if connection.vendor == "postgresql":
        cursor.execute(f"TRUNCATE {', '.join(names)}")
        return
    for name in names:
        cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - names of our own tables


def forward():
    """To this version's migrations, and the cache's table, which no migration makes."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _has_rows(name):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608 - one of our own tables
        return cursor.fetchone() is not None
