"""Statistics of the database: size, connections, locks, long statements, dead rows.

Read in a fixed number of statements from what the database keeps anyway: no table is scanned or locked, so that a
migration which holds one cannot stop the answer. Statements are shown without their values, which name people.
"""

from dataclasses import dataclass, field
from datetime import datetime
from numbers import Real
from pathlib import Path

from django.db import Error as DatabaseTrouble
from django.db import connection, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.logs.redaction import scrub_text

SLOW = 1  # second: what runs for longer is counted
TABLES = STATEMENTS = 10  # shown
LONGEST_SHOWN = 300  # characters of a statement
CROWDED = 0.8  # of the connections that the server allows
OPEN_TOO_LONG = 300  # seconds
DEAD_SHARE, DEAD_ROWS = 0.2, 10_000  # autovacuum begins at a fifth
LARGE_LOG = 256 * 1024 * 1024  # bytes
FREE_SHARE, FREE_BYTES = 0.5, 256 * 1024 * 1024

SERVER = """
    SELECT pg_database_size(current_database()),
           count(*) FILTER (WHERE backend_type = 'client backend'),
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
           count(*) FILTER (WHERE ours AND state = 'active' AND now - query_start > %s * interval '1 second'),
           coalesce(extract(epoch FROM max(now - xact_start) FILTER (WHERE ours)), 0),
           count(*) FILTER (WHERE ours AND wait_event_type = 'Lock'),
           (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database())
    FROM (SELECT *, clock_timestamp() AS now, datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend' AS ours FROM pg_stat_activity) AS activity
"""
LARGEST_TABLES = """
    SELECT s.relname, s.n_live_tup, s.n_dead_tup, greatest(s.last_vacuum, s.last_autovacuum),
           (greatest(c.relpages, 0) + coalesce(t.relpages, 0) + coalesce((SELECT sum(i.relpages) FROM pg_index AS x
            JOIN pg_class AS i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0))
           * current_setting('block_size')::bigint AS bytes
    FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid
    LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
    WHERE s.schemaname = current_schema() ORDER BY bytes DESC, s.relname LIMIT %s
"""
STATISTICS_OF_STATEMENTS = """
    SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements'
"""
# Other kinds of statement keep their values in the text.
LONGEST_STATEMENTS = r"""
    SELECT query, calls, mean_exec_time, total_exec_time FROM {}.pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
          AND query ~* '^\s*(select|insert|update|delete|with)\M'
    ORDER BY total_exec_time DESC LIMIT %s
"""


@dataclass(frozen=True)
class TableStats:
    """`bytes` includes its indexes, as of the last vacuum; `dead` rows wait for the next."""

    name: str
    rows: int
    dead: int
    cleaned_at: datetime | None
    bytes: int

    @property
    def waits_to_be_cleared(self):
        return self.dead > DEAD_ROWS and self.dead > DEAD_SHARE * (self.rows + self.dead)


@dataclass(frozen=True)
class StatementStats:
    """One kind of statement, without its values. Milliseconds."""

    text: str
    calls: int
    mean: Real
    total: Real

    @property
    def seconds(self):
        return self.total / 1000


@dataclass(frozen=True)
class ServerStats:
    """PostgreSQL. Times in seconds; `statements` is None where the server keeps no statistics of them."""

    bytes: int
    connections: int
    allowed: int
    slow: int
    oldest_transaction: Real
    waiting: int
    deadlocks: int
    tables: list = field(default_factory=list)
    statements: list | None = None

    def troubles(self):
        if self.connections >= CROWDED * self.allowed:
            words = _("%(used)d of %(allowed)d connections are taken: fewer web processes, or a larger database.")
            yield words % {"used": self.connections, "allowed": self.allowed}
        if self.oldest_transaction > OPEN_TOO_LONG:
            minutes = int(self.oldest_transaction // 60)
            words = ngettext(
                "A transaction has been open for %(n)d minute: nothing is cleared up behind it.",
                "A transaction has been open for %(n)d minutes: nothing is cleared up behind it.",
                minutes,
            )
            yield words % {"n": minutes}
        for table in self.tables:
            if table.waits_to_be_cleared:
                words = _("%(table)s has %(dead)d dead rows beside %(rows)d: VACUUM ANALYZE %(table)s clears them.")
                yield words % {"table": table.name, "dead": table.dead, "rows": table.rows}


@dataclass(frozen=True)
class FileStats:
    """SQLite, in bytes: `log` is what is not yet written into the file itself, `free` what VACUUM would give back."""

    bytes: int
    free: int
    log: int
    tables: list = field(default_factory=list)
    statements: list | None = None

    def troubles(self):
        if self.log > LARGE_LOG:
            words = _("The log beside the file has grown to %(size)s: something has been reading for very long.")
            yield words % {"size": filesizeformat(self.log)}
        if self.free > FREE_BYTES and self.free > FREE_SHARE * self.bytes:
            words = _("%(size)s of the file are empty: VACUUM gives them back, while nobody sells.")
            yield words % {"size": filesizeformat(self.free)}


def read_database_stats(*, with_statements=False):
    """ServerStats or FileStats. Raises `django.db.Error`."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return read_server_stats(cursor, with_statements=with_statements)
        return read_file_stats(cursor)


def read_server_stats(cursor, *, with_statements):
    cursor.execute(SERVER, [SLOW])
    figures = cursor.fetchone()
    cursor.execute(LARGEST_TABLES, [TABLES])
    tables = [TableStats(*row) for row in cursor.fetchall()]
    return ServerStats(*figures, tables, read_longest_statements(cursor) if with_statements else None)


def read_longest_statements(cursor):
    """Those that took most time altogether; None where the server keeps no statistics of them."""
    cursor.execute(STATISTICS_OF_STATEMENTS)
    found = cursor.fetchone()
    if not found:
        return None
    try:
        with transaction.atomic():
            cursor.execute(LONGEST_STATEMENTS.format(connection.ops.quote_name(found[0])), [STATEMENTS])
            rows = cursor.fetchall()
    except DatabaseTrouble:  # the extension is there, and the server was not started with it
        return None
    return [StatementStats(scrub_text(" ".join(text.split())[:LONGEST_SHOWN]), *figures) for text, *figures in rows]


def read_file_stats(cursor):
    page, pages, free = (read_pragma(cursor, name) for name in ("page_size", "page_count", "freelist_count"))
    return FileStats(page * pages, page * free, log_file_size())


def read_pragma(cursor, name):
    cursor.execute(f"PRAGMA {name}")
    return cursor.fetchone()[0]


def log_file_size():
    """Bytes in the write-ahead log beside the file; 0 for a database in memory."""
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    try:
        return log.stat().st_size
    except OSError:
        return 0
