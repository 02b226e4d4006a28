"""Where everything is written down."""

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.registry import green, red, register_check

OLDEST_POSTGRESQL = 14  # PostgreSQL's, for Django 5.2


@register_check("database", gettext_lazy("PostgreSQL"))
def check_postgresql(facts):
    if connection.vendor != "postgresql":
        return red(
            _("The database is %(name)s: one machine, one writer.") % {"name": connection.display_name},
            _("Set DATABASE_URL to a PostgreSQL database."),
        )
    connection.ensure_connection()
    version = connection.pg_version // 10_000
    if version < OLDEST_POSTGRESQL:
        return red(_("PostgreSQL %(version)d is too old.") % {"version": version}, _("Use 14 or newer."))
    return green(_("PostgreSQL %(version)d answers.") % {"version": version})


@register_check("migrations", gettext_lazy("Migrations applied"))
def check_migrations(facts):
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in waiting[:3])
        return red(
            _("Not applied: %(count)d, first %(names)s.") % {"count": len(waiting), "names": names},
            _("Run `manage.py release`."),
        )
    return green(_("All applied to “%(alias)s”.") % {"alias": DEFAULT_DB_ALIAS})
