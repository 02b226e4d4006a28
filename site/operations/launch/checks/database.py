"""The database: its constraints on seats and amounts, its counters, its version and its migrations."""

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.facts import list_constrained_models
from operations.launch.registry import green, red, register_check
from ticketing.domain.stock import allocation

SEATS = {"sale_never_oversold", "type_never_oversold", "order_line_seats_bounded", "ticket_once_per_seat"}
OLDEST_POSTGRESQL = 14  # PostgreSQL's, for Django 5.2


@register_check("oversell-guard", gettext_lazy("No seat is sold twice"))
def check_oversell_guard(facts):
    if missing := sorted(SEATS - facts.constraints):
        return report_missing(missing)
    return green(_("The database refuses it by itself (%(count)d constraints).") % {"count": len(SEATS)})


@register_check("amounts", gettext_lazy("Amounts are checked by the database"))
def check_amounts(facts):
    wanted = {constraint.name for model in list_constrained_models() for constraint in model._meta.constraints}
    if missing := sorted(wanted - facts.constraints - SEATS):
        return report_missing(missing)
    return green(_("All %(count)d constraints on money, orders and refunds are in place.") % {"count": len(wanted)})


@register_check("capacity", gettext_lazy("Seats add up"), is_slow=True)
def check_capacity(facts):
    drifts, oversold = allocation.audit_counters(), allocation.list_oversold()
    if oversold:
        return red(_("Oversold: %(count)d.") % {"count": len(oversold)}, _("`manage.py audit_capacity` names them."))
    if drifts:
        return red(
            _("%(count)d counters differ from the seats that were taken.") % {"count": len(drifts)},
            _("Run `manage.py audit_capacity --repair`."),
        )
    return green(_("Every counter agrees with the seats that were taken."))


def report_missing(missing):
    return red(
        _("The database lacks %(names)s.") % {"names": ", ".join(missing)},
        _("Run `manage.py migrate`; if that does nothing, somebody dropped it by hand: restore it."),
    )


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
