"""A consistent snapshot of the database, read while others go on writing.

PostgreSQL: one REPEATABLE READ, READ ONLY transaction on a connection of its own. SQLite: one deferred transaction, in
which WAL shows what was there when it began. Neither blocks a writer.
"""

from contextlib import contextmanager, nullcontext

from django.db import connections

from operations import locks
from operations.backup import codec
from operations.backup.errors import BackupRunning

# What a backup leaves out, and why. Their tables are empty after a restore.
LEFT_OUT = {
    "django_session": "whoever was signed in signs in again",
    "protection_staffsession": "goes with the sessions",
    "wagtailadmin_editingsession": "who has which editor open",
    "wagtailsearch_indexentry": "made anew from the rows",
    "wagtailsearch_indexentry_fts": "the same",
    "wagtailimages_rendition": "made anew from the originals",
    "operations_heartbeat": "workers that were alive then",
    "operations_launchfinding": "what a worker saw of that database; this one's looks for itself",
    "operations_keepingrun": "the log of this database's backups; a restore leaves the target's own",
}
LOCK = 0x6A657273  # "jers": one backup of a database at a time
BUSY = "A backup of this database is being made just now."


class Snapshot:
    def __init__(self, connection):
        self.connection = connection
        self.engine = connection.vendor

    def tables(self):
        return codec.list_tables(LEFT_OUT)

    def dump(self, table, out):
        """Writes the lines of a table, in the order of its key, to `out.write(bytes)`. Returns how many rows."""
        return self._copy(table, out) if self.engine == "postgresql" else self._select(table, out)

    def _copy(self, table, out):
        order = f'{table.key.quoted} COLLATE "C"' if table.key.kind == codec.ColumnKind.TEXT else table.key.quoted
        with self.connection.cursor() as cursor:
            values = ", ".join(column.from_postgres for column in table.columns)
            query = f'SELECT {values} FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - names of our models
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", out)
            return cursor.rowcount

    def _select(self, table, out):
        line = " || char(9) || ".join(column.from_sqlite for column in table.columns)
        query = f'SELECT {line} FROM "{table.name}" ORDER BY {table.key.quoted}'  # noqa: S608 - names of our models
        rows = 0
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            while lines := cursor.fetchmany(2000):
                out.write("".join([f"{codec.strip_unstorable(line, table)}\n" for (line,) in lines]).encode())
                rows += len(lines)
        return rows

    def next_id(self, table):
        """The highest key ever given, so that none is given twice; None for a table without a sequence."""
        with self.connection.cursor() as cursor:
            if self.engine == "sqlite":
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
                return next(iter(cursor.fetchone() or ()), None)
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key.name])
            if not (sequence := cursor.fetchone()[0]):
                return None
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")  # noqa: S608 - its name
            return cursor.fetchone()[0]


@contextmanager
def open_snapshot(using="default", *, alone=True):
    """Yields the Snapshot of this moment. Raises BackupRunning while somebody else makes a backup.

    Inside a transaction the caller's own is the moment (a test's).
    """
    ours = connections[using]
    if ours.in_atomic_block:
        yield Snapshot(_at_utc(ours))
        return
    own = ours.copy(f"{using}-snapshot")
    try:
        with _one_at_a_time(own) if alone else nullcontext(), _moment(own):
            yield Snapshot(own)
    finally:
        own.close()


@contextmanager
def _moment(connection):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            _at_utc(connection)
        else:
            cursor.execute("BEGIN DEFERRED")
            cursor.execute("SELECT 1 FROM sqlite_master")  # the first look is the moment
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _at_utc(connection):
    """Times as UTC and dates as ISO, whatever the server is set to."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL DateStyle TO ISO; SET LOCAL bytea_output TO hex")
    return connection


@contextmanager
def _one_at_a_time(connection):
    with locks.exclusive_lock(connection, key=LOCK, name="backup") as take:
        if not take():
            raise BackupRunning(BUSY)
        yield
