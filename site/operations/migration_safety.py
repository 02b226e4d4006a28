"""Migrations that would stop the site: old code and new code run side by side while a release goes out.

Old processes still read and write as their own models say, and PostgreSQL locks a table while some changes are made.
What is refused here takes two releases, or a reason in ACCEPTED.
"""

from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

APPS = ("events_pages", "operations", "payments", "protection", "ticketing")
# The last migrations that went out before this check; what is in them has happened.
RELEASED = {"events_pages": "0001_initial", "payments": "0002_every_penny", "ticketing": "0003_alerts"}
# Tables that grow with every purchase or page view: building an index keeps writers waiting for minutes.
HOT = {
    *("basket", "basketline", "order", "orderline", "ticket", "checkin", "delivery"),
    *("payment", "observation", "movement", "alert", "signin", "taskrun"),
}
# "app.migration: what it does" and why it is safe all the same
ACCEPTED = {
    "ticketing.0004_launch: Create index basket_address on field(s) address, created_at of model basket": (
        "baskets live for minutes: a small table"
    ),
    "ticketing.0004_launch: Create index delivery_message on field(s) message_id of model delivery": (
        "one row per mail: well below a second for 200,000 of them"
    ),
    "ticketing.0013_performance_rules: Create constraint admitted_once_per_performance on model checkin": (
        "one row per scan, of accepted ones alone: below a second for 200,000 of them"
    ),
    "ticketing.0015_change_notice: Create constraint delivery_once_per_notice on model delivery": (
        "of rows about a notice alone, of which there are none yet"
    ),
    "ticketing.0015_change_notice: Create constraint delivery_of_a_kind_or_a_notice on model delivery": (
        "one row per mail, read once: well below a second for 200,000 of them"
    ),
}

GONE = "old code still reads and writes it; take it out of the code first, out of the database a release later"
RENAMED = "old code knows the old name; add the new one, copy, and drop the old one a release later"
REQUIRED = "old code inserts rows without it; give it a db_default, or let it be null"
NARROWED = "rows or old code may not fit; widen or add a column instead"
LOCKS = (
    "writers wait while it is built; use common.migration_operations.AddIndexQuietly in a migration with atomic = False"
)
UNCHECKED = "nobody can tell what it locks; say so in ACCEPTED"
MIXED = "rows and tables in one migration hold the tables' locks as long as the rows take; make it two"

SCHEMA = (ops.AddField, ops.RemoveField, ops.AlterField, ops.CreateModel, ops.DeleteModel, ops.AddIndex)
PLAIN = {
    ops.RemoveField: GONE,
    ops.DeleteModel: GONE,
    ops.RenameField: RENAMED,
    ops.RenameModel: RENAMED,
    ops.AlterModelTable: RENAMED,
    ops.RunSQL: UNCHECKED,
}


def list_unsafe_operations():
    """A sentence per operation that is refused; [] when a release may go out beside the old code."""
    loader = MigrationLoader(None)
    found = []
    for key in _new_migrations(loader):
        state = loader.project_state([key], at_end=False)
        operations = loader.graph.nodes[key].operations
        found += [f"{key[0]}.{key[1]}: {words}" for words in find_unsafe_operations(operations, key[0], state)]
    return [words for words in found if words.rpartition(": ")[0] not in ACCEPTED]


def find_unsafe_operations(operations, app, state):
    made = {each.name_lower for each in operations if isinstance(each, ops.CreateModel)}
    named = {each.name_lower for each in operations if _only_names_its_table(each, app, state)}
    for operation in operations:
        if isinstance(operation, ops.SeparateDatabaseAndState):
            yield from find_unsafe_operations(operation.database_operations, app, state)
        elif _only_names_its_table(operation, app, state) or _keeps_its_table(operation, app, state, named):
            continue
        elif getattr(operation, "model_name_lower", None) not in made and (why := _why_unsafe(operation, app, state)):
            yield f"{operation.describe()}: {why}"
    if _mixes_rows_and_tables(operations):
        yield f"RunPython beside changes of tables: {MIXED}"


def _only_names_its_table(operation, app, state):
    if not isinstance(operation, ops.AlterModelTable):
        return False
    options = state.models[app, operation.name_lower].options
    return operation.table == options.get("db_table", f"{app}_{operation.name_lower}")


def _keeps_its_table(operation, app, state, named):
    """A model that is renamed in the code alone: its table has a name of its own, or was given it just before."""
    if not isinstance(operation, ops.RenameModel):
        return False
    name = operation.old_name_lower
    return name in named or "db_table" in state.models[app, name].options


def _mixes_rows_and_tables(operations):
    kinds = {isinstance(each, SCHEMA) for each in operations if isinstance(each, (ops.RunPython, *SCHEMA))}
    return len(kinds) == 2


def _new_migrations(loader):
    for key in sorted(loader.disk_migrations):
        if key[0] in APPS and key[1] > RELEASED.get(key[0], ""):
            yield key


def _why_unsafe(operation, app, state):
    for kind, why in PLAIN.items():
        if isinstance(operation, kind):
            return why
    if isinstance(operation, ops.AddField):
        return _why_not_added(operation)
    if isinstance(operation, ops.AlterField):
        return _why_not_altered(operation, state.models[app, operation.model_name_lower].fields[operation.name])
    if type(operation) is ops.AddIndex or isinstance(operation, ops.AddConstraint):
        return LOCKS if operation.model_name_lower in HOT else ""
    return ""


def _why_not_added(operation):
    field = operation.field
    if not field.many_to_many and not field.null and field.db_default is NOT_PROVIDED:
        return REQUIRED
    indexed = field.db_index or field.unique
    return LOCKS if indexed and operation.model_name_lower in HOT else ""


def _why_not_altered(operation, before):
    after = operation.field
    required = before.null and not after.null
    shorter = (before.max_length or 0) > (after.max_length or 0) > 0 or (after.max_length and not before.max_length)
    other = before.get_internal_type() != after.get_internal_type()
    stricter = after.unique and not before.unique
    return NARROWED if required or shorter or other or stricter else ""
